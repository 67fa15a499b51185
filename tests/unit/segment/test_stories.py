"""Stories of people on several channels, and of what goes wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.segment import on_due, on_events
from functions.segment.environment import Environment
from shared.adapters.attribute_values import write_item
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import moment
from shared.domain.profile.profile import Profile
from shared.ports import Item, RefusedByTable
from shared.queries.customer_tree import MAX_MEMBERS
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.releases import Releases
from shared.stores.timers import Timers
from tests.support.world import KEYS, NOW, SEGMENTS, World, event, later

pytestmark = pytest.mark.unit


def profile(world: World, who: str) -> Profile:
    return world.tree(who).profile()


def cart(world: World, who: str) -> dict[str, int]:
    return {line.product_id: line.quantity for line in profile(world, who).cart.items}


def key(who: str) -> str:
    return KEYS(parse_identifier(who))


def live(world: World) -> list[str]:
    return [item["pk"] for item in world.memory.items() if "live_shard" in item]


def test_two_users_on_one_browser() -> None:
    """The second login takes nothing of the first person: what the browser did before is hers, after it nobody's."""
    world = World()
    world.send(event("Product Added", ["anonymous:a"], at=later(minutes=0), product_id="hers"))
    world.send(event("identify", ["user:ayse", "anonymous:a"], at=later(minutes=1)))
    world.send(event("identify", ["user:mehmet", "anonymous:a"], at=later(minutes=5)))
    world.send(event("Product Added", ["anonymous:a"], at=later(minutes=9), product_id="nobodys"))
    assert cart(world, "user:ayse") == {"hers": 1}
    assert cart(world, "user:mehmet") == {}
    assert sorted(live(world)) == sorted([key("user:ayse"), key("user:mehmet")])


def test_a_second_user_who_is_heard_of_late_takes_back_what_was_folded() -> None:
    """The browser's events after the second login leave the first user's cart, though they were folded long before."""
    world = World()
    world.send(event("identify", ["user:ayse", "anonymous:a"], at=later(minutes=1)))
    world.send(event("Product Added", ["anonymous:a"], at=later(minutes=9), product_id="x"))
    assert cart(world, "user:ayse") == {"x": 1}
    world.send(event("identify", ["user:mehmet", "anonymous:a"], at=later(minutes=5)))
    assert cart(world, "user:ayse") == {}
    assert cart(world, "user:mehmet") == {}


def test_a_guest_who_registers_later() -> None:
    """A guest's order by e-mail and browser becomes the user's own when he registers with that address."""
    world = World()
    guest = ["email:g@example.com", "anonymous:a"]
    world.send(event("Order Completed", guest, at=later(days=-2), order_id="o1", total=50))
    assert [one.id for one in profile(world, "email:g@example.com").orders] == ["o1"]
    world.send(event("identify", ["user:g", "email:g@example.com"], trusted=True))
    assert [one.id for one in profile(world, "user:g").orders] == ["o1"]
    assert live(world) == [key("user:g")]
    assert world.tree("anonymous:a").root == key("user:g")
    assert profile(world, "user:g").segments.keys() == {"new"}


def test_a_loyalty_card_from_the_store_and_a_sign_in() -> None:
    """A card met at the till, a cart on the phone: the sign-in that names both makes one customer with both."""
    world = World()
    world.send(event("Order Completed", ["loyalty:L7"], trusted=True, at=later(days=-3), order_id="till", total=80))
    world.send(event("Product Added", ["device:d"], at=later(hours=-1), product_id="shoes"))
    assert len(live(world)) == 2
    world.send(event("identify", ["user:u", "loyalty:L7", "device:d"], trusted=True))
    for who in ("user:u", "loyalty:L7", "device:d"):
        assert profile(world, who).id == key("user:u")
    mine = profile(world, "user:u")
    assert ([one.id for one in mine.orders], cart(world, "user:u")) == (["till"], {"shoes": 1})
    assert [str(one) for one in mine.identifiers] == ["user:u", "loyalty:L7", "device:d"]
    assert live(world) == [key("user:u")]


def test_aliases_in_a_loop() -> None:
    """Two users who are aliases of each other are one customer, with one live root and one cart."""
    world = World()
    for who in ("one", "two"):
        world.send(event("Product Added", [f"user:{who}"], product_id=who))
    world.send(event("alias", ["user:one"], trusted=True, alias_of="user:two", id="x"))
    world.send(event("alias", ["user:two"], trusted=True, alias_of="user:one", id="y"))
    assert world.tree("user:one").root == world.tree("user:two").root == min(key("user:one"), key("user:two"))
    assert cart(world, "user:one") == {"one": 1, "two": 1}
    assert len(live(world)) == 1


