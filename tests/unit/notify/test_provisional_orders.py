"""Marketing waits for an order that only a public source reported, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from shared.domain.identity.keys import milliseconds
from shared.domain.messages.message import Deferred, Reason, Skipped, State
from shared.domain.time.local_time import next_permitted
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> Shopping:
    """Orders count from trusted sources only."""
    made = Shopping()
    made.publish(SHOP.model_copy(update={"orders_from": "trusted"}))
    rules = made.world.rules
    made.world.rules = replace(rules, features=structs.replace(rules.features, orders_from="trusted"))
    made.ayse()
    return made


def asked(shop: Shopping, at: datetime = MORNING, **more: Any) -> Any:
    return shop.notifying().handle(request("email", release=2, **more), at)


def test_an_order_that_nobody_confirmed_holds_the_reminder_for_an_hour(shop: Shopping) -> None:
    """A page says that she ordered: the reminder waits, names the order, and goes out when the shop says nothing."""
    reported = MORNING - timedelta(minutes=20)
    shop.send("Order Completed", at=reported, order_id="S-1", total=10, trusted=False)
    held = asked(shop)
    assert held.outcome == Deferred(reported + timedelta(hours=1), Reason.PROVISIONAL_ORDER)
    assert [(one["kind"], one["id"]) for one in held.outcome.evidence] == [("order", "S-1")]
    assert asked(shop, reported + timedelta(hours=1)).state is State.SENT


def test_an_order_reported_every_hour_holds_no_longer(shop: Shopping) -> None:
    """The hour counts from when the message was due, at the most."""
    for minute in (30, 55, 80):
        at = MORNING + timedelta(minutes=minute)
        shop.send("Order Completed", at=at, order_id=f"S-{minute}", total=10, trusted=False)
    assert asked(shop, MORNING + timedelta(minutes=59)).state is State.DEFERRED
    assert asked(shop, MORNING + timedelta(minutes=60)).state is State.SENT


def test_a_confirmed_order_stops_it_for_good(shop: Shopping) -> None:
    """The till names the same order: the reminder is over."""
    shop.send("Order Completed", at=MORNING - timedelta(minutes=20), order_id="S-1", total=10, trusted=False)
    shop.send("Order Completed", at=MORNING - timedelta(minutes=10), order_id="S-1", total=10)
    assert asked(shop).outcome == Skipped("stopped_ordered")


def test_an_old_report_hides_no_new_one(shop: Shopping) -> None:
    """The hour of yesterday's order is over; that of today's is not."""
    reported = MORNING - timedelta(minutes=20)
    shop.send("Order Completed", at=MORNING - timedelta(hours=5), order_id="S-0", total=10, trusted=False)
    shop.send("Order Completed", at=reported, order_id="S-1", total=10, trusted=False)
    since = milliseconds(MORNING - timedelta(hours=6))
    assert asked(shop, clock_ms=since).outcome == Deferred(reported + timedelta(hours=1), Reason.PROVISIONAL_ORDER)


def test_later_reports_hide_no_real_one(shop: Shopping) -> None:
    """However many there are, and whatever time they claim."""
    shop.send("Order Completed", at=MORNING - timedelta(minutes=20), order_id="S-1", total=10, trusted=False)
    for n in range(60):
        shop.send("Order Completed", at=MORNING - timedelta(hours=3), order_id=f"F-{n}", total=10, trusted=False)
    since = milliseconds(MORNING - timedelta(hours=4))
    held = asked(shop, clock_ms=since)
    assert held.outcome == Deferred(MORNING + timedelta(minutes=40), Reason.PROVISIONAL_ORDER)
    assert [one["id"] for one in held.outcome.evidence] == ["S-1"]


def test_a_message_that_was_paused_waits_for_an_order_of_the_last_minute(shop: Shopping) -> None:
    """For the first one of them only: who reports again and again holds it no longer."""
    at = MORNING + timedelta(hours=3)
    shop.send("Order Completed", at=at, order_id="S-1", total=10, trusted=False)
    assert asked(shop, at).outcome == Deferred(at + timedelta(hours=1), Reason.PROVISIONAL_ORDER)
    for minute in (20, 40, 59):
        later = at + timedelta(minutes=minute)
        shop.send("Order Completed", at=later, order_id=f"F-{minute}", total=10, trusted=False)
    assert asked(shop, at + timedelta(minutes=59)).state is State.DEFERRED
    assert asked(shop, at + timedelta(hours=1)).state is State.SENT


def test_new_reports_each_hour_hold_no_message(shop: Shopping) -> None:
    """A hundred old reports and a hundred new ones before each hour: every hour another one would be the first."""
    for n in range(100):
        shop.send("Order Completed", at=MORNING - timedelta(days=9), order_id=f"old-{n}", total=1, trusted=False)
    at = MORNING + timedelta(hours=3)
    for n in range(101):
        shop.send("Order Completed", at=at, order_id=f"new-{n}", total=1, trusted=False)
    assert asked(shop, at).state is State.SENT


def test_a_message_that_waited_for_the_morning_waits_for_an_order_of_the_morning(shop: Shopping) -> None:
    """The hour counts from when the message could first go out, not from when it was due in the night."""
    opens = next_permitted(MORNING - timedelta(hours=10), ZoneInfo(SHOP.time_zone), SHOP.send_hours)
    reported = opens + timedelta(minutes=5)
    shop.send("Order Completed", at=reported, order_id="S-1", total=10, trusted=False)
    late = request("email", release=2, due=opens - timedelta(hours=3))
    held = shop.notifying().handle(late, reported)
    assert held.outcome == Deferred(opens + timedelta(hours=1), Reason.PROVISIONAL_ORDER)


def test_an_hour_that_ends_in_the_night_ends_in_the_morning(shop: Shopping) -> None:
    """Who ordered ten minutes before the send hours ended is not reminded in the last of them, nor for more than a
    night kept from the message."""
    zone = ZoneInfo(SHOP.time_zone)
    evening = datetime.combine(MORNING.astimezone(zone).date(), SHOP.send_hours.end, zone).astimezone(UTC)
    morning = next_permitted(evening, zone, SHOP.send_hours)
    reported = evening - timedelta(minutes=10)
    shop.send("Order Completed", at=reported, order_id="S-1", total=10, trusted=False)
    late = request("email", release=2, due=reported, fresh_until_ms=milliseconds(morning + timedelta(hours=2)))
    held = shop.notifying().handle(late, reported)
    assert held.outcome == Deferred(reported + timedelta(hours=1), Reason.PROVISIONAL_ORDER)
    assert shop.notifying().handle(late, evening).state is State.DEFERRED
    assert shop.notifying().handle(late, morning).state is State.SENT
