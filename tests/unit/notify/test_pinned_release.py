"""A message is decided by the release that its enrollment pins."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from functions.notify.send_context import ReleaseUnknown
from shared.domain.definitions.release import Release
from shared.domain.messages.message import Reason, Skipped
from shared.stores.releases import Releases
from tests.unit.notify.world import MORNING, SHOP, TEMPLATES, Shopping, request

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> Shopping:
    made = Shopping()
    made.ayse()
    return made


def test_nothing_is_sent_without_the_release_that_the_enrollment_pins(shop: Shopping) -> None:
    """Who ordered must not be reminded because the exit rule cannot be read: it is tried again, and never guessed."""
    Releases(shop.catalog).publish(Release(0, SHOP, (), (), tuple(TEMPLATES.values())))
    part = shop.catalog.get("release#1", "part#000")
    assert part is not None
    shop.catalog = copy.copy(shop.catalog)  # so that nobody has read it before
    shop.catalog.delete("release#1", "part#000")
    shop.send("Order Completed", at=MORNING - timedelta(minutes=1), order_id="o1", products=[{"product_id": "other"}])
    with pytest.raises(ReleaseUnknown):
        shop.notifying().handle(request("email"), MORNING)
    assert shop.sender.sent == []
    shop.catalog.put(part)
    assert shop.notifying().handle(request("email"), MORNING).outcome == Skipped(Reason.STOPPED_ORDERED)


def test_a_journey_that_is_not_in_the_release_sends_nothing(shop: Shopping) -> None:
    """There is no exit rule to ask."""
    record = shop.notifying().handle(request("email", journey="other"), MORNING)
    assert record.outcome == Skipped(Reason.JOURNEY_STOPPED)
