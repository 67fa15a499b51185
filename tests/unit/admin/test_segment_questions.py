"""Segments over HTTP: why, who next, and what a draft would hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import time_text
from shared.domain.segments.definition import SegmentDefinition
from shared.operators import segment_explanations, segment_preview
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from shared.stores.releases import Releases
from shared.stores.timers import Timers
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, World

pytestmark = pytest.mark.unit

DAY = timedelta(days=1)
WHO: dict[str, Any] = {
    "high-value": {"orders": {"more_than": 1, "within": "180d"}},
    "at-risk": {"all": [{"orders": {"at_least": 1}}, {"not": {"orders": {"at_least": 1, "within": "90d"}}}]},
    "calm": {"all": [{"in_segment": "at-risk"}, {"trait": {"name": "city", "is": "izmir"}}]},
}
SEGMENTS = tuple(SegmentDefinition.model_validate({"segment": name, "who": who}) for name, who in WHO.items())
ADMIN = {"authorization": f"Bearer {ADMIN_KEY}"}


def tell(world: World, **message: Any) -> None:
    body = {"type": "track", "timestamp": time_text(world.clock.now())} | message
    status, answer = world.post("/v1/batch", {"batch": [body]}, key=STORE_KEY)
    assert (status, answer["rejected"]) == (200, [])


def fold(world: World) -> None:
    batches: dict[str, Batch] = {}
    for item in world.customers.items():
        if item["sk"].startswith("t#"):
            batches.setdefault(item["pk"], Batch(item["pk"])).events.append(read_event(item))
    release = Releases(world.catalog).current(refresh=True)
    store = CustomerStore(world.customers)
    Segmentation(store, Timers(world.timers), world.keys, release).fold(list(batches.values()), world.clock.now())


def buys(world: World, user: str, order: str, ago: timedelta) -> None:
    at = time_text(world.clock.now() - ago)
    tell(world, userId=user, event="Order Completed", timestamp=at, properties={"order_id": order, "total": 100})


@pytest.fixture
def world() -> World:
    """Ayşe bought twice, Can once and long ago, Ece never; all have an address, Ayşe agreed to mail."""
    world = World()
    Releases(world.catalog).publish(Release(0, Shop(name="Kervan Moda"), segments=SEGMENTS))
    for user, city in (("ayse", "İzmir"), ("can", "IZMIR"), ("ece", "Ankara")):
        tell(world, userId=user, type="identify", traits={"email": f"{user}@example.com", "city": city})
    tell(world, userId="ayse", event="Consent Granted", properties={"channel": "email", "purpose": "marketing"})
    buys(world, "ayse", "o1", 87 * DAY)
    buys(world, "ayse", "o2", 178 * DAY)
    buys(world, "can", "o3", 100 * DAY)
    tell(world, userId="ece", event="Product Viewed", properties={"product_id": "p1", "category": "Ayakkabı"})
    fold(world)
    return world


def asked(world: World, path: str, **query: str) -> Any:
    status, answer = world.get(path, query=query)
    assert status == 200, answer
    return answer


def test_explain_says_why_and_when_it_ends(world: World) -> None:
    """High-value with two orders: the orders that counted, and the day on which the older leaves the window."""
    told = asked(world, "/v1/segments/high-value/explain/user:ayse")
    leaves = time_text(world.clock.now() + 2 * DAY)
    assert (told["member"], told["leaves_at"], told["enters_at"]) == (True, leaves, None)
    assert told["since"] == max(order["at"] for order in told["rule"]["facts"]["orders"])  # the second made it true
    assert told["summary"].endswith(f"leaves at {leaves[:19].replace('T', ' ')} UTC unless something happens.")
    rule = told["rule"]
    assert (rule["node"], rule["value"], rule["valid_until"]) == ("orders", True, leaves)
    assert [order["id"] for order in rule["facts"]["orders"]] == ["o1", "o2"]
    assert (rule["facts"]["count"], rule["facts"]["total"]) == (2, "200.00")


def test_explain_speaks_of_those_outside_too_and_through_other_segments(world: World) -> None:
    """Not at risk yet: when that begins; a segment inside a segment is opened up. In Turkish if asked."""
    told = asked(world, "/v1/segments/calm/explain/email:ayse@example.com", language="tr")
    assert (told["member"], told["enters_at"]) == (False, time_text(world.clock.now() + 3 * DAY))
    assert told["summary"].startswith("Segmentte değil; başka bir şey olmazsa")
    inside, city = told["rule"]["parts"]
    assert (inside["node"], inside["value"], inside["parts"][0]["node"]) == ("in_segment", False, "all")
    assert [part["value"] for part in inside["parts"][0]["parts"]] == [True, False]
    assert (city["value"], city["facts"]["values"]) == (True, ["İzmir"])


def test_a_draft_can_be_explained_although_its_events_are_not_remembered(world: World) -> None:
    """Facts keep no occurrences by category; the log does, and nothing is written for the question."""
    who = {"event": {"name": "Product Viewed", "where": {"category": "ayakkabı"}}}
    before = world.customers.items()
    body = {"draft": {"segment": "shoes", "who": who}, "identifier": "user:ece"}
    status, told = world.post("/v1/segments/explain", body, key=None, **ADMIN)
    assert (status, told["draft"], told["member"], told["rule"]["facts"]["count"]) == (200, True, True, 1)
    body["identifier"] = "user:can"
    assert world.post("/v1/segments/explain", body, key=None, **ADMIN)[1]["member"] is False
    assert world.customers.items() == before


def test_upcoming_names_who_comes_and_goes_in_order(world: World) -> None:
    """Ayşe leaves high-value in two days and comes into at-risk in three; a horizon of two days knows the first."""
    now = world.clock.now()
    leaving = asked(world, "/v1/segments/high-value/upcoming")
    assert [(item["identifier"], item["at"], item["enters"]) for item in leaving["items"]] == [
        ("user:ayse", time_text(now + 2 * DAY), False)
    ]
    coming = asked(world, "/v1/segments/at-risk/upcoming", days="3")
    assert [(item["identifier"], item["at"], item["enters"]) for item in coming["items"]] == [
        ("user:ayse", time_text(now + 3 * DAY), True)
    ]
    assert (coming["enter"], coming["leave"], coming["at_least"]) == (1, 0, False)
    assert asked(world, "/v1/segments/at-risk/upcoming", days="2")["items"] == []


def test_upcoming_says_at_least_beyond_its_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More customers are due than are looked at: the first come, and it is said."""
    for number in range(4):
        buys(world, f"more-{number}", f"m{number}", (86 + number) * DAY)
    fold(world)
    monkeypatch.setattr(segment_explanations, "LOOKED_AT", 2)
    told = asked(world, "/v1/segments/at-risk/upcoming")
    assert (told["at_least"], told["looked_at"]) == (True, 2)
    assert [item["identifier"] for item in told["items"]] == ["user:more-3", "user:more-2", "user:ayse"][:2]


