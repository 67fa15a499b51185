"""Nodes that count: orders, events, messages; the last moment before, the very moment, and when they turn."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.events.event import Event
from shared.domain.segments.evaluate import Evaluation
from tests.support.segment_asking import (
    DAY,
    HOUR,
    ask,
    bought,
    order,
    told,
)
from tests.support.world import NOW, event

pytestmark = pytest.mark.unit


def test_orders_are_chosen_by_category_channel_coupon_and_status() -> None:
    """Names are compared without case and with all four letters i alike; a status asks the shop's answer no more."""
    shoes = order("a", NOW - DAY, channel="Mağaza", coupon="YAZ10", products=(("p", 1, "KADIN AYAKKABI"),))
    plain = order("b", NOW - DAY, shipped_at=NOW - HOUR)
    gone = order("c", NOW - DAY, state="cancelled", shipped_at=NOW - HOUR)
    back = order("d", NOW - DAY, state="fully_refunded", refunded=Decimal(10), returned=True)
    part = order("e", NOW - DAY, refunded=Decimal(1), returned=True)
    profile = bought(shoes, plain, gone, back, part)

    def count(**rule: Any) -> int:
        return next(n for n in range(9) if ask({"orders": {"exactly": n, **rule}}, profile).value)

    assert count() == 3
    assert count(category="kadın ayakkabı") == 1
    assert count(channel=["MAĞAZA", "app"]) == 1
    assert (count(coupon=True), count(coupon=False), count(coupon=["yaz10"]), count(coupon=["kış"])) == (1, 2, 1, 0)
    assert [count(status=one) for one in ("completed", "cancelled", "fully_refunded", "refunded", "shipped")] == [
        3, 1, 1, 2, 1,
    ]  # fmt: skip
    assert count(status=["cancelled", "fully_refunded"]) == 2


def test_money_counts_before_refunds_and_in_the_shops_currency() -> None:
    """The sum of the window, exact at its bound, and the average of what was summed; a refund changes neither."""
    profile = bought(
        order("a", NOW - 20 * DAY, "0.10"), order("b", NOW - 5 * DAY, "0.20", currency="", refunded=Decimal("0.20")),
        order("c", NOW - DAY, 999, currency="EUR"),
    )  # fmt: skip
    assert ask({"orders": {"total": {"exactly": 0.3}}}, profile).value
    assert ask({"orders": {"average": {"exactly": 0.15}}}, profile).value
    within = {"orders": {"total": {"at_least": 0.2}, "within": "20d"}}
    assert ask(within, profile) == Evaluation(True, NOW + 15 * DAY)
    assert ask({"orders": {"total": {"exactly": 0}}}).value
    assert not ask({"orders": {"average": {"at_most": 100}}}).value


def test_a_refund_after_the_window_takes_the_order_out_all_the_same() -> None:
    """What an order is now counts, whenever that came to be; its place is the completion's."""
    whole = order("a", NOW - 80 * DAY, state="fully_refunded", refunded=Decimal(10), returned=True)
    assert not ask({"orders": {"at_least": 1, "within": "90d"}}, bought(whole)).value
    assert ask({"orders": {"at_least": 1, "within": "90d", "status": "fully_refunded"}}, bought(whole)) == Evaluation(
        True, NOW + 10 * DAY
    )


def test_bounds_with_first_and_last_are_exact_together() -> None:
    """Two parts of one node that rise and fall at different times: the node says when both hold, not when one may."""
    both = {"orders": {"at_least": 1, "within": "10d", "first": {"within": "5d"}}}
    assert ask(both, bought(order("a", NOW - DAY))) == Evaluation(True, NOW + 4 * DAY)
    later = bought(order("a", NOW - 20 * DAY), order("b", NOW + DAY))
    assert ask(both, later) == Evaluation(False, None)
    assert ask({"orders": {"at_least": 2, "last": {"within": "3d"}}}, later) == Evaluation(False, NOW + DAY)


def test_equal_times_count_each() -> None:
    """Three orders of one millisecond come and go together."""
    profile = bought(*(order(name, NOW - DAY) for name in "abc"))
    assert ask({"orders": {"exactly": 3, "within": "2d"}}, profile) == Evaluation(True, NOW + DAY)
    assert ask({"orders": {"exactly": 1, "within": "2d"}}, profile) == Evaluation(False, None)


