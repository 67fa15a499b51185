"""Random lives of a few identifiers: crashes after any call, late and duplicate timers, links and their release."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from shared.domain.events.event import Event
from shared.domain.identity.claims import LINK_RELEASED
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.messages.request import SendRequest
from tests.support.cases import LONG, UNIT
from tests.support.world import event
from tests.unit.schedule.short_journeys import POST_PURCHASE, journey, send
from tests.unit.schedule.whole import Whole
from tests.unit.schedule.world import CART_RECOVERY, KEYS

pytestmark = UNIT
START = datetime(2026, 11, 2, 7, tzinfo=UTC)
ALONE = ("user:1", "user:2", "anonymous:a1", "loyalty:L1")
LINKS = (("user:1", "anonymous:a1"), ("user:1", "loyalty:L1"), ("user:2", "loyalty:L1"))
GAUNTLET = journey(
    journey="gauntlet",
    start={"event": "Signed Up"},
    stop_when={"ordered": {"since": "clock"}},
    steps=[
        {"set": {"greeted": True}},
        {"wait_for": {"event": "Profile Completed", "at_most": "2d", "otherwise": "continue"}},
        {"split": {"a": {"steps": [send("a", purpose="transactional")]}, "b": {"steps": [send("b")]}}},
        {"wait": {"until": "10:00"}},
        {"branch": {"if": {"cart": {"items": {"at_least": 1}}}, "then": [send("full")], "else": [send("empty")]}},
    ],
)
WAYS = (("a", "b"), ("full", "empty"))
"""Steps of which an enrollment never takes both."""
JOURNEYS: tuple[JourneyDefinition, ...] = (CART_RECOVERY, journey(POST_PURCHASE), GAUNTLET)


@dataclass
class Bought:
    """An order as the test knows it, told under one identifier."""

    key: str
    at: datetime
    shipped: datetime | None = None
    cancelled: datetime | None = None
    said: list[Event] = field(default_factory=list)


class Lives(RuleBasedStateMachine):
    """Sends are compared with what the events mean; nothing is asked of the code's own rules."""

    @initialize()
    def begin(self) -> None:
        self.world = Whole(journeys=JOURNEYS, reachable=frozenset({"email"}), now=START)
        self.orders: dict[str, Bought] = {}
        self.told: list[Event] = []
        self.checked = 0

    def say(self, name: str, *who: str, trusted: bool = True, **properties: Any) -> None:
        said = event(
            name, who, at=self.world.now, id=f"m{len(self.told)}", trusted=trusted,
            claims=who[1:], **properties,
        )  # fmt: skip
        self.told.append(said)
        self.world.say(said)

    def requests(self) -> list[SendRequest]:
        return [sending.request for sending in self.world.sendings]

    # What people do.

    @rule(who=st.sampled_from(ALONE), product=st.sampled_from(["p1", "p2"]), adds=st.integers(0, 3))
    def fills_or_empties_the_cart(self, who: str, product: str, adds: int) -> None:
        if adds:
            self.say("Product Added", who, product_id=product, quantity=1)
        else:
            self.say("Product Removed", who, product_id=product)

    @rule(who=st.sampled_from(ALONE), product=st.sampled_from(["p1", "p9"]))
    def orders_something(self, who: str, product: str) -> None:
        name = f"o{len(self.orders)}"
        self.orders[name] = Bought(KEYS(parse_identifier(who)), self.world.now)
        self.say("Order Completed", who, order_id=name, products=[{"product_id": product, "quantity": 1}])
        self.orders[name].said.append(self.told[-1])

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def an_order_is_told_again(self, data: st.DataObject) -> None:
        """By another system of the shop, with another message id."""
        name = data.draw(st.sampled_from(sorted(self.orders)))
        who = str(self.orders[name].said[0].identifiers[0])
        self.say("Order Completed", who, order_id=name, products=[{"product_id": "p1", "quantity": 1}])

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), cancels=st.booleans())
    def something_happens_to_an_order(self, data: st.DataObject, cancels: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.orders)))
        order = self.orders[name]
        who = str(order.said[0].identifiers[0])
        if cancels:
            order.cancelled = order.cancelled or self.world.now
            self.say("Order Cancelled", who, order_id=name)
        else:
            order.shipped = order.shipped or self.world.now
            self.say("Order Shipped", who, order_id=name)

    @rule(who=st.sampled_from(ALONE), name=st.sampled_from(["Signed Up", "Profile Completed"]))
    def does_something_else(self, who: str, name: str) -> None:
        self.say(name, who)

    # What is learnt about them.

    @rule(link=st.sampled_from(LINKS))
    def two_are_one(self, link: tuple[str, str]) -> None:
        self.say("Product Viewed", *link, product_id="p1")

    @rule(link=st.sampled_from(LINKS))
    def a_link_is_released(self, link: tuple[str, str]) -> None:
        owner, child = link
        said = event(LINK_RELEASED, [child], at=self.world.now, id=f"r{len(self.told)}", trusted=True, owner=owner)
        self.told.append(replace(said, source="admin", channel="admin", context={"active": False}))
        self.world.say(self.told[-1])

    @rule(link=st.sampled_from(LINKS), minutes=st.sampled_from([0, 30, 61, 120, 26 * 60]), empties=st.booleans())
    def two_with_carts_are_one(self, link: tuple[str, str], minutes: int, empties: bool) -> None:
        """Known to be one only after each had an enrollment of its own, and one of them perhaps no cart any more."""
        for who in link:
            self.say("Product Added", who, product_id="p1", quantity=1)
            self.world.until(self.world.now + timedelta(minutes=minutes))
        if empties:
            self.say("Product Removed", link[1], product_id="p1")
        self.two_are_one(link)

    # What goes wrong.

    @rule(calls=st.integers(0, 30), who=st.sampled_from(ALONE), adds=st.booleans())
    def a_tick_dies_and_the_cart_changes(self, calls: int, who: str, adds: bool) -> None:
        due = self.world.next_due()
        if due is not None and due - self.world.now < timedelta(days=2):
            self.world.now = max(self.world.now, due)
            self.world.fuse.left = calls
            self.world.tick()
            self.world.fuse.left = None
            self.say("Product Added" if adds else "Product Removed", who, product_id="p1", quantity=1)

    @rule(calls=st.integers(0, 25))
    def dies_soon(self, calls: int) -> None:
        self.world.fuse.left = calls

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def a_record_comes_again(self, data: st.DataObject) -> None:
        customers = [item for item in self.world.customers.items() if item["sk"] == "customer"]
        self.world.stream.append((None, data.draw(st.sampled_from(customers))))
        self.world.settle()

    @rule(late=st.integers(0, 90))
    def timers_come_again(self, late: int) -> None:
        for enrollment in self.world.everybodys_enrollments:
            self.world.timers.arm(
                "journey", self.world.now + timedelta(minutes=late), enrollment.home, enrollment.ref, 99
            )

    # Time.

    @rule(minutes=st.sampled_from([1, 20, 59, 60, 4 * 60, 9 * 60, 24 * 60, 49 * 60, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.world.until(self.world.now + timedelta(minutes=minutes))

    @rule(hours=st.integers(1, 12))
    def nothing_ticks_for_a_while(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)
        self.world.tick()

    # What must hold.

    @invariant()
    def no_step_twice_and_none_after_a_stop(self) -> None:
        if not hasattr(self, "world"):
            return
        sent = Counter((r.home, r.journey, r.enrollment, r.step) for r in self.requests())
        assert all(count == 1 for count in sent.values())
        assert not [key for key in sent for one, other in WAYS if key[-1] == one and (*key[:-1], other) in sent]
        assert self.world.failures.bodies == []
        assert self.world.said_again == []
        enrollments = {
            (enrollment.home, enrollment.ref): enrollment for enrollment in self.world.everybodys_enrollments
        }
        for sending in self.world.sendings[self.checked :]:
            request, at = sending.request, sending.at
            enrollment = enrollments[request.home, f"{request.journey}#{request.enrollment}"]
            if request.journey == "post-purchase":
                cancelled = self.orders[enrollment.one].cancelled
                assert cancelled is None or cancelled >= at
            else:
                ordered = [order.at for order in self.orders.values() if order.key in sending.keys]
                assert not [when for when in ordered if request.clock <= when < at]
            assert enrollment.end is None or enrollment.end.reason == "completed" or enrollment.end.at >= at
        self.checked = len(self.world.sendings)

    @invariant()
    def one_enrollment_per_order(self) -> None:
        if not hasattr(self, "world"):
            return
        enrollments = Counter(
            enrollment.one for enrollment in self.world.everybodys_enrollments if enrollment.journey == "post-purchase"
        )
        assert enrollments == Counter(self.orders.keys())

    def teardown(self) -> None:
        """After everything: nothing lives on, nothing is armed, and each order got what it was owed."""
        if not hasattr(self, "world"):
            return
        self.world.fuse.left = None
        self.world.until(self.world.now + timedelta(days=60))
        assert [enrollment.ref for enrollment in self.world.everybodys_enrollments if enrollment.live] == []
        assert self.world.next_due() is None
        ids = {
            enrollment.one: enrollment
            for enrollment in self.world.everybodys_enrollments
            if enrollment.journey == "post-purchase"
        }
        got = {(request.enrollment, request.step) for request in self.requests()}
        for name, order in self.orders.items():
            assert (ids[name].id, "confirmed") in got or (order.cancelled and order.cancelled <= order.at + LATE)
            # What is told in the very instant in which the waiting is over may be told before or after it.
            shipped = order.shipped is not None and order.shipped < order.at + timedelta(days=10)
            cancelled = order.cancelled and order.cancelled <= (order.shipped or order.at) + LATE
            if shipped and not cancelled:
                assert (ids[name].id, "shipped") in got


LATE = timedelta(hours=13)
"""The longest outage and what the retries of a crashed tick take: an order cancelled by then may have got nothing."""

Lives.TestCase.settings = settings(
    max_examples=1_000 if LONG else 12, stateful_step_count=40 if LONG else 20, deadline=None
)
TestLives = Lives.TestCase