def test_a_preview_counts_everybody_in_a_small_shop(world: World) -> None:
    """Two of three have bought; one of them may be written to by mail; both are shown."""
    status, told = world.post(
        "/v1/segments/preview", {"draft": {"segment": "buyers", "who": {"orders": {"at_least": 1}}}}, key=None, **ADMIN
    )
    assert (status, told["exact"], told["customers"], told["from_log"]) == (200, True, 3, False)
    assert (told["count"], told["low"], told["high"]) == (2, 2, 2)
    assert told["reachable"]["email"]["count"] == 1
    assert told["reachable"]["sms"]["count"] == 0
    assert {item["identifier"] for item in told["sample"]} == {"user:ayse", "user:can"}
    assert told["sentences"]["en"] == "buyers: customers with at least 1 order."


def test_a_preview_of_unremembered_events_reads_the_log(world: World) -> None:
    """Never answered from facts that do not hold it."""
    who = {"event": {"name": "Product Viewed", "where": {"category": "ayakkabı"}, "within": "7d"}}
    told = world.post("/v1/segments/preview", {"draft": {"segment": "shoes", "who": who}}, key=None, **ADMIN)[1]
    assert (told["from_log"], told["count"]) == (True, 1)
    assert "folded anew from its events" in told["how"]


def test_a_preview_of_a_large_shop_is_a_sample_with_its_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of 120 customers bought; 60 are looked at, and the interval says how sure that is."""
    for number in range(120):
        if number % 2:
            buys(world, f"crowd-{number}", f"c{number}", DAY)
        else:
            tell(world, userId=f"crowd-{number}", event="Cart Viewed")
    fold(world)
    monkeypatch.setattr(segment_preview, "COUNTED", 100)
    monkeypatch.setattr(segment_preview, "LOOKED_AT", 60)
    draft = {"segment": "buyers", "who": {"orders": {"at_least": 1}}}
    told = world.post("/v1/segments/preview", {"draft": draft}, key=None, **ADMIN)[1]
    assert (told["exact"], told["looked_at"], len(told["sample"])) == (False, 60, 10)
    assert told["low"] < told["count"] < told["high"]
    assert 100 <= told["customers"] <= 150
    assert told["low"] >= 10
    assert told["high"] <= 120


def test_a_preview_counts_every_customer_up_to_five_thousand(world: World) -> None:
    """A shop of 620 customers is counted, not estimated: 308 of the crowd bought, and two of the three others."""
    for number in range(617):
        if number % 2:
            buys(world, f"crowd-{number}", f"c{number}", DAY)
        else:
            tell(world, userId=f"crowd-{number}", event="Cart Viewed")
    fold(world)
    draft = {"segment": "buyers", "who": {"orders": {"at_least": 1}}}
    told = world.post("/v1/segments/preview", {"draft": draft}, key=None, **ADMIN)[1]
    assert (told["exact"], told["customers"], told["looked_at"]) == (True, 620, 620)
    assert (told["count"], told["low"], told["high"]) == (310, 310, 310)


def test_a_preview_that_runs_out_of_time_is_a_sample(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is looked at after the budget; the answer says so, and the interval covers everybody."""
    monkeypatch.setattr(segment_preview, "BUDGET", -1.0)
    draft = {"segment": "buyers", "who": {"orders": {"at_least": 1}}}
    told = world.post("/v1/segments/preview", {"draft": draft}, key=None, **ADMIN)[1]
    assert (told["exact"], told["customers"], told["looked_at"]) == (False, 3, 0)
    assert (told["low"], told["high"]) == (0, 3)
    assert "as many as there was time for" in told["how"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"draft": {"segment": "x", "who": {"ordrs": {}}}}, "draft: who: write one of orders"),
        (
            {"draft": {"segment": "x", "who": {"in_segment": "at-rsk"}}},
            "there is no segment at-rsk; did you mean at-risk?",
        ),
        ({"draft": {"segment": "at-risk", "who": {"in_segment": "calm"}}}, "in a circle: at-risk -> calm -> at-risk"),
        ({"draught": {}}, 'the body is {"draft"'),
        ({"draft": 3}, "draft: "),
    ],
)
def test_a_broken_draft_is_refused_with_place_and_remedy(world: World, body: Any, message: str) -> None:
    """As `definitions check` would say it."""
    status, told = world.post("/v1/segments/preview", body, key=None, **ADMIN)
    assert status == 400
    assert message in told["message"]


def test_members_with_identifiers_and_traits(world: World) -> None:
    """What an export needs, page by page."""
    told = asked(world, "/v1/segments/at-risk/members", traits="city,address.street")
    assert [(item["identifiers"], item["traits"]) for item in told["items"]] == [
        (["user:can", "email:can@example.com"], {"city": "IZMIR", "address.street": None})
    ]


def test_what_is_not_there_is_said(world: World) -> None:
    """Unknown segments and people, words that do not fit, and no key."""
    assert world.get("/v1/segments/nothing/explain/user:ayse")[0] == 404
    assert world.get("/v1/segments/calm/explain/user:nobody")[0] == 404
    assert world.get("/v1/segments/calm/explain/user:ayse", query={"language": "fr"})[0] == 400
    assert world.get("/v1/segments/calm/upcoming", query={"days": "0"})[0] == 400
    assert world.get("/v1/segments/calm/what")[0] == 404
    assert world.post("/v1/segments/calm/members", {}, key=None, **ADMIN)[0] == 405
    assert world.post("/v1/segments/preview", {}, key=STORE_KEY)[0] == 403
