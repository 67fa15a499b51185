"""When the next channel of a step is tried: nobody reacts, or nobody is reachable."""

from __future__ import annotations

import pytest

from tests.unit.schedule.short_journeys import EMAIL, ist
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def test_no_reaction_goes_to_the_next_channel_after_four_hours() -> None:
    """A push that nobody taps is followed by an e-mail four hours later, within the same step."""
    world = World()
    world.add(ist(2, 10))
    world.until(ist(2, 18))
    assert world.sent == [("reminder", "push", ist(2, 11)), ("reminder", "email", ist(2, 15))]


@pytest.mark.parametrize("name", ["Push Notification Tapped", "Product Viewed"])
def test_a_reaction_spares_the_next_channel(name: str) -> None:
    """A tap or a visit after the push, and the e-mail is not sent."""
    world = World()
    world.add(ist(2, 10))
    world.until(ist(2, 12, 30))
    world.event(name, ist(2, 12, 30), product_id="p1")
    world.until(ist(2, 20))
    assert world.sent == [("reminder", "push", ist(2, 11))]


def test_unreachable_goes_to_the_next_channel_at_once() -> None:
    """Without a push token the e-mail goes out in the same minute, and no second one follows."""
    world = World(reachable=EMAIL)
    world.add(ist(2, 10))
    world.until(ist(2, 23))
    assert world.sent == [("reminder", "email", ist(2, 11))]
