"""What the answer of a gateway says about the message, by the rules of its definition."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from shared.domain.senders.gateway import AnswerDefinition, AnswerRule

Kind = Literal["accepted", "unreachable", "refused", "retry", "ambiguous"]
ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is a stable word; ``provider_id`` the operator's id, if the answer holds one."""

    kind: Kind
    reason: str = ""
    provider_id: str = ""


def verdict(answer: AnswerDefinition, status: int, body: bytes) -> Verdict:
    """The first rule that holds decides.

    Without one: 401, 403 and 429 say "not now" (credentials, limits), another 4xx refuses the message, and everything
    else is ambiguous, a success that no rule knows included.
    """
    text = body.decode("utf-8", "replace")
    content = _json(text)
    kinds: tuple[tuple[Kind, list[AnswerRule]], ...] = (
        ("accepted", answer.accepted),
        ("unreachable", answer.unreachable),
        ("refused", answer.refused),
        ("retry", answer.retry),
    )
    for kind, rules in kinds:
        held = next((rule for rule in rules if _holds(rule, status, text, content)), None)
        if held is not None:
            found = _id(answer, text, content) if kind == "accepted" else ""
            return Verdict(kind, held.reason or "", found)
    if status in {401, 403, 429}:
        return Verdict("retry", f"status_{status}")
    return Verdict("refused" if 400 <= status < 500 else "ambiguous", f"status_{status}")


def at_path(content: Any, path: str) -> Any:
    """``response.status.code``, ``items.0.id``; None if there is no such thing."""
    for part in path.split("."):
        if isinstance(content, dict):
            content = content.get(part)
        elif isinstance(content, list) and part.isdigit() and len(part) < 6 and int(part) < len(content):
            content = content[int(part)]
        else:
            return None
    return content


def as_text(value: Any) -> str:
    """A JSON value as it is compared: ``00`` and ``"00"`` differ in JSON and mean the same to operators."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _holds(rule: AnswerRule, status: int, text: str, content: Any) -> bool:
    said = str(status)
    if rule.statuses and not any(one in {said, f"{said[0]}xx"} for one in rule.statuses):
        return False
    if rule.text is not None and re.search(rule.text, text) is None:
        return False
    return all(_one_of(at_path(content, path), wanted) for path, wanted in rule.json_.items())


def _one_of(value: Any, wanted: Any) -> bool:
    options: Iterable[Any] = wanted if isinstance(wanted, list) else (wanted,)
    return value is not None and any(as_text(value) == as_text(option) for option in options)


def _id(answer: AnswerDefinition, text: str, content: Any) -> str:
    if answer.id is None:
        return ""
    if answer.id.json_ is not None:
        return as_text(at_path(content, answer.id.json_))[:ID_LENGTH]
    found = re.search(answer.id.text, text) if answer.id.text else None
    return "" if found is None else (found[1] if found.re.groups else found[0])[:ID_LENGTH]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
