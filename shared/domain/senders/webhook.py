"""What an operator posts to a webhook: whether it is the operator, and the reports and replies in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from shared.domain.senders.answers import as_text, at_path
from shared.domain.senders.gateway import HookCheck, HookDefinition

MOST_ITEMS = 1_000
"""Of one request; operators send a hundred at most."""
TOLERANCE_SECONDS = 300


class UnreadableHook(ValueError):
    """The body holds no items. The message repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class HookReport:
    """``failure`` is a stable word, None for a delivery. The message is named by one of the two ids."""

    message_id: str
    provider_id: str
    failure: str | None


@dataclass(frozen=True, slots=True)
class HookReply:
    """``reply_id`` is empty if the operator gives none."""

    number: str
    text: str
    reply_id: str


def is_genuine(
    check: HookCheck, secret: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Whether the request proves that its sender has the secret; compared in constant time.

    A signature with a timestamp covers ``<timestamp>.<body>`` and is good for five minutes.
    """
    if check.hmac_header is None:
        given = headers.get(check.header.lower(), "") if check.header else query.get(check.query or "", "")
        return _same(given.removeprefix("Bearer "), secret)
    signed = body
    if check.timestamp_header is not None:
        timestamp = headers.get(check.timestamp_header.lower(), "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            return False
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
            return False
        signed = timestamp.encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    wanted = digest.hex() if check.encoding == "hex" else base64.b64encode(digest).decode()
    given = headers.get(check.hmac_header.lower(), "").removeprefix("sha256=")
    return _same(given.lower() if check.encoding == "hex" else given, wanted)


def read_hook(hook: HookDefinition, content_type: str, body: bytes) -> list[HookReport | HookReply]:
    """The reports and replies of a body of JSON or of a form; items that are neither are left out.

    Raises
    ------
    UnreadableHook
        If the body cannot be read, or holds more than a thousand items.
    """
    content = _content(content_type, body)
    items = content if hook.items is None else at_path(content, hook.items)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise UnreadableHook("the body holds no list of at most 1000 items")
    found = (_report(hook, item) or _reply(hook, item) for item in items)
    return [one for one in found if one is not None]


def _report(hook: HookDefinition, item: Any) -> HookReport | None:
    rule = hook.reports
    if rule is None:
        return None
    status = as_text(at_path(item, rule.status))
    message_id = as_text(at_path(item, rule.message_id)) if rule.message_id else ""
    provider_id = as_text(at_path(item, rule.provider_id)) if rule.provider_id else ""
    if not status or not (message_id or provider_id):
        return None
    if status in rule.delivered:
        return HookReport(message_id, provider_id, None)
    failure = rule.failed.get(status)
    return None if failure is None else HookReport(message_id, provider_id, failure)


def _reply(hook: HookDefinition, item: Any) -> HookReply | None:
    rule = hook.replies
    if rule is None:
        return None
    number, text = as_text(at_path(item, rule.from_)), as_text(at_path(item, rule.text))
    if not number or not text:
        return None
    return HookReply(number, text, as_text(at_path(item, rule.id)) if rule.id else "")


def _content(content_type: str, body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
        return json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise UnreadableHook("the body is neither JSON nor a form") from broken


def _same(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())
