"""Messages that come too late, pile up, or are deferred by a cap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.journeys.enrollment import HandedOver
from shared.domain.journeys.step_state import Pending, Settled, on_its_way_or_late
from tests.unit.schedule.short_journeys import EMAIL, ist
from tests.unit.schedule.world import CART_RECOVERY, World

pytestmark = pytest.mark.unit


def test_what_comes_too_late_is_skipped_with_the_reason() -> None:
    """Nothing ticked for two days: the reminder and the offer are stale, the last one is on time."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.now = ist(4, 12)
    world.tick()
    world.until(ist(20, 0))
    assert world.sent == [("last", "email", ist(5, 10))]
    assert world.reasons()["reminder", "push"] == "stale"
    assert world.reasons()["offer", "email"] == "stale"


def test_of_two_that_pile_up_the_later_is_kept() -> None:
    """A cap holds the reminder until the offer is due: the offer goes out, the reminder is recorded as piled up."""
    steps = tuple(step.model_copy(update={"fresh_for": timedelta(hours=48)}) for step in CART_RECOVERY.steps)
    world = World(reachable=EMAIL, journeys=(CART_RECOVERY.model_copy(update={"steps": steps}),))
    world.caps_until = ist(3, 10)
    world.add(ist(2, 10))
    world.until(ist(4, 0))
    assert world.sent == [("offer", "email", ist(3, 10))]
    assert world.reasons()["reminder", "email"] == "piled_up"


def test_a_deferred_message_comes_when_the_cap_allows() -> None:
    """Notify defers, the enrollment hands the same message over again, and it is sent once."""
    world = World(reachable=EMAIL)
    world.caps_until = ist(2, 16)
    world.add(ist(2, 10))
    world.until(ist(3, 0))
    assert world.sent == [("reminder", "email", ist(2, 16))]


def test_a_deferral_that_was_overtaken_by_the_cart_starts_over() -> None:
    """The cart changes while the reminder waits for its cap: nothing was sent, so the clock restarts."""
    world = World(reachable=EMAIL)
    world.caps_until = ist(2, 13)
    world.add(ist(2, 10))
    world.until(ist(2, 12, 30))
    world.add(ist(2, 12, 30), "p2")
    world.until(ist(3, 0))
    assert world.sent == [("reminder", "email", ist(2, 13, 30))]


def test_at_the_end_of_its_freshness_a_message_on_its_way_is_settled() -> None:
    """``fresh_until`` itself is too late for notify, so nothing is waited for at that moment: an enrollment whose last
    message got no answer ends then, not with the minute after."""
    step = CART_RECOVERY.sends[0]
    due = ist(2, 11)
    handed = HandedOver(step.channels_in_order, due, due)
    before = due + step.fresh_for - timedelta(microseconds=1)
    assert isinstance(on_its_way_or_late(step, handed, due, before), Pending)
    assert on_its_way_or_late(step, handed, due, due + step.fresh_for) == Settled(step, due)