def test_a_loop_that_gets_an_owner_leaves_no_second_customer() -> None:
    """Three aliases in a loop, then an older word that one of them belongs to a fourth: one root stays live."""
    world = World()
    ring = sorted(("one", "two", "three"), key=lambda name: key(f"user:{name}"))
    for place, name in enumerate(ring):
        owner, alias = f"user:{name}", f"user:{ring[(place + 1) % 3]}"
        world.send(event("alias", [owner], trusted=True, alias_of=alias, at=later(minutes=place), id=name))
    assert live(world) == [key(f"user:{ring[0]}")]
    for name in ring:
        fourth = event("alias", ["user:four"], trusted=True, alias_of=f"user:{name}", at=later(days=-9), id=f"4{name}")
        world.send(fourth)
        assert live(world) == [key("user:four")]


def test_a_bot_with_500_devices() -> None:
    """The 64 newest members are joined; an event of the bot costs no more reads than with 64 devices."""

    def reads(devices: int) -> float:
        world = World()
        for start in range(0, devices, 100):
            world.send(
                *(
                    event(
                        "Product Viewed",
                        ["user:bot", f"device:d{place}"],
                        at=later(minutes=place),
                        product_id="x",
                        id=str(place),
                    )
                    for place in range(start, min(start + 100, devices))
                )
            )
        tree = world.tree("user:bot")
        assert len(tree.members) == MAX_MEMBERS
        names = {str(found) for member in tree.members if (found := member.identifier)}
        assert names == {"user:bot", *(f"device:d{place}" for place in range(devices - MAX_MEMBERS + 1, devices))}
        world.memory.usage.reset()
        world.send(event("Product Viewed", ["user:bot"], at=later(days=1), product_id="y"))
        return world.memory.usage.requests

    assert reads(500) == reads(80)


def test_a_stranger_cannot_claim_an_address_with_the_public_key() -> None:
    """A page that says it is me with your e-mail gets nothing of yours, and you get nothing of its traits."""
    world = World()
    you = event("Order Completed", ["user:you", "email:you@example.com"], trusted=True, order_id="o", total=9)
    world.send(you, event("identify", ["email:you@example.com"], trusted=True, traits={"city": "İzmir"}))
    world.send(event("identify", ["user:thief", "email:you@example.com"], traits={"city": "x"}, at=later(days=-50)))
    assert profile(world, "email:you@example.com").id == key("user:you")
    assert profile(world, "user:you").trait("city") == "İzmir"
    world.send(event("Order Completed", ["email:guest@example.com"], at=later(days=-1), order_id="g", total=9))
    world.send(event("identify", ["user:thief", "email:guest@example.com"]))
    assert profile(world, "email:guest@example.com").id == key("email:guest@example.com")
    thief = profile(world, "user:thief")
    assert (thief.orders, [str(one) for one in thief.identifiers]) == ((), ["user:thief"])


def test_a_refund_before_its_order() -> None:
    """It waits, and when the order arrives, it counts: refunded whole, so no order to segment by."""
    world = World()
    world.send(event("Order Refunded", ["user:u"], order_id="o", total=30))
    assert profile(world, "user:u").orders == ()
    world.send(event("Order Completed", ["user:u"], at=later(days=-1), order_id="o", total=30))
    [order] = profile(world, "user:u").orders
    assert (order.state, order.refunded) == ("fully_refunded", Decimal(30))
    assert profile(world, "user:u").segments == {}


def test_a_store_uploads_five_days_late() -> None:
    """The order counts from its own time: it clears the cart of then, keeps what was added since, and dates 'new'."""
    world = World()
    world.send(event("Product Added", ["user:u"], at=later(days=-6), product_id="shirt"))
    world.send(event("Product Added", ["user:u"], at=later(days=-1), product_id="scarf"))
    shirt = [{"product_id": "shirt"}]
    late = event("Order Completed", ["user:u"], trusted=True, at=later(days=-5), order_id="o", total=5, products=shirt)
    world.send(late)
    assert cart(world, "user:u") == {"scarf": 1}
    assert world.timers.armed == {(NOW + timedelta(days=25), key("user:u"))}


# The Lambda handlers, composed with tables in memory.


@dataclass
class Failures:
    """The failure queue."""

    bodies: list[dict[str, Any]] = field(default_factory=list)

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies += [json.loads(body) for body in bodies]


