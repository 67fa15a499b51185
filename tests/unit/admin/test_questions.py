"""What the admin key shows: a customer, its timeline, its messages; segments and journeys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import time_text
from shared.domain.journeys.definition import JourneyDefinition
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from shared.stores.releases import Releases
from tests.support.world import SEGMENTS, Rules, Timers
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit

CART = JourneyDefinition.model_validate(
    {
        "journey": "cart-recovery",
        "start": {"when": "cart_changed"},
        "steps": [
            {"id": "reminder", "at": "1h", "send": "cart-reminder", "purpose": "marketing", "channels": ["email"]}
        ],
    }
)


def fold(world: World) -> None:
    """What segmentation does with the log."""
    batches: dict[str, Batch] = {}
    for item in world.customers.items():
        if item["sk"].startswith("t#"):
            batches.setdefault(item["pk"], Batch(item["pk"])).events.append(read_event(item))
    segmentation = Segmentation(CustomerStore(world.customers), Timers(), world.keys, Rules())
    segmentation.fold(list(batches.values()), world.clock.now())


def told(world: World, key: str = STORE_KEY, **message: Any) -> None:
    body = {"type": "track", "userId": "42", "timestamp": time_text(world.clock.now())} | message
    status, answer = world.post("/v1/batch", {"batch": [body]}, key=key)
    assert (status, answer["rejected"]) == (200, [])
    world.clock.advance(timedelta(minutes=1))


@pytest.fixture
def world() -> World:
    """Ayşe: seen in a browser, signed in, consenting, with a cart and two orders."""
    world = World()
    Releases(world.catalog).publish(Release(0, Shop(name="Kervan Moda"), segments=SEGMENTS, journeys=(CART,)))
    told(world, userId=None, anonymousId="a-1", type="page", name="Home", context={"timezone": "Europe/Istanbul"})
    told(world, anonymousId="a-1", type="identify", traits={"email": "ayse@example.com", "name": "Ayşe"})
    told(world, event="Order Completed", properties={"order_id": "o1", "total": 100.5, "currency": "TRY"})
    told(world, event="Order Completed", properties={"order_id": "o2", "total": 99.5, "currency": "TRY"})
    told(world, event="Product Added", properties={"product_id": "p1", "quantity": 2, "price": 19.99, "name": "Şal"})
    told(world, event="Consent Granted", properties={"channel": "email", "address": "ayse@example.com"})
    told(world, event="Consent Withdrawn", properties={"channel": "sms"})
    fold(world)
    return world


def test_the_whole_customer(world: World) -> None:
    """One answer shows who it is, what was agreed, in which segments, cart and orders, by any of the identifiers."""
    answers = [world.get(f"/v1/customers/{who}") for who in ("user:42", "anonymous:a-1", "email%3Aayse%40example.com")]
    assert answers[0] == answers[1] == answers[2]
    status, found = answers[0]
    assert status == 200
    assert found["identifiers"] == ["user:42", "email:ayse@example.com", "anonymous:a-1"]
    assert found["traits"]["name"] == "Ayşe"
    assert list(found["segments"]) == ["new"]
    assert [(line["product_id"], line["quantity"], line["name"]) for line in found["cart"]["items"]] == [
        ("p1", 2, "Şal")
    ]
    assert found["cart"]["items"][0]["price"] == 19.99
    assert found["cart"]["updated_at"] == "2026-11-22T10:04:00.000Z"
    orders = found["orders"]
    assert (orders["count"], orders["total"], orders["average"]) == (2, 200.0, 100.0)
    assert (orders["first_at"], orders["last_at"]) == ("2026-11-22T10:02:00.000Z", "2026-11-22T10:03:00.000Z")
    assert found["consent"]["email"]["marketing"]["granted"] is True
    assert found["consent"]["sms"]["marketing"]["granted"] is False
    assert (found["wishlist"], found["journeys"], found["preferred_channel"]) == ([], [], None)
    assert world.get(f"/v1/customers/{found['id']}")[1] == found


def test_an_identifier_may_hold_a_slash(world: World) -> None:
    """Whether API Gateway decodes the slash of an external identifier or not, it is found."""
    told(world, context={"externalIds": [{"type": "instagram", "id": "ayse"}]}, event="Quiz Finished")
    fold(world)
    for written in ("external:instagram/ayse", "external%3Ainstagram%2Fayse"):
        assert world.get(f"/v1/customers/{written}")[1]["identifiers"][0] == "user:42"
        assert world.get(f"/v1/customers/{written}/timeline")[1]["items"][0]["event"] == "Quiz Finished"


def test_consent_said_about_the_address_counts(world: World) -> None:
    """A withdrawal that a public source stored under the address alone is shown for its customer."""
    gone = {
        "type": "track",
        "event": "Consent Withdrawn",
        "anonymousId": "stranger",
        "properties": {"channel": "email"},
    }
    gone["properties"] |= {"address": "ayse@example.com"}  # type: ignore[operator]
    assert world.post("/v1/track", gone)[0] == 200
    fold(world)
    assert world.get("/v1/customers/user:42")[1]["consent"]["email"]["marketing"]["granted"] is False


def test_the_timeline_is_whole_and_newest_first(world: World) -> None:
    """Everything that happened under any identifier comes once, newest first, whatever the size of the page."""
    whole = world.get("/v1/customers/user:42/timeline")[1]
    assert whole["cursor"] is None
    names = [item["event"] for item in whole["items"]]
    assert names == [
        "Consent Withdrawn", "Consent Granted", "Product Added", "Order Completed", "Order Completed", "Identified",
        "Page Viewed",
    ]  # fmt: skip
    for limit in (1, 2, 3, 7):
        items: list[Any] = []
        cursor = None
        while True:
            query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
            page = world.get("/v1/customers/user:42/timeline", query=query)[1]
            items += page["items"]
            cursor = page["cursor"]
            if cursor is None:
                break
        assert items == whole["items"]


def test_messages_tell_their_reason() -> None:
    """A message shows its state and no address."""
    mail = Mail()
    told(mail.world, event="Product Added", properties={"product_id": "p1"})
    status, found = mail.world.get("/v1/customers/user:42/messages")
    assert status == 200
    (message,) = found["items"]
    assert (message["message_id"], message["state"], message["journey"]) == (mail.id, "calling", "cart-recovery")
    assert "@" not in str(message)


def test_segments_and_their_members(world: World) -> None:
    """Segments are counted, members are named with the time since when, page by page over the shards."""
    for place in range(5):
        told(world, userId=f"u{place}", event="Order Completed", properties={"order_id": f"x{place}", "total": 1})
    fold(world)
    segments = {item["name"]: item["members"] for item in world.get("/v1/segments")[1]["items"]}
    assert segments == {"new": 6, "at-risk": 0}
    found: list[str] = []
    cursor = None
    while True:
        page = world.get("/v1/segments/new/members", query={"limit": "2"} | ({"cursor": cursor} if cursor else {}))[1]
        found += [item["identifier"] for item in page["items"]]
        assert all(item["since"].startswith("2026-11-22T10:") for item in page["items"])
        cursor = page["cursor"]
        if cursor is None:
            break
    assert sorted(found) == ["user:42", *(f"user:u{place}" for place in range(5))]
    assert world.get("/v1/segments/nothing/members")[0] == 404


def test_journeys_and_their_steps(world: World) -> None:
    """Journeys of the published release are listed with their steps."""
    (journey,) = world.get("/v1/journeys")[1]["items"]
    assert (journey["name"], journey["state"], journey["release"]) == ("cart-recovery", "running", 1)
    assert journey["steps"][0]["send"] == "cart-reminder"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("customers/user:nobody", 404),
        ("customers/user:nobody/timeline", 404),
        ("customers/user:nobody/messages", 404),
        ("customers/ayse", 400),
        ("customers/user:", 400),
        ("customers/name:x", 400),
        ("customers/user:42/more", 404),
        ("customers/user:42/timeline/more", 404),
        ("segments/new", 404),
        ("reports/weekly", 404),
        ("journeys/cart", 404),
    ],
)
def test_what_is_not_there(world: World, path: str, status: int) -> None:
    """An unknown person, list or report is one sentence."""
    found, answer = world.get(f"/v1/{path}")
    assert found == status
    assert answer["message"]


@pytest.mark.parametrize(
    ("key", "status"), [(WEB_KEY, 403), (STORE_KEY, 403), ("guessed", 401), ("", 401), (None, 401)]
)
@pytest.mark.parametrize(
    "path",
    [
        *(f"customers/user:42{tail}" for tail in ("", "/timeline", "/messages", "/links", "/consents")),
        "segments", "segments/new/members", "journeys", "reports/weekly", "customers/user:nobody", "customers",
    ],
)  # fmt: skip
def test_a_write_key_reads_nothing(world: World, path: str, key: str | None, status: int) -> None:
    """Every question needs the admin key, and the refusal tells nobody what is there."""
    found, answer = world.get(f"/v1/{path}", key=key)
    assert (found, sorted(answer)) == (status, ["error", "message"])


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "x"}, {"limit": "1001"}, {"limit": "²"}, {"cursor": "x"}, {"cursor": "WzE"}]
)
def test_odd_pages_are_refused(world: World, query: dict[str, str]) -> None:
    """A limit or cursor that is not ours is 400 on every list."""
    lists = ("timeline", "messages", "links", "consents")
    for path in (*(f"customers/user:42/{name}" for name in lists), "segments/new/members"):
        assert world.get(f"/v1/{path}", query=query)[0] == 400


def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    """A cursor belongs to its list."""
    cursor = world.get("/v1/customers/user:42/timeline", query={"limit": "1"})[1]["cursor"]
    for path in ("customers/user:42/messages", "customers/user:42/links", "customers/user:42/consents"):
        assert world.get(f"/v1/{path}", query={"cursor": cursor})[0] == 400
    assert world.get("/v1/segments/new/members", query={"cursor": cursor})[0] == 400
