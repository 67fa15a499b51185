"""The switches over HTTP, who waits where, and the codes of coupons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.enrollment import End, Enrollment, Trigger, to_item
from shared.ports import Conflict
from shared.stores.controls import ControlStore
from shared.stores.coupons import Candidate, Claim, CouponCodes, Holder
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from shared.stores.timers import SHARDS, Arming, Timers
from shared.stores.waiting_enrollments import waiting_enrollments
from tests.unit.ingest.world import NOW, STORE_KEY, World, http_event

pytestmark = pytest.mark.unit

CART = JourneyDefinition.model_validate(
    {
        "journey": "cart-recovery",
        "start": {"when": "cart_changed"},
        "steps": [
            {
                "id": "offer",
                "at": "1h",
                "fresh_for": "24h",
                "send": "cart-offer",
                "purpose": "marketing",
                "channels": ["email"],
                "give": {"coupon": "CART10"},
            }
        ],
    }
)
POOL = CouponDefinition(coupon="CART10", codes="imported")
MADE = CouponDefinition(coupon="SPRING", pattern="SPRING-{8}")


@pytest.fixture
def world() -> World:
    made = World()
    Releases(made.catalog).publish(Release(0, Shop(name="Kervan Moda"), journeys=(CART,), coupons=(POOL, MADE)))
    return made


def put(world: World, path: str, body: Any, key: str = "admin-key") -> tuple[int, Any]:
    return world.send(http_event("PUT", path, body, {"authorization": f"Bearer {key}"}))


def post(world: World, path: str, body: Any) -> tuple[int, Any]:
    return world.send(http_event("POST", path, body, {"authorization": "Bearer admin-key"}))


def enroll(
    world: World, number: int, *, step: str = "offer", journey: str = "cart-recovery", ended: bool = False
) -> None:
    """An enrollment with its timer; one that an order ended still has it."""
    home = world.keys(parse_identifier(f"user:n{number}"))
    end = End("stopped_ordered", NOW) if ended else None
    trigger = Trigger("Product Added", home, "t#1", NOW)
    enrollment = Enrollment(journey, f"e{number}", home, 1, trigger, NOW, end=end, version=1)
    world.customers.put(to_item(enrollment))
    due = NOW + timedelta(minutes=number)
    Timers(world.timers).arm("journey", due, home, enrollment.ref, 1, step)


def test_a_journey_is_paused_and_resumed(world: World) -> None:
    """The word acts on what schedule and notify read, and is seen in the list."""
    assert put(world, "/v1/journeys/cart-recovery/state", {"state": "paused"}) == (
        200,
        {"name": "cart-recovery", "state": "paused"},
    )
    assert JourneyControls(world.catalog).of("cart-recovery") == "paused"
    assert world.get("/v1/journeys")[1]["items"][0]["state"] == "paused"
    put(world, "/v1/journeys/cart-recovery/state", {"state": "running"})
    assert JourneyControls(world.catalog).of("cart-recovery") == "running"


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        ("/v1/journeys/cart-recovery/state", {"state": "asleep"}, "admin-key", 400),
        ("/v1/journeys/cart-recovery/state", [], "admin-key", 400),
        ("/v1/journeys/nothing/state", {"state": "paused"}, "admin-key", 404),
        ("/v1/journeys/cart-recovery/state", {"state": "paused"}, STORE_KEY, 403),
        ("/v1/journeys/cart-recovery", {"state": "paused"}, "admin-key", 405),
        ("/v1/controls", {}, "admin-key", 400),
        ("/v1/controls", {"global_stop": "yes"}, "admin-key", 400),
        ("/v1/controls", {"allow_list": []}, "admin-key", 400),
        ("/v1/controls", {"allow_list": ["nobody"]}, "admin-key", 400),
        ("/v1/controls", {"allow_lists": None}, "admin-key", 400),
        ("/v1/controls", {"global_stop": True}, "nobody", 401),
        ("/v1/segments", {}, "admin-key", 405),
    ],
)
def test_what_cannot_be_switched_is_refused(world: World, path: str, body: Any, key: str, status: int) -> None:
    """And changes nothing."""
    assert put(world, path, body, key)[0] == status
    assert not ControlStore(world.catalog).read().global_stop
    assert JourneyControls(world.catalog).read() == {}


def test_one_switch_leaves_the_others_as_they_are(world: World) -> None:
    """Each says only what it changes; who changed it last is kept, the people on the list are not in plain."""
    put(world, "/v1/controls", {"global_stop": True})
    put(world, "/v1/controls", {"allow_list": ["email:ayse@example.com", "user:42"]})
    status, said = put(world, "/v1/controls", {"shadow": True})
    assert (status, said["global_stop"], said["shadow"], said["allow_list"]) == (200, True, True, 2)
    assert (said["changed_by"], said["changed_at"]) == ("admin", "2026-11-22T10:00:00.000Z")
    assert world.get("/v1/controls") == (200, said)
    found = ControlStore(world.catalog).read()
    named = ("email:ayse@example.com", "user:42")
    assert found.allow_list == frozenset(world.keys(parse_identifier(one)) for one in named)
    assert "ayse" not in repr(world.catalog.get("controls", "messages"))
    assert put(world, "/v1/controls", {"allow_list": None})[1]["allow_list"] is None


def test_a_stop_that_comes_at_the_same_moment_is_not_lost() -> None:
    """Somebody sets the global stop between another's read and write: both stand afterwards."""

    class Raced(MemoryTable):
        raced = False

        def get(self, pk: str, sk: str) -> dict[str, Any] | None:
            found = super().get(pk, sk)
            if not self.raced:
                self.raced = True
                ControlStore(self).change(lambda now: type(now)(global_stop=True))
            return found

    table = Raced()
    stands = ControlStore(table).change(lambda now: type(now)(global_stop=now.global_stop, shadow=True))
    assert (stands.global_stop, stands.shadow) == (True, True)

    class Always(MemoryTable):
        def put(self, item: Any, *, expect: Any = None) -> None:
            raise Conflict("always")

    with pytest.raises(Conflict):
        ControlStore(Always()).change(lambda now: now)


