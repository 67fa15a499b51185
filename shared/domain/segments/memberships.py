"""All memberships of one customer at one instant, and when to decide again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.address import Keys
from shared.domain.profile.profile import Profile
from shared.domain.segments.definition import LEAVES, InSegment, SegmentDefinition
from shared.domain.segments.evaluate import evaluate_segment
from shared.domain.segments.evaluation_result import Evaluation
from shared.domain.segments.membership_since import last_change
from shared.domain.segments.subject import Subject

EXACT = frozenset(LEAVES.values()) - {InSegment}
"""Nodes whose ``valid_until`` is the change itself."""
LOOKS = 50
"""The most instants ahead that are looked at for a change."""


class Memberships(Struct, frozen=True):
    """``segments``: name to the millisecond since when the rule is true, given all facts. ``left_at``: of those that
    were left, since when it is false.

    ``next_flip``: the first whole millisecond at which one can have changed: timers know nothing finer, and one that
    fired before the change would be armed for the same millisecond again.
    """

    segments: Mapping[str, int]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    next_flip: datetime | None
    left_at: Mapping[str, int] = field(default_factory=dict)
    subject: Subject | None = None
    """The customer as the rules asked about him. Comparison and ``repr`` leave him out."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Memberships):
            return NotImplemented
        return self._said() == other._said()

    __hash__ = None  # type: ignore[assignment]  # it holds dictionaries

    def __repr__(self) -> str:
        return f"Memberships{self._said()!r}"

    def _said(self) -> tuple[object, ...]:
        return self.segments, self.entered, self.left, self.next_flip, self.left_at


def memberships(
    definitions: Iterable[SegmentDefinition],
    profile: Profile,
    shop: Shop,
    now: datetime,
    before: Mapping[str, int],
    *,
    address_keys: Keys | None = None,
    dead: Mapping[str, datetime] | None = None,
    recount: bool = False,
) -> Memberships:
    """Which segments hold at ``now``, and since when (``last_change``).

    Where the facts know of no time before, an entry counts from ``now``. Who was in already keeps the time since when,
    unless ``recount`` says that something of the past was told only now.

    ``address_keys`` and ``dead`` (push tokens given up): as ``Subject`` has them.
    """
    by_name = {definition.segment: definition for definition in definitions}
    subject = Subject(profile, shop, by_name, address_keys, dead=dead or {})
    inside: dict[str, int] = {}
    holds: dict[str, Evaluation] = {}
    for name, definition in by_name.items():
        truth = evaluate_segment(definition, subject, now)
        holds[name] = truth
    past = subject.past()

    def since(name: str, otherwise: int) -> int:
        turned = last_change(by_name[name], past, now) if name in by_name else None
        return otherwise if turned is None else min(milliseconds(_whole(turned)), milliseconds(now))

    for name, truth in holds.items():
        if truth.value:
            known = before.get(name)
            inside[name] = since(name, known or milliseconds(now)) if known is None or recount else known
    left = tuple(sorted(before.keys() - inside.keys()))
    return Memberships(
        inside,
        tuple(sorted(inside.keys() - before.keys())),
        left,
        _next_flip(holds, by_name, subject),
        {name: since(name, milliseconds(now)) for name in left},
        subject,
    )


def _next_flip(
    holds: Mapping[str, Evaluation], definitions: Mapping[str, SegmentDefinition], subject: Subject
) -> datetime | None:
    """The first instant at which one of them really is another.

    The parts of a composed node turn without turning the whole; to look there now is cheaper than to be woken then and
    to read the customer. After so many looks that one seems endless the instant is taken as it is, which is safe.
    """
    next_looks = {name: truth.valid_until for name, truth in holds.items() if truth.valid_until is not None}
    for _ in range(LOOKS):
        if not next_looks:
            return None
        name = min(next_looks, key=lambda one: (next_looks[one], one))
        due = _whole(next_looks[name])
        if type(definitions[name].who) in EXACT:
            return due
        then = evaluate_segment(definitions[name], subject, due)
        if then.value is not holds[name].value:
            return due
        if then.valid_until is None:
            del next_looks[name]
        else:
            next_looks[name] = then.valid_until
    return _whole(min(next_looks.values())) if next_looks else None


def _whole(instant: datetime) -> datetime:
    floor = moment(milliseconds(instant))
    return floor if floor == instant else moment(milliseconds(instant) + 1)
