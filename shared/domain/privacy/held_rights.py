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
    """The oldest mark of this right that no case has lifted.

    A case is lifted if any of its marks says so: it was marked on several identifiers, and lifting them may have
    stopped half way.
    """
    found = [mark for mark in marks if mark.right is right]
    lifted = {mark.case for mark in found if mark.lifted_at is not None}
    held = [mark for mark in found if mark.case not in lifted]
    return min(held, key=lambda mark: (mark.since, mark.case), default=None)