def test_events_are_counted_by_their_properties_and_where_they_are_forgotten_still_decided() -> None:
    """Forty of which half pass: more than eleven is true, and holds until the eleventh newest leaves."""
    who = {"event": {"name": "Product Viewed", "where": {"category": "Ayakkabı"}, "more_than": 10, "within": "30d"}}
    views = [
        event("Product Viewed", ["user:1"], at=NOW - number * HOUR, category="AYAKKABI" if number % 2 else "Çanta")
        for number in range(40)
    ]
    profile = told(who, views)
    assert ask(who, profile) == Evaluation(True, NOW - 21 * HOUR + 30 * DAY)
    assert not ask({"event": who["event"] | {"within": "20h"}}, profile).value


def test_an_event_dated_ahead_counts_from_itself_on_and_hides_no_other() -> None:
    """A till a day ahead reports three; the one of this morning still makes it true."""
    who = {"event": {"name": "Store Visited", "at_least": 1, "within": "7d"}}
    ahead = [event("Store Visited", ["user:1"], at=NOW + DAY, id=f"a{n}") for n in range(3)]
    assert ask(who, told(who, ahead)) == Evaluation(False, NOW + DAY)
    past = event("Store Visited", ["user:1"], at=NOW - 7 * DAY + HOUR)
    assert ask(who, told(who, [*ahead, past])) == Evaluation(True, NOW + HOUR)
    assert ask({"event": who["event"] | {"within": "3h"}}, told(who, [*ahead, past])) == Evaluation(False, NOW + DAY)


def test_never_done_is_true_of_who_never_did_it() -> None:
    """No occurrence, at most none, for good; without any bound one is asked for."""
    assert ask({"event": {"name": "App Installed", "exactly": 0}}) == Evaluation(True, None)
    assert ask({"event": {"name": "App Installed"}}) == Evaluation(False, None)
    who = {"event": {"name": "App Installed", "first": {"within": "2d"}}}
    first = [event("App Installed", ["user:1"], at=NOW - DAY * age) for age in (1, 5)]
    assert ask(who, told(who, first)) == Evaluation(False, None)
    assert ask({"event": {"name": "App Installed", "last": {"within": "2d"}}}, told(who, first)) == Evaluation(
        True, NOW + DAY
    )


def mail(name: str, message: str, at: datetime, **more: Any) -> Event:
    return event(name, ["user:1"], at=at, id=f"{name}{message}{at}", trusted=True, message_id=message, **more)


def test_three_clicks_on_one_mail_count_at_the_most() -> None:
    """And an open counts once per mail, however often it is opened; machines are asked for apart."""
    sent = [mail("Email Delivered", f"m{n}", NOW - 10 * DAY, purpose="marketing") for n in range(2)]
    clicks = [mail("Email Link Clicked", "m0", NOW - n * HOUR, purpose="marketing") for n in range(6)]
    opens = [mail("Email Opened", f"m{n % 2}", NOW - n * HOUR, purpose="marketing") for n in range(6)]
    robot = mail("Email Opened", "m1", NOW - DAY, purpose="marketing", machine=True)
    who = {"clicks": {"channel": "email", "purpose": "marketing", "exactly": 3, "within": "90d"}}
    profile = told(who, [*sent, *clicks, *opens, robot])
    assert ask(who, profile) == Evaluation(True, NOW + 90 * DAY - 2 * HOUR)
    assert ask({"opens": {"exactly": 2, "within": "4h"}}, profile) == Evaluation(True, NOW + 3 * HOUR)
    assert ask({"opens": {"exactly": 2, "by": "anybody"}}, profile).value
    assert ask({"received": {"purpose": "marketing", "exactly": 2}}, profile).value
    assert ask({"received": {"channel": "sms"}}, profile) == Evaluation(False, None)


def test_a_tap_that_is_dated_ahead_hides_none_that_was_there() -> None:
    """Two reports of one message, one with its purpose: one tap, which counts from the earlier on."""
    taps = [
        mail("Push Notification Tapped", "p1", NOW - DAY),
        mail("Push Notification Tapped", "p1", NOW + DAY, purpose="marketing"),
    ]
    who = {"clicks": {"channel": "push", "exactly": 1, "within": "30d"}}
    assert ask(who, told(who, taps)) == Evaluation(True, NOW + 31 * DAY)


def test_what_bounced_was_not_received() -> None:
    """One of two mails bounced for good."""
    events = [mail("Email Sent", f"m{n}", NOW - DAY) for n in range(2)]
    bounced = mail("Email Bounced", "m1", NOW - DAY + HOUR, bounceType="Permanent")
    who = {"received": {"channel": "email", "exactly": 1, "within": "2d"}}
    assert ask(who, told(who, [*events, bounced])) == Evaluation(True, NOW + DAY)