def test_the_list_says_how_many_wait_for_which_step(world: World) -> None:
    """Live enrollments only, each once, though a deferred message has a timer of its own; retired journeys as well."""
    for number in range(1, 4):
        enroll(world, number)
    enroll(world, 4, step="last")
    enroll(world, 5, ended=True)
    enroll(world, 6, journey="old", step="")
    home = world.keys(parse_identifier("user:n1"))
    Timers(world.timers).arm("journey", NOW + timedelta(days=1), home, "cart-recovery#e1", 1, "last")
    Timers(world.timers).arm("flip", NOW, home, "segments")
    cart, old = world.get("/v1/journeys")[1]["items"]
    assert (cart["live"], cart["live_at_least"], cart["waiting"]) == (4, False, {"last": 1, "offer": 3})
    assert cart["next_at"] == "2026-11-22T10:01:00.000Z"
    assert (old["name"], old["live"], old["waiting"], old["release"]) == ("old", 1, {"": 1}, None)


def test_a_wait_that_was_cut_short_is_waited_for_no_more(world: World) -> None:
    """The parcel came on the way long before the deadline: its timer stands, but the enrollment waits for the next
    step."""
    enroll(world, 1, step="shipped")
    home = world.keys(parse_identifier("user:n1"))
    Timers(world.timers).arm("journey", NOW + timedelta(days=9), home, "cart-recovery#e1", 2, "review")
    [cart] = world.get("/v1/journeys")[1]["items"]
    assert (cart["live"], cart["waiting"], cart["next_at"]) == (1, {"review": 1}, "2026-12-01T10:00:00.000Z")


def test_a_night_of_deferred_campaign_messages_is_not_read_through() -> None:
    """They are timers like those of enrollments: past a bound nobody reads on, and the answer says "at least"."""
    timers, customers = MemoryTable(), MemoryTable()
    deferred = [Arming("journey", NOW, f"u.{number:022d}", "@sale#1#campaign") for number in range(20_000)]
    Timers(timers).arm_many(deferred)
    timers.usage.reset()
    assert not waiting_enrollments(timers, customers, 100).complete
    assert timers.usage.requests <= SHARDS
    few = MemoryTable()
    Timers(few).arm_many(deferred[:4_000])
    assert waiting_enrollments(few, customers, 100).complete


def test_counting_is_bounded(world: World) -> None:
    """Beyond the bound it is "at least", and what is read does not grow with what waits."""
    for number in range(200):
        enroll(world, number)
    world.customers.usage.reset()
    found = waiting_enrollments(world.timers, world.customers, 80)
    assert not found.complete
    assert found.journeys["cart-recovery"].live <= 80
    assert world.customers.usage.read_units <= 80
    assert waiting_enrollments(world.timers, world.customers, 10_000).journeys["cart-recovery"].live == 200


def test_codes_are_imported_and_listed(world: World) -> None:
    """Again changes nothing; what cannot be typed in is refused line by line; a pattern takes no codes."""
    answer = post(world, "/v1/coupons/CART10/codes", {"codes": ["KIS-1", "KIS-2", "KIS-1", "no code", 7]})
    rejected = [{"index": 3, "reason": "not_a_code"}, {"index": 4, "reason": "not_a_code"}]
    assert answer == (200, {"new": 2, "known": 1, "rejected": rejected, "defined": True})
    assert post(world, "/v1/coupons/CART10/codes", {"codes": ["KIS-1"]})[1]["new"] == 0
    assert post(world, "/v1/coupons/LATER/codes", {"codes": ["A1"]})[1]["defined"] is False
    assert post(world, "/v1/coupons/SPRING/codes", {"codes": ["A1"]})[0] == 400
    assert post(world, "/v1/coupons/CART10/codes", {"codes": []})[0] == 400
    pool, made = world.get("/v1/coupons")[1]["items"]
    assert (pool["codes"], pool["free"], pool["given_by"]) == ("imported", 2, ["cart-recovery/offer"])
    assert (made["codes"], made["pattern"], made["free"], made["given_by"]) == ("pattern", "SPRING-{8}", None, [])


def test_the_checkout_asks_what_a_code_is_worth(world: World) -> None:
    """A code that was given to nobody is not found."""
    codes = CouponCodes(world.messages, lambda below: 0)
    holder = Holder("unit", "message", 1, "u.home")
    codes.claim(MADE, Candidate("SPRING-X"), Claim("SPRING-X", holder, NOW, 10, NOW + timedelta(hours=72)))
    status, said = world.get("/v1/coupons/SPRING/codes/SPRING-X")
    assert (status, said["percent"], said["valid_until"]) == (200, 10, "2026-11-25T10:00:00.000Z")
    assert world.get("/v1/coupons/SPRING/codes/OTHER")[0] == 404
    assert world.get("/v1/coupons/SPRING/codes/%23")[0] == 404
