"""When a conversation was a complaint, a return or a refund: that holds marketing (requirement N10)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

HOLDING = frozenset({"complaint", "return", "refund"})
MOST_SPANS = 20


class CaseSpan(Struct, frozen=True):
    """``until`` is None while it is open."""

    kind: str
    since: datetime
    until: datetime | None = None


def with_kind(spans: tuple[CaseSpan, ...], kind: str, at: datetime) -> tuple[CaseSpan, ...]:
    """The spans after the conversation became of this kind: what was open of another kind ends."""
    ended = tuple(
        replace(span, until=max(at, span.since)) if span.until is None and span.kind != kind else span for span in spans
    )
    return opened_as(ended, kind, at)


def opened_as(spans: tuple[CaseSpan, ...], kind: str, at: datetime) -> tuple[CaseSpan, ...]:
    """The spans with one of this kind that is open, if the kind holds marketing. The oldest closed ones go first."""
    if kind in HOLDING and not any(span.until is None and span.kind == kind for span in spans):
        spans = (*spans, CaseSpan(kind, at))
    return spans[-MOST_SPANS:]
