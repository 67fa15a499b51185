"""Restriction of processing and objection, as marks on a customer's identifiers (GDPR 18 and 21, KVKK 11).

A mark is said by one case and holds until that case lifts it. Marks are joined as sets, so the order of reading,
repetitions and merged identifiers cannot change what holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Held(StrEnum):
    """RESTRICT: data are kept, and nothing is decided or sent. OBJECT: no marketing and no profiling; messages about
    orders stay."""

    RESTRICT = "restrict"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Mark:
    """``case``: the id of the case that said so. ``root``: the customer that it was said for, as a keyed digest."""

    right: Held
    case: str
    root: str
    since: datetime
    lifted_at: datetime | None = None


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
