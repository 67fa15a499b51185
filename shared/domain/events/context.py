"""What is kept of an event's context (facts: context worth keeping); the rest is the SDK talking about itself."""

from __future__ import annotations

from typing import Any

_TEXTS = ("timezone", "locale", "ip", "userAgent", "channel")
_PARTS = {
    "campaign": ("name", "source", "medium", "term", "content"),
    "device": ("id", "type", "token"),
    "page": ("url", "path", "referrer", "title", "search"),
    "os": ("name",),
    "app": ("name",),
}


HISTORY = "history"
"""``context.history: true`` marks an event as imported history: it is folded, and begins no journey."""


def kept_context(context: dict[str, Any], *, trusted: bool) -> dict[str, Any]:
    """The known texts and parts, without empty ones; ``active`` only if it is false (then it is no visit).

    Only a trusted source may mark history: nobody else keeps a customer's journeys from beginning.
    """
    kept: dict[str, Any] = {}
    for name in _TEXTS:
        value = context.get(name)
        if type(value) is str and value:
            kept[name] = value
    for name, fields in _PARTS.items():
        part = context.get(name)
        if type(part) is dict:
            inner = {field: part[field] for field in fields if type(part.get(field)) is str and part[field]}
            if inner:
                kept[name] = inner
    if context.get("active") is False:
        kept["active"] = False
    if trusted and context.get(HISTORY) is True:
        kept[HISTORY] = True
    return kept
