"""Restriction of processing and objection, as marks on a customer's identifiers (GDPR 18 and 21, KVKK 11).

A mark is said by one case and holds until that case lifts it. Marks are joined as sets, so the order of reading,
repetitions and merged identifiers cannot change what holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Held(StrEnum):
    """RESTRICT: data are kept, and nothing is decided or sent. OBJECT: no marketing and no profiling; messages about
    orders stay."""

    RESTRICT = "restrict"
    OBJECT = "object"


class Mark(Struct, frozen=True):
    """``case``: the id of the case that said so. ``root``: the customer that it was said for, as a keyed digest."""

    right: Held
    case: str
    root: str
    since: datetime
    lifted_at: datetime | None = None


class Span(Struct, frozen=True):
    """A time in which a right held, of one or several cases (``case``: the first); ``lifted_at`` is None while it
    does."""

    case: str
    since: datetime
    lifted_at: datetime | None


def spans(marks: Iterable[Mark], right: Held) -> list[Span]:
    """When this right held, the oldest first. Cases that overlap are one span: it ends when none holds any more."""
    by_case: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.right is right:
            by_case.setdefault(mark.case, []).append(mark)
    cases = [_span(case, said) for case, said in by_case.items()]
    joined: list[Span] = []
    for one in sorted(cases, key=lambda span: (span.since, span.case)):
        last = joined[-1] if joined else None
        if last is None or (last.lifted_at is not None and last.lifted_at < one.since):
            joined.append(one)
        elif last.lifted_at is not None:
            ends = None if one.lifted_at is None else max(last.lifted_at, one.lifted_at)
            joined[-1] = Span(last.case, last.since, ends)
    return joined


def _span(case: str, marks: Iterable[Mark]) -> Span:
    said = list(marks)
    lifted = [mark.lifted_at for mark in said if mark.lifted_at is not None]
    return Span(case, min(mark.since for mark in said), min(lifted, default=None))


def in_force(marks: Iterable[Mark], right: Held) -> Mark | None:
    """The oldest mark of this right that no case has lifted."""
    return next(iter(all_in_force(marks, right)), None)


def all_in_force(marks: Iterable[Mark], right: Held) -> list[Mark]:
    """One mark of each case about this right that has not lifted it, the oldest first.

    A case is lifted if any of its marks says so: it was marked on several identifiers, and lifting them may have
    stopped half way.
    """
    found = [mark for mark in marks if mark.right is right]
    lifted = {mark.case for mark in found if mark.lifted_at is not None}
    youngest_first = sorted(found, key=lambda mark: (mark.since, mark.root), reverse=True)
    held = {mark.case: mark for mark in youngest_first if mark.case not in lifted}
    return sorted(held.values(), key=lambda mark: (mark.since, mark.case))