@dataclass
class Hands:
    """A clock that a test turns."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Lambda:
    """What the invocation's context says."""

    aws_request_id: str = "r1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class Deployment:
    """Segment's environment on tables in memory."""

    def __init__(self, customers: MemoryTable | None = None, metrics: MemoryTable | None = None) -> None:
        catalog = MemoryTable()
        Releases(catalog).publish(Release(0, Shop(name="Test"), SEGMENTS))
        self.customers = customers or MemoryTable()
        self.pending = MemoryTable()
        self.failures = Failures()
        self.clock = Hands()
        self.store = CustomerStore(self.customers)
        self.timers = Timers(self.pending)
        self.metrics = metrics or MemoryTable()
        self.environment = Environment(
            self.clock, self.store, self.timers, Releases(catalog), KEYS, self.failures, self.metrics
        )

    def deliver(self, *items: Item, delivery: int = 0) -> dict[str, list[dict[str, str]]]:
        """One stream batch of new items."""
        records = []
        for place, item in enumerate(items):
            if not str(item["pk"]).startswith("?"):
                self.customers.put(item)
            keys = write_item({"pk": item["pk"], "sk": item["sk"]})
            change = {"SequenceNumber": f"{delivery}{place}", "Keys": keys, "NewImage": write_item(item)}
            records.append({"eventName": "INSERT", "dynamodb": change})
        return on_events.respond({"Records": records}, self.environment)

    def take(self, *events: Event) -> dict[str, list[dict[str, str]]]:
        return self.deliver(*(event_item(one, KEYS) for one in events))

    def tick(self, at: datetime) -> dict[str, int]:
        self.clock.at = at
        return on_due.respond(Lambda(), self.environment)

    def segments(self, who: str) -> set[str]:
        customer = self.store.control(key(who)).customer
        return set(customer.segments) if customer else set()

    def due(self) -> list[str]:
        return [item["sk"][:24] for item in self.pending.items() if item["pk"].startswith("flip#")]


TRUST = {True: "server", False: "public"}
NOTHING_FAILED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}


def test_a_poisoned_record_blocks_nobody() -> None:
    """A record that is no event goes to the failure queue by its key, never with its content; the others are folded."""
    world = Deployment()
    broken = [
        {"pk": key("user:b"), "sk": "t#1#x#p", "name": "X", "data": "{}"},
        {"pk": key("user:b"), "sk": "t#2#x#p", "name": "X", "data": '{"who": "secret'},
        {"pk": key("user:b"), "sk": "t#3#x#p"},
        {"pk": key("user:b"), "sk": "t#4#x#p", "name": "X", "data": '{"type": "track", "who": 7}'},
    ]
    good = event_item(event("Order Completed", ["user:g"], order_id="o", total=1), KEYS)
    assert world.deliver(*broken[:2], good, *broken[2:]) == NOTHING_FAILED
    assert [body["sk"] for body in world.failures.bodies] == [item["sk"] for item in broken]
    assert "secret" not in json.dumps(world.failures.bodies)
    assert world.segments("user:g") == {"new"}
    assert [(item["trust"], item["failed"]) for item in world.metrics.items()] == [("unknown", 4)]


class Refusing(MemoryTable):
    """Takes no facts of one customer: they are too large, say."""

    refused = key("user:big")

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        if item["pk"] == self.refused and item["sk"] == "facts":
            raise RefusedByTable("too large")
        super().put(item, expect=expect)


def test_a_customer_whose_facts_do_not_fit_blocks_nobody() -> None:
    """His events are given up one by one, all others of the batch are folded."""
    world = Deployment(Refusing())
    mine = [event("Product Viewed", ["user:big"], product_id="x", id=str(place)) for place in range(2)]
    other = event("Order Completed", ["user:g"], order_id="o", total=1)
    assert world.take(mine[0], other, mine[1]) == NOTHING_FAILED
    assert [body["reason"] for body in world.failures.bodies] == ["RefusedByTable"] * 2
    assert world.segments("user:g") == {"new"}
    (counted,) = world.metrics.items()
    assert (counted["source"], counted["trust"], counted["failed"]) == (mine[0].source, TRUST[mine[0].trusted], 2)


class OutOfOrder(MemoryTable):
    """Takes no counters."""

    def add(self, *_: Any, **__: Any) -> None:
        raise ConnectionError("the network")


def test_a_failure_that_cannot_be_counted_blocks_nobody() -> None:
    """The stream goes on, and the failure queue has the record."""
    world = Deployment(Refusing(), OutOfOrder())
    assert world.take(event("Product Viewed", ["user:big"], product_id="x")) == NOTHING_FAILED
    assert len(world.failures.bodies) == 1


class Busy(MemoryTable):
    """A table that does not answer for a while."""

    busy = True

    def query(self, *args: Any, **how: Any) -> Any:
        if self.busy:
            raise ConnectionError("the network")
        return super().query(*args, **how)


