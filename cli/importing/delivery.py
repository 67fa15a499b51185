"""One batch to the endpoint, until it is durable there or it is clear that it cannot be."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from cli.failure import Failure
from cli.importing.endpoint import Answer
from shared.domain.events.source_counts import field_pattern

PATIENCE_SECONDS = 300.0
"""How long one batch is tried; then the import ends, and the same command goes on later."""
LONGEST_PAUSE = 30.0
FIRST_PAUSE = 0.5
_AGAIN = frozenset({0, 408, 425, 429, 500, 502, 503, 504})
_TOO_MUCH = frozenset({400, 413})
_REASON_LENGTH = 300


class Abandoned(Exception):
    """The import was stopped while this batch waited for its next attempt. It is not in, as far as anybody knows."""


class Clock(Protocol):
    """Time that passes, and a pause that ends early when the import is stopped."""

    def now(self) -> float: ...
    def pause(self, seconds: float) -> bool:
        """True if the import was stopped."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """``post`` sends one body. Sending a batch twice is harmless: the API overwrites each event with itself.

    ``warnings`` counts what the API took and could not use, by field and reason; ``accepted["events"]`` what it took.
    Threads may share it.
    """

    post: Callable[[bytes], Answer]
    clock: Clock
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, events: list[bytes]) -> dict[int, str]:
        """The refused events, place in the batch to reason; all others are durable when this returns.

        429, 5xx and silence are tried again, after ``Retry-After`` if it is given. A batch that is refused as a whole
        is halved, so that one event that something on the way does not let through costs itself only.

        Raises
        ------
        Failure
            If the endpoint refuses the key, speaks something else, or does not take the batch in time.
        Abandoned
            If the import was stopped meanwhile.
        """
        if not events:
            return {}
        answer = self._patiently(b'{"batch":[' + b",".join(events) + b"]}")
        if answer.status == 200:
            said = _said(answer, len(events))
            with self._lock:
                self.warnings.update(_warnings(said))
                self.accepted["events"] += int(said["accepted"])
            return {int(one["index"]): str(one["reason"]) for one in said["rejected"]}
        if answer.status not in _TOO_MUCH:
            raise Failure(f"the endpoint answered {answer.status}: {_sentence(answer)}")
        if len(events) == 1:
            return {0: _sentence(answer)}
        half = len(events) // 2
        first, second = self.deliver(events[:half]), self.deliver(events[half:])
        return first | {half + place: reason for place, reason in second.items()}

    def _patiently(self, body: bytes) -> Answer:
        began, pause = self.clock.now(), FIRST_PAUSE
        while True:
            answer = self.post(body)
            if answer.status not in _AGAIN:
                return answer
            asked = _asked_pause(answer.retry_after)
            wait = pause * random.uniform(0.75, 1.25) if asked is None else asked  # noqa: S311 - spreads, no secret
            pause = min(pause * 2, LONGEST_PAUSE)
            if self.clock.now() + wait - began > PATIENCE_SECONDS:
                why = _sentence(answer) if answer.status else answer.body.decode(errors="replace")
                said = f"answered {answer.status}" if answer.status else "did not answer"
                raise Failure(f"the endpoint {said} for {PATIENCE_SECONDS / 60:.0f} minutes ({why})")
            if self.clock.pause(wait):
                raise Abandoned


def _asked_pause(header: str | None) -> float | None:
    """Seconds, or a date (RFC 9110); never less than a moment. None if it says nothing."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return max(float(text[:9]), 0.1)
    try:
        until = parsedate_to_datetime(text)
        return max((until.astimezone(UTC) - datetime.now(UTC)).total_seconds(), 0.1)
    except (ValueError, TypeError, OverflowError):
        return None


def _said(answer: Answer, sent: int) -> dict[str, Any]:
    """The answer, if it speaks of every event that was sent."""
    try:
        said: Any = json.loads(answer.body)
        refused = {int(one["index"]): str(one["reason"]) for one in said["rejected"]}
        if said["accepted"] + len(refused) == sent and all(0 <= place < sent for place in refused):
            return dict(said)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise Failure("the endpoint's answer is not that of Kervan's API: is the address right?")


def _warnings(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    listed = said.get("warnings", [])
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            yield field_pattern(str(one.get("field", ""))), str(one.get("reason", ""))


def _sentence(answer: Answer) -> str:
    try:
        said = json.loads(answer.body)
        text = str(said.get("message") or said.get("error") or said)
    except (ValueError, AttributeError, RecursionError):
        text = answer.body.decode(errors="replace")
    return " ".join(text.split())[:_REASON_LENGTH] or "nothing more"
