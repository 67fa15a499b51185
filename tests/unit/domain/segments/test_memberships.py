"""Waking only for an event and for the armed timer: memberships are right at every instant between, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from hypothesis import given

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.segments.memberships import memberships
from tests.support.cases import UNIT, cases
from tests.support.segment_boundaries import boundaries
from tests.support.segment_cases import Case, segment_cases
from tests.support.world import KEYS

pytestmark = UNIT

HORIZON = timedelta(days=100)


class Clockwork:
    """One customer as segmentation keeps it: memberships, and one timer that is armed only for an earlier instant."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.inside: Mapping[str, int] = {}
        self.armed: int | None = None

    def decide(self, now: datetime) -> None:
        case = self.case
        profile = case.profile(case.arrived(now), case.consents)
        found = memberships(case.definitions, profile, case.shop, now, self.inside, address_keys=KEYS)
        self.inside = found.segments
        armed = self.armed if self.armed is not None and self.armed > milliseconds(now) else None
        due = None if found.next_flip is None else milliseconds(found.next_flip)
        self.armed = due if due is not None and (armed is None or due < armed) else armed

    def run_until(self, now: datetime) -> None:
        """Every timer that is due by then fires in its millisecond."""
        while self.armed is not None and self.armed <= milliseconds(now):
            self._fire(self.armed)

    def _fire(self, due: int) -> None:
        self.decide(moment(due))
        assert self.armed != due, "it wakes for ever"


def whole_millisecond(when: datetime) -> datetime:
    """The first at or after it: timers know no finer ones."""
    return moment(-(-(when - moment(0)) // timedelta(milliseconds=1)))


@cases(30, 3_000)
@given(segment_cases(depth=1, rules=2))
def test_membership_is_right_at_every_instant_though_it_is_looked_at_only_when_due(case: Case) -> None:
    clockwork = Clockwork(case)
    arrivals = sorted({one.event.received_at for one in case.told})
    ends = [*arrivals[1:], arrivals[-1] + HORIZON] if arrivals else []
    for arrival, end in zip(arrivals, ends, strict=True):
        clockwork.run_until(arrival)
        clockwork.decide(arrival)
        history = case.history(case.arrived(arrival), case.consents)
        later = boundaries(case.definitions, history, case.shop, arrival)
        between = [one for one in map(whole_millisecond, later) if one < end]
        for instant in (arrival, *between):
            clockwork.run_until(instant)
            truly = {rule.segment for rule in case.definitions if case.holds(rule, history, instant)}
            assert clockwork.inside.keys() == truly, instant