def test_a_busy_table_brings_the_batch_again() -> None:
    """Trouble of the world is no poison: nothing is given up, the stream delivers again from there."""
    table = Busy()
    world = Deployment(table)
    one = event("Order Completed", ["user:g"], order_id="o", total=1)
    assert world.take(one) == {"batchItemFailures": [{"itemIdentifier": "00"}]}
    assert world.failures.bodies == []
    table.busy = False
    assert world.take(one) == NOTHING_FAILED
    assert world.segments("user:g") == {"new"}


def test_flips_come_at_exactly_30_and_90_days() -> None:
    """New for 30 days to the millisecond, at-risk from 90 on, each by one timer that reads one customer."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    tick = timedelta(milliseconds=1)
    assert world.tick(NOW + timedelta(days=30) - tick) == {"fired": 0, "stray": 0, "poisoned": 0}
    assert world.segments("user:u") == {"new"}
    assert world.tick(NOW + timedelta(days=30)) == {"fired": 1, "stray": 0, "poisoned": 0}
    assert world.segments("user:u") == set()
    assert len(world.due()) == 1
    world.tick(NOW + timedelta(days=90) - tick)
    assert world.segments("user:u") == set()
    world.tick(NOW + timedelta(days=90))
    assert world.segments("user:u") == {"at-risk"}
    assert world.due() == []
    assert world.store.control(key("user:u")).members.keys() == {"at-risk"}


def test_a_tick_that_comes_early_by_the_clock_still_flips() -> None:
    """A timer is due by its own time: an environment whose clock is behind evaluates at the due time."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    due = NOW + timedelta(days=30)
    assert world.environment.segmentation().flip(key("user:u"), due, due - timedelta(seconds=5)) is True
    assert world.segments("user:u") == set()


def test_stray_timers_do_no_harm() -> None:
    """A timer of nobody, one that was replaced, and one of an absorbed customer are deleted and change nothing."""
    world = Deployment()
    world.take(event("Order Completed", ["email:g@example.com"], order_id="o", total=1))
    world.take(event("identify", ["user:u", "email:g@example.com"], trusted=True))
    world.timers.arm_flip(NOW, key("user:nobody"))
    world.timers.arm_flip(NOW, key("user:u"))
    before = world.store.control(key("user:u")).customer
    assert before is not None
    assert world.tick(NOW + timedelta(minutes=1)) == {"fired": 0, "stray": 2, "poisoned": 0}
    after = world.store.control(key("user:u")).customer
    assert after is not None
    assert (after.segments, after.armed) == (before.segments, before.armed)
    assert world.store.control(key("user:nobody")).customer is None
    assert world.tick(NOW + timedelta(days=30)) == {"fired": 1, "stray": 1, "poisoned": 0}
    assert world.segments("user:u") == set()
    assert world.tick(NOW + timedelta(days=30)) == {"fired": 0, "stray": 0, "poisoned": 0}


class Interrupted(MemoryTable):
    """Lets a tick happen between the arming of a timer and the writing of the customer who was promised it."""

    def __init__(self) -> None:
        super().__init__()
        self.world: Deployment | None = None

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        world, self.world = (self.world, None) if item["sk"] == "customer" else (None, self.world)
        if world is not None:
            world.tick(world.clock.at + timedelta(minutes=1))
        super().put(item, expect=expect)


def test_a_flip_between_arming_and_writing_is_not_lost() -> None:
    """An order that turns 90 days old while it is folded: the tick finds an unknown timer, and the flip comes all the
    same, at once or with the next tick."""
    for known in (False, True):
        table = Interrupted()
        world = Deployment(table)
        if known:
            world.take(event("Product Viewed", ["user:u"], product_id="x"))
        table.world = world
        world.take(event("Order Completed", ["user:u"], at=later(days=-90, seconds=5), order_id="o", total=1))
        world.tick(NOW + timedelta(minutes=2))
        assert world.segments("user:u") == {"at-risk"}, known


def test_a_lost_timer_heals_with_the_next_event() -> None:
    """A flip that was given up (its timer went with it) holds nothing back: the next event decides and arms anew."""
    world = Deployment()
    world.take(event("Order Completed", ["user:u"], order_id="o", total=1))
    for item in world.pending.items():
        world.pending.delete(item["pk"], item["sk"])
    world.clock.at = NOW + timedelta(days=40)
    world.take(event("Product Viewed", ["user:u"], at=later(days=40), product_id="x"))
    assert world.segments("user:u") == set()
    customer = world.store.control(key("user:u")).customer
    assert customer is not None
    assert customer.armed is not None
    assert moment(customer.armed) == NOW + timedelta(days=90)
    assert len(world.due()) == 1
