"""A request's body into messages: one for six of the endpoints, many for batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.domain.events.refusals import Malformed, Refused
from shared.domain.events.size_limits import BATCH_EVENTS, EVENT_BYTES, MESSAGE_ID_LENGTH, event_bytes

BATCH = "batch"
ENDPOINTS = {
    "identify": "identify", "track": "track", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
    "batch": BATCH, "import": BATCH,
    # The browser SDK shortens the names.
    "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": BATCH,
}  # fmt: skip
"""Last part of the path to the type of its messages; ``import`` is the old name of batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of one request, in the order sent. A single endpoint's is a batch of one, with its type set."""

    messages: list[Any]
    sent_at: Any
    oversize: frozenset[int]
    """Places of messages larger than one event may be."""


def split_body(body: Any, endpoint: str, size: int) -> Batch:
    """The messages of a body of ``size`` bytes; the top-level context of a batch is merged into each.

    Raises
    ------
    Malformed
        If the body is no object, or a batch without a list, or with too many messages.
    """
    if type(body) is not dict:
        raise Malformed("the body must be a JSON object")
    if endpoint != BATCH:
        return Batch([body | {"type": endpoint}], body.get("sentAt"), frozenset({0} if size > EVENT_BYTES else ()))
    messages = body.get("batch")
    if type(messages) is not list:
        raise Malformed("a batch needs the list batch of its events")
    if len(messages) > BATCH_EVENTS:
        raise Malformed(f"a batch may hold at most {BATCH_EVENTS} events")
    oversize = frozenset(
        place for place, one in enumerate(messages) if size > EVENT_BYTES and event_bytes(one) > EVENT_BYTES
    )
    shared = body.get("context")
    if type(shared) is dict and shared:
        messages = [_with_context(one, shared) for one in messages]
    return Batch(messages, body.get("sentAt"), oversize)


def check_size(batch: Batch, place: int) -> None:
    """Refuse a message that was too large as it was sent."""
    if place in batch.oversize:
        raise Refused(f"the event is larger than {EVENT_BYTES // 1024} KB", "too_large")


def named_id(message: Any) -> str | None:
    """The messageId to answer a refusal with: as sent if it is text, cut to its allowed length."""
    raw = message.get("messageId") if type(message) is dict else None
    return raw[:MESSAGE_ID_LENGTH] if type(raw) is str else None


def _with_context(message: Any, shared: dict[str, Any]) -> Any:
    """The message's own context wins, part by part."""
    if type(message) is not dict:
        return message
    own = message.get("context")
    if own is None:
        return message | {"context": shared}
    return message | {"context": _merged(shared, own)} if type(own) is dict else message


def _merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = shared | own
    for name, value in shared.items():
        other = own.get(name)
        if type(value) is dict and type(other) is dict:
            merged[name] = value | other
    return merged
