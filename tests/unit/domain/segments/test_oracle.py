"""The brute force over raw events, by examples made by hand: what checks the evaluator must itself be right."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import Consent
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.segments import oracle
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.midnight_offset import offset_of
from tests.support.world import KEYS, NOW, event

SHOP = Shop(name="Test")
WHO = ["user:u1"]
ROOT = KEYS(parse_identifier("user:u1"))
MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)


def ask(who: dict[str, Any], *events: Event, now: datetime = NOW, consents: Sequence[Consent] = ()) -> bool:
    history = oracle.History(ROOT, [oracle.MemberLog(ROOT, events)], consents)
    return oracle.holds(SegmentDefinition.model_validate({"segment": "s", "who": who}), history, SHOP, now, {}, KEYS)


def order(name: str, ago: timedelta, **said: Any) -> Event:
    return event("Order Completed", WHO, at=NOW - ago, id=name, trusted=True, order_id=name, **({"total": 10} | said))


def about(what: str, name: str, ago: timedelta = timedelta(), **said: Any) -> Event:
    return event(f"Order {what}", WHO, at=NOW - ago, trusted=True, order_id=name, **said)


def message(what: str, name: str, ago: timedelta = timedelta(), **said: Any) -> Event:
    agent = said.pop("agent", "Firefox/140")
    return event(what, WHO, at=NOW - ago, context={"userAgent": agent}, message_id=name, **said)


def test_an_order_of_exactly_ninety_days_ago_is_outside_ninety_days() -> None:
    recent = {"orders": {"at_least": 1, "within": "90d"}}
    assert not ask(recent, order("o", 90 * DAY))
    assert ask(recent, order("o", 90 * DAY - MS))
    assert not ask(recent, order("o", -MS)), "an order that is dated ahead counts from its own time on"
    assert ask(recent, order("o", -MS), now=NOW + MS)


@pytest.mark.parametrize(
    ("refunds", "counts"),
    [
        ([{"total": 4}], True),
        ([{"total": 4, "refund_id": "r"}, {"total": 6, "refund_id": "r"}], True),
        ([{"total": 4}, {"total": 6}], False),
        ([{}], False),
        ([{"products": [{"price": 5, "quantity": 2}]}], False),
    ],
)
def test_only_a_whole_refund_takes_an_order_away_whenever_it_came(refunds: list[dict[str, Any]], counts: bool) -> None:
    back = [replace(about("Refunded", "o", -DAY, **said), message_id=f"r{n}") for n, said in enumerate(refunds)]
    assert ask({"orders": {"at_least": 1}}, *back, order("o", DAY)) is counts
    assert ask({"orders": {"at_least": 1, "status": "refunded"}}, *back, order("o", DAY))


def test_what_was_paid_is_that_of_orders_in_the_shops_currency() -> None:
    told = [
        order("a", DAY, total=10),
        order("b", DAY, total=5, currency="TRY"),
        order("c", DAY, total=99, currency="EUR"),
    ]
    assert ask({"orders": {"exactly": 3, "total": {"exactly": 15}, "average": {"exactly": 7.5}}}, *told)
    assert not ask({"orders": {"average": {"at_least": 0}}}, told[2]), "without any such order there is no average"


def test_an_order_is_known_by_a_trusted_word_before_a_later_public_one() -> None:
    public = event("Order Updated", WHO, at=NOW, order_id="o", coupon="STOLEN")
    told = [order("o", DAY, coupon="İNDİRİM", products=[{"product_id": "p", "category": "Ayakkabı"}]), public]
    assert ask({"orders": {"at_least": 1, "coupon": "indirim", "category": ["AYAKKABI"], "channel": "Store"}}, *told)
    assert not ask({"orders": {"at_least": 1, "coupon": False}}, *told)


def test_an_event_counts_once_however_often_it_came() -> None:
    search = event("Products Searched", WHO, at=NOW - DAY, id="e", query="bot", hits=3)
    rule = {"name": "Products Searched", "where": {"hits": {"more_than": 2}}, "exactly": 1, "within": "7d"}
    assert ask({"event": rule}, search, search)
    assert not ask({"event": rule | {"where": {"hits": 2}}}, search)
    assert ask({"event": {"name": "Products Searched", "first": {"within": "25h"}}}, search)
    assert not ask({"event": {"name": "Products Searched", "last": {"within": "24h"}}}, search)


def test_a_shared_browser_counts_up_to_its_second_person_only() -> None:
    visits = [event("Product Viewed", ["anonymous:a"], at=NOW - ago * DAY, id=f"{ago}") for ago in (1, 2, 3)]
    until = int((NOW - 2 * DAY).timestamp() * 1000)
    history = oracle.History(ROOT, [oracle.MemberLog("a.1", visits, until)])
    rule = SegmentDefinition.model_validate(
        {"segment": "s", "who": {"event": {"name": "Product Viewed", "exactly": 1}}}
    )
    assert oracle.holds(rule, history, SHOP, NOW, {}, KEYS)


def test_of_a_list_one_element_passes_every_word() -> None:
    said = event("identify", WHO, traits={"since": ["2026-01-01", "vip"], "email": None})
    assert ask({"trait": {"name": "since", "starts_with": "2026", "after": "2026-01-01"}}, said)
    assert not ask({"trait": {"name": "since", "is": "VIP", "after": "2026-01-01"}}, said)
    assert ask({"trait": {"name": "email", "exists": False}}, said)


def test_a_day_in_a_trait_begins_in_the_customers_zone() -> None:
    said = event("identify", WHO, traits={"since": "2026-11-22", "time_zone": "Asia/Kathmandu"})
    midnight = datetime.fromisoformat("2026-11-21T18:15:00+00:00")
    recent = {"trait": {"name": "since", "within": "1d"}}
    assert not ask(recent, said, now=midnight - MS)
    assert ask(recent, said, now=midnight)
    assert not ask(recent, said, now=midnight + DAY)


def test_a_message_that_bounced_reached_nobody_and_reports_of_one_count_once() -> None:
    told = [message("Email Sent", "m"), message("Email Delivered", "m", DAY), message("Email Sent", "n")]
    assert ask({"received": {"exactly": 2}}, *told)
    assert ask({"received": {"exactly": 1}}, *told, message("Email Bounced", "n", -DAY))
    assert ask({"received": {"exactly": 2}}, *told, message("Email Bounced", "n", bounceType="Transient"))


def test_people_and_programs_are_counted_apart() -> None:
    sent = message("Email Delivered", "m", DAY, purpose="marketing")
    hasty = message("Email Link Clicked", "m", DAY - timedelta(seconds=2))
    slow = message("Email Link Clicked", "m", DAY - timedelta(seconds=2) - MS)
    scanner = message("Email Link Clicked", "m", agent="Barracuda Sentinel (EE)")
    assert ask({"clicks": {"purpose": "marketing", "exactly": 1}}, sent, hasty, slow, scanner)
    assert ask({"clicks": {"by": "machine", "exactly": 2}}, sent, hasty, slow, scanner)
    assert ask({"clicks": {"by": "anybody", "exactly": 3}}, sent, hasty, slow, scanner)


def test_clicks_of_one_message_count_three_times_and_opens_and_taps_once() -> None:
    def several(what: str, **said: Any) -> list[Event]:
        ago = (timedelta(minutes=minute) for minute in range(5))
        return [replace(message(what, "m", one, **said), message_id=f"{what}{one}") for one in ago]

    assert ask({"clicks": {"exactly": 3}}, *several("Email Link Clicked"))
    assert ask({"opens": {"exactly": 1}}, *several("Email Opened"))
    assert ask({"clicks": {"channel": "push", "exactly": 1}}, *several("Push Notification Tapped"))


def test_channel_and_device_are_those_of_one_visit() -> None:
    told = [
        event("Product Viewed", WHO, at=NOW - DAY, context={"device": {"type": "iOS"}}),
        event("Product Viewed", WHO, at=NOW - 2 * DAY, trusted=True, context={"device": {"type": "pos"}}),
        event("Product Viewed", WHO, at=NOW, context={"active": False, "device": {"type": "tv"}}),
    ]
    assert ask({"active": {"channel": "web", "device": "IOS", "within": "25h"}}, *told)
    assert not ask({"active": {"channel": "store", "device": "ios"}}, *told)
    assert not ask({"active": {"device": "tv"}}, *told)


def test_who_was_born_on_29_february_celebrates_on_1_march_in_common_years() -> None:
    said = event("identify", WHO, traits={"birthday": "29.02.2000"})
    today = {"anniversary": {"this": "day"}}
    begin = datetime.fromisoformat("2026-02-28T21:00:00+00:00") + offset_of(ROOT)
    assert [ask(today, said, now=begin + by) for by in (-MS, timedelta(), DAY - MS, DAY)] == [False, True, True, False]
    leap = datetime.fromisoformat("2028-02-29T12:00:00+00:00")
    assert ask(today, said, now=leap)
    assert not ask(today, said, now=leap + DAY)
    assert ask({"anniversary": {"ahead": "7d"}}, said, now=begin - 6 * DAY)
    assert not ask({"anniversary": {"ahead": "7d"}}, said, now=begin - 6 * DAY - MS)
    assert ask({"anniversary": {"this": "month"}}, said, now=begin + 29 * DAY)


def test_a_birthday_week_goes_over_new_year() -> None:
    said = event("identify", WHO, traits={"birthday": "1990-01-02"})
    week = {"anniversary": {"this": "week"}}
    monday = datetime.fromisoformat("2026-12-27T21:00:00+00:00") + offset_of(ROOT)
    assert [ask(week, said, now=monday + by) for by in (-MS, timedelta(), 7 * DAY - MS, 7 * DAY)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_the_cart_is_replayed_and_has_the_age_of_its_last_change() -> None:
    told = [
        event("Product Added", WHO, at=NOW - 3 * DAY, id="1", product_id="p", price=10, quantity=2, currency="TRY"),
        event("Product Added", WHO, at=NOW - 2 * DAY, id="2", product_id="q", price=7, currency="EUR"),
        event("Product Quantity Changed", WHO, at=NOW - DAY, id="3", product_id="p", quantity=3),
    ]
    assert ask({"cart": {"items": {"exactly": 2}, "value": {"exactly": 30}, "age": {"at_least": "24h"}}}, *told)
    assert not ask({"cart": {"age": {"less_than": "24h"}}}, *told)
    assert not ask({"cart": {"age": {"less_than": "24h"}}}), "a cart that never was has no age"
    bought = order("o", timedelta(hours=1), products=[{"product_id": "p"}])
    assert ask({"cart": {"items": {"exactly": 1}, "value": {"exactly": 0}, "age": {"at_least": "24h"}}}, *told, bought)


def test_overdue_is_later_than_the_own_cycle() -> None:
    told = [order(f"o{ago}", ago * DAY) for ago in (30, 20, 10)]
    assert ask({"overdue": {}}, *told)
    assert not ask({"overdue": {}}, *told, now=NOW - MS)
    assert not ask({"overdue": {"times": 1.5}}, *told)
    assert not ask({"overdue": {}}, *told[:2]), "two days with orders are no cycle"


def test_consent_is_that_of_the_address_in_use() -> None:
    address = parse_identifier("email:a@example.com")
    grant = Consent("email", "marketing", True, NOW, NOW, True, "store", "c", address_key=KEYS(address))
    mail = {"consent": {"channel": "email"}}
    here = event("identify", WHO, traits={"email": "a@EXAMPLE.com"})
    there = event("identify", WHO, traits={"email": "b@example.com"})
    assert ask(mail, here, consents=[grant])
    assert not ask(mail, there, consents=[grant])
    assert not ask(mail, here, now=NOW - MS, consents=[grant])
    assert ask({"reachable": {}}, here, consents=[grant])
    refusal = replace(grant, purpose="all", granted=False, message_id="d")
    assert not ask({"reachable": {"purpose": "transactional"}}, here, consents=[grant, refusal])


def test_segments_of_segments() -> None:
    rules = [
        SegmentDefinition.model_validate({"segment": "a", "who": {"not": {"in_segment": "b"}}}),
        SegmentDefinition.model_validate({"segment": "b", "who": {"any": [{"orders": {"at_least": 1}}]}}),
    ]
    for told, expected in (([], {"a"}), ([order("o", DAY)], {"b"})):
        history = oracle.History(ROOT, [oracle.MemberLog(ROOT, told)])
        assert oracle.oracle_segments(rules, history, SHOP, NOW, KEYS) == expected


def test_the_oracle_shares_neither_facts_nor_the_evaluator_with_what_it_checks() -> None:
    """Only how single values are read, and what a token's key is."""
    allowed = {"shared.domain.facts.newest", "shared.domain.facts.values", "shared.domain.facts"}
    own = (
        "shared.domain.segments.oracle",
        "shared.domain.segments.counting_rules",
        "shared.domain.segments.definition",
        "shared.domain.segments.midnight_offset",
        "shared.domain.segments.state_rules",
    )
    for file in Path(oracle.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                name = node.module
                assert not name.startswith("shared.domain.profile") or name == "shared.domain.profile.demographic", name
                assert not name.startswith("shared.domain.facts") or name in allowed, name
                assert not name.startswith("shared.domain.segments.") or name.startswith(own), name
