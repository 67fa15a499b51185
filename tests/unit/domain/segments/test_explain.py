"""Explanations: what is behind each node as JSON without addresses, and when the whole turns."""

from __future__ import annotations

import doctest
import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import Consent
from shared.domain.identity.keys import time_text
from shared.domain.profile.profile import Cart, Line, Profile
from shared.domain.segments import estimate, evaluate_anniversary, midnight_offset
from shared.domain.segments.definition import LEAVES
from shared.domain.segments.estimate import Estimate
from shared.domain.segments.explain import explain, explanation_json
from shared.domain.segments.flips import Flip, flips
from shared.domain.segments.subject import Subject
from tests.support.segment_asking import DAY, HOUR, SHOP, bought, order, said, segment
from tests.support.world import KEYS, NOW

pytestmark = pytest.mark.unit

GRANT = Consent(
    channel="email", purpose="marketing", granted=True, time=NOW - DAY, received_at=NOW - DAY, may_grant=True,
    source="store", message_id="c1", text_version="v2",
)  # fmt: skip


def shopper() -> Profile:
    """Three orders ten days apart, an address with consent, a cart, a birthday next week."""
    orders = bought(*(order(f"o{n}", NOW - timedelta(days=10 * n), "19.90") for n in (1, 2, 3)))
    known = said(orders, email="ayse@example.com", birthday="1990-11-26", city="İzmir")
    cart = Cart((Line("p1", 2, NOW - HOUR, {"price": "5.00"}),), NOW - HOUR)
    return replace(known, consents=(GRANT,), cart=cart, used=((NOW - HOUR, "web", "ios"),))


def facts(who: Any) -> dict[str, Any]:
    subject = Subject(shopper(), SHOP, {"vip": segment({"overdue": {}}, "vip")}, KEYS)
    told = explanation_json(explain(segment(who), subject, NOW, "en"))
    return dict(json.loads(json.dumps(told))["rule"]["facts"])


ASKED: dict[str, Any] = {
    "orders": {"at_least": 1, "within": "15d"},
    "event": {"name": "Signed Up"},
    "trait": {"name": "city", "is": "izmir"},
    "received": {},
    "opens": {"by": "anybody"},
    "clicks": {},
    "consent": {"channel": "email"},
    "reachable": {},
    "active": {},
    "anniversary": {"this": "week"},
    "cart": {"items": {"at_least": 1}},
    "overdue": {},
    "in_segment": "vip",
}


def test_every_node_tells_what_is_behind_it_and_no_address() -> None:
    """As JSON, whatever is asked; consent is proven by who said it and when."""
    assert ASKED.keys() == LEAVES.keys()
    told = {word: facts({word: rule}) for word, rule in ASKED.items()}
    assert all(told.values())
    assert "ayse@example.com" not in json.dumps(told)
    assert told["orders"]["orders"] == [
        {"id": "o1", "at": time_text(NOW - 10 * DAY), "total": "19.90", "currency": "TRY", "channel": "web",
         "state": "completed"}
    ]  # fmt: skip
    assert (told["orders"]["first_at"], told["orders"]["more"]) == (time_text(NOW - 30 * DAY), 0)
    assert told["trait"]["values"] == ["İzmir"]
    assert (told["consent"]["proof"]["source"], told["consent"]["proof"]["text_version"]) == ("store", "v2")
    reached = told["reachable"]["channels"]
    assert {channel: one["reachable"] for channel, one in reached.items()} == {
        "email": True, "sms": False, "push": False,
    }  # fmt: skip
    assert told["anniversary"]["day"] == "1990-11-26"
    assert told["anniversary"]["zone"] == "Europe/Istanbul"
    assert told["cart"] == {"items": 1, "value": "10.00", "updated_at": time_text(NOW - HOUR)}
    assert (told["overdue"]["cycle_days"], told["overdue"]["due_at"]) == (10.0, time_text(NOW))
    assert told["active"]["last_at"] == time_text(NOW - HOUR)


def test_only_the_newest_orders_are_listed_the_others_counted() -> None:
    """Twenty of thirty, and the sum of all."""
    many = bought(*(order(f"o{n}", NOW - n * DAY, 1) for n in range(30)))
    told = explain(segment({"orders": {"at_least": 1}}), Subject(many, SHOP), NOW, "en").rule.facts
    assert (len(told["orders"]), told["more"], told["count"], told["total"]) == (20, 10, 30, "30.00")


def test_flips_follow_one_another_up_to_the_horizon() -> None:
    """Out when the order leaves the window, in again when the birthday week begins, out at its end."""
    rule = segment({"any": [{"orders": {"at_least": 1, "within": "11d"}}, {"anniversary": {"this": "day"}}]})
    subject = Subject(shopper(), SHOP)
    found = list(flips(rule, subject, NOW, NOW + 30 * DAY))
    assert [flip.enters for flip in found] == [False, True, False]
    assert found[0] == Flip(NOW + DAY, enters=False)
    assert found[2].at - found[1].at == DAY
    assert list(flips(rule, subject, NOW, NOW + 2 * DAY)) == found[:1]


def test_the_summary_says_it_in_both_languages() -> None:
    """Since when, and when it ends or begins; or that time changes nothing."""
    member = replace(shopper(), segments={"s": NOW - DAY})
    rule = segment({"orders": {"at_least": 1, "within": "11d"}})
    assert explain(rule, Subject(member, SHOP), NOW, "en").summary == (
        "In since 2026-11-21 10:00:00 UTC; leaves at 2026-11-23 10:00:00 UTC unless something happens."
    )
    assert explain(rule, Subject(member, SHOP), NOW, "tr").summary == (
        "2026-11-21 10:00:00 UTC tarihinden beri segmentte; başka bir şey olmazsa 2026-11-23 10:00:00 UTC tarihinde "
        "çıkacak."
    )
    never = segment({"orders": {"at_least": 9}})
    assert explain(never, Subject(member, SHOP), NOW, "en").summary == "Not in; time alone will not change that."


def test_estimates_hold_what_was_seen_and_no_more_than_everybody() -> None:
    """Exact counts are themselves; of a sample the interval holds the count and stays within what is possible."""
    assert estimate.estimate(7, 10, 10, exact=True) == Estimate(7, 7, 7)
    for hits in (0, 1, 250, 499, 500):
        found = estimate.estimate(hits, 500, 100_001, exact=False)
        assert 0 <= found.low <= found.count <= found.high <= 100_001
        assert found.low >= hits
    assert estimate.estimate(0, 500, 100_000, exact=False).high > 500


def test_the_examples_are_true() -> None:
    """Docstrings say what the functions do."""
    assert [doctest.testmod(module).failed for module in (evaluate_anniversary, estimate, midnight_offset)] == [0, 0, 0]
