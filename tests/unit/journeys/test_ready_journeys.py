"""Every ready journey played with production's own functions in memory: what goes out when, what does not, why."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cli.definitions.folder import check_folder
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event
from shared.domain.journeys.start_definition import EventStart
from shared.domain.products.product import read_product
from shared.domain.stock.level import NO_RULES
from shared.domain.stock.location import Location
from shared.domain.stock.request import Line, StockRequest
from shared.ports.sender import Outgoing
from shared.queries.stock_of_now import StockReader
from shared.stores.consent_items import consent_items
from shared.stores.event_items import event_item
from shared.stores.locations import Locations
from shared.stores.products import Products
from shared.stores.stock import StockStore
from simulation.world import World
from tests.e2e.test_history_is_quiet import person
from tests.support.world import event

pytestmark = pytest.mark.unit

ISTANBUL = ZoneInfo("Europe/Istanbul")
AYSE = ("user:ayse",)
DRESS: dict[str, Any] = {
    "product_id": "dress",
    "name": "Keten Elbise",
    "price": 1299.9,
    "currency": "TRY",
    "url": "https://shop.example/p/dress",
}


def at(day: int, clock: str, month: int = 11) -> datetime:
    """In Istanbul, in 2026."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}:00").replace(tzinfo=ISTANBUL)


@pytest.fixture(scope="module")
def release() -> Release:
    checked = check_folder(Path(__file__).parents[3] / "definitions")
    assert checked.bundle is not None, checked.problems
    return checked.bundle.release()


class Play:
    """Ayşe has an e-mail address and a phone, and agreed to both; everything is told by servers."""

    def __init__(self, release: Release, start: datetime) -> None:
        self.stock = MemoryTable(indexes=INDEXES["stock"])
        self.products = Products(MemoryTable(indexes=INDEXES["products"]))
        self.world = World(release, start, products=self.products, stock=StockReader(self.stock, time.monotonic))
        self.count = 0
        who = {"first_name": "Ayşe", "email": "ayse@example.com", "phone": "+905321112233", "language": "tr"}
        self.tell("identify", start, traits=who)
        for channel in ("email", "sms", "push"):
            said = Consent(channel, "marketing", True, start, start, True, "server", f"c-{channel}", "")
            self.world.put(consent_items(ConsentRecord((self.world.keys(self.home),), said), trusted=True))

    @property
    def home(self) -> Any:
        return self._event("x", AYSE, at(1, "00:00")).owner

    def tell(self, what: str, when: datetime, /, who: Sequence[str] = AYSE, traits: Any = None, **said: Any) -> None:
        """Time goes on until then; the event is folded and acted upon."""
        self.world.advance(when)
        self.world.put([event_item(self._event(what, who, when, traits, **said), self.world.keys)])
        self.world.settle()

    def _event(self, what: str, who: Sequence[str], when: datetime, traits: Any = None, /, **said: Any) -> Event:
        self.count += 1
        return event(what, who, at=when, id=f"m-{self.count}", trusted=True, traits=traits, **said)

    def order(self, number: str, when: datetime, *products: str, who: Sequence[str] = AYSE) -> None:
        bought = products or ("dress",)
        listed = [{**DRESS, "product_id": name, "name": f"Keten {name}", "quantity": 1} for name in bought]
        self.tell("Order Completed", when, who, order_id=number, total=1299.9, currency="TRY", products=listed)

    def until(self, when: datetime) -> list[str]:
        """Time goes on until then; every message that was sent since the beginning: when, which step, on what."""
        self.world.advance(when)
        return [
            f"{record.decided_at.astimezone(ISTANBUL):%d.%m %H:%M} {record.journey}/{record.step} {record.channel}"
            for record in self.world.records()
            if record.state.value == "sent"
        ]

    def why(self, journey: str) -> set[str]:
        """The reasons of what was not sent, and how its enrollments ended."""
        skipped = {
            str(getattr(record.outcome, "reason", ""))
            for record in self.world.records()
            if record.journey == journey and record.state.value != "sent"
        }
        ended = (one for one in self.world.enrollments() if one.journey == journey)
        return skipped | {one.end.reason for one in ended if one.end is not None}

    def shown(self, step: str) -> Outgoing:
        kept: Iterable[Outgoing] = (one for channel in self.world.sent.values() for one in channel.outgoing.values())
        return next(one for one in kept if one.tags["step"] == step)


def test_after_a_purchase(release: Release) -> None:
    """Confirmed at once and even at night, followed with its number, and three days after it came the wish for a
    review, in the hours of sending."""
    play = Play(release, at(2, "09:00"))
    play.order("K-1", at(2, "23:30"))
    play.tell("Order Shipped", at(4, "11:00"), order_id="K-1", tracking_number="726011", carrier="Yurtiçi Kargo")
    play.tell("Order Delivered", at(6, "21:00"), order_id="K-1")
    assert play.until(at(12, "12:00")) == [
        "02.11 23:30 post-purchase/confirmed email",
        "04.11 11:00 post-purchase/shipped sms",
        "10.11 09:00 post-purchase/review email",
    ]
    assert "726011" in str(play.shown("shipped").content)
    assert "K-1" in str(play.shown("confirmed").content)
    assert "Keten dress" in str(play.shown("review").content)


def test_no_review_is_asked_of_who_complains_and_nothing_is_told_of_a_cancelled_order(release: Release) -> None:
    """A return of the order is open when the review is due; the other order was cancelled before it shipped."""
    play = Play(release, at(2, "09:00"))
    play.order("K-1", at(2, "10:00"))
    play.order("K-2", at(2, "11:00"))
    play.tell("Order Cancelled", at(2, "12:00"), order_id="K-2")
    play.tell("Order Shipped", at(3, "11:00"), order_id="K-1")
    play.tell("Order Shipped", at(3, "11:00"), order_id="K-2")
    play.tell("Order Delivered", at(4, "11:00"), order_id="K-1")
    play.tell("Return Opened", at(5, "11:00"), order_id="K-1", return_id="r1")
    sent = play.until(at(12, "12:00"))
    assert [line.split()[2] for line in sent] == [
        "post-purchase/confirmed", "post-purchase/confirmed", "post-purchase/shipped"
    ]  # fmt: skip
    assert "unless" in play.why("post-purchase")


def test_what_goes_with_the_order(release: Release) -> None:
    """A week after the parcel, at an hour when she is usually active, what others bought with the dress."""
    play = Play(release, at(1, "09:00"))
    for number in range(3):
        play.order(f"other-{number}", at(1, f"1{number}:00"), "dress", "belt", who=(f"user:other-{number}",))
    play.order("K-1", at(2, "10:00"), "dress")
    play.tell("Order Delivered", at(3, "15:00"), order_id="K-1")
    sent = [line for line in play.until(at(13, "12:00")) if "complementary" in line]
    assert len(sent) == 1
    assert sent[0].startswith(("10.11", "11.11"))
    assert "Keten belt" in str(play.shown("suggestion").content)


def test_what_was_looked_at_closely(release: Release) -> None:
    """The same product twice within a day: a day later. Not after one look at each of two, nor for who has a cart."""
    belt = {**DRESS, "product_id": "belt", "name": "Deri Kemer"}
    play = Play(release, at(2, "09:00"))
    play.tell("Product Viewed", at(2, "10:00"), **DRESS)
    play.tell("Product Viewed", at(2, "10:05"), **belt)
    assert play.until(at(4, "09:00")) == []
    play.tell("Product Viewed", at(4, "10:00"), **DRESS)
    play.tell("Product Viewed", at(4, "10:05"), **belt)
    play.tell("Product Viewed", at(4, "10:30"), **DRESS)
    assert play.until(at(5, "12:00")) == ["05.11 10:30 browse-follow-up/follow-up email"]
    assert "Keten Elbise" in str(play.shown("follow-up").content)
    assert "Deri Kemer" not in str(play.shown("follow-up").content)

    carted = Play(release, at(2, "09:00"))
    for clock in ("10:00", "10:30"):
        carted.tell("Product Viewed", at(2, clock), **DRESS)
    carted.tell("Product Added", at(2, "11:00"), quantity=1, **DRESS)
    assert carted.until(at(3, "10:59")) == ["02.11 12:00 cart-recovery/reminder email"]


def test_the_last_order_is_ninety_days_ago(release: Release) -> None:
    """One offer with a code; an order before it ends the enrollment."""
    ordered = at(2, "10:30", month=8)
    play, bought = Play(release, at(2, "09:00", month=8)), Play(release, at(2, "09:00", month=8))
    play.order("K-1", ordered)
    bought.order("K-1", ordered)
    bought.order("K-2", ordered + timedelta(days=80))
    due = ordered + timedelta(days=90)
    assert [line for line in play.until(due - timedelta(minutes=5)) if "win-back" in line] == []
    sent = [line for line in play.until(due + timedelta(days=2)) if "win-back" in line]
    assert [line.split()[2:] for line in sent] == [["win-back/offer", "email"]]
    assert "DONUS15" in str(play.shown("offer").content)
    assert [line for line in bought.until(due + timedelta(days=2)) if "win-back" in line] == []


def test_a_welcome_never_takes_the_place_of_the_cart(release: Release) -> None:
    """Signed up and went: welcomed on the morning after. With a cart on that day the cart is spoken of, at its hour."""
    play, carted = Play(release, at(2, "09:00")), Play(release, at(2, "09:00"))
    play.tell("Signed Up", at(2, "15:00"))
    assert play.until(at(4, "12:00")) == ["03.11 09:00 welcome/welcome email"]
    carted.tell("Signed Up", at(2, "10:00"))
    carted.tell("Product Viewed", at(2, "10:01"), **DRESS)
    carted.tell("Product Viewed", at(2, "10:02"), **DRESS)
    carted.tell("Product Added", at(2, "10:03"), quantity=1, **DRESS)
    assert carted.until(at(3, "12:00")) == [
        "02.11 11:03 cart-recovery/reminder email",
        "03.11 10:03 cart-recovery/offer email",
    ]


def test_who_buys_most_sees_it_first(release: Release) -> None:
    """The sixth order within half a year: a day later the code."""
    play = Play(release, at(1, "09:00"))
    for number in range(6):
        play.order(f"K-{number}", at(2 + number, "11:00"))
    sent = [line for line in play.until(at(10, "12:00")) if "vip" in line]
    assert [line.split()[2] for line in sent] == ["vip-early-access/invitation"]
    assert sent[0].startswith(("08.11", "09.11"))
    assert "VIPERKEN" in str(play.shown("invitation").content)


def test_back_in_stock_and_cheaper(release: Release) -> None:
    """At once in the hours of sending; not for who has it in the cart or bought it; a dearer product is no drop."""
    play = Play(release, at(2, "09:00"))
    play.tell("Product Back in Stock", at(2, "21:00"), **DRESS)
    assert play.until(at(3, "12:00")) == ["03.11 09:00 back-in-stock/back email"]
    play.tell("Product Price Dropped", at(4, "12:00"), **DRESS, old_price=1799.9)
    assert play.until(at(4, "13:00"))[1:] == ["04.11 12:00 price-drop/drop email"]
    assert "1.799,90 TL" in str(play.shown("drop").content)

    other = Play(release, at(2, "09:00"))
    other.tell("Product Price Dropped", at(2, "12:00"), **DRESS, old_price=999)
    other.tell("Product Back in Stock", at(3, "21:00"), **DRESS)
    other.order("K-1", at(3, "22:00"), "dress")
    sent = other.until(at(5, "12:00"))
    assert [line.split()[2] for line in sent] == ["post-purchase/confirmed"]
    assert "content_missing" in other.why("price-drop")


def test_the_last_hours_of_an_offer(release: Release) -> None:
    """A text message two hours before the end, in the last send hour if that is at night. What is announced after the
    hours of sending and ends before they begin calls nobody."""
    offer: dict[str, Any] = {"offer_id": "o1", "name": "Kasım fırsatı", "percent": 20, "coupon": "KASIM20"}
    play = Play(release, at(2, "09:00"))
    play.tell("Offer Started", at(2, "10:00"), **offer, ends_at="2026-11-04T19:00:00+03:00")
    assert play.until(at(5, "12:00")) == ["04.11 17:00 last-hours/call sms"]
    assert "%20 indirim 19:00'da bitiyor, kodunuz KASIM20" in str(play.shown("call").content)

    night = Play(release, at(2, "09:00"))
    night.tell("Offer Started", at(2, "10:00"), **offer, ends_at="2026-11-05T00:00:00+03:00")
    assert night.until(at(6, "12:00")) == ["04.11 19:00 last-hours/call sms"]

    late = Play(release, at(2, "09:00"))
    late.tell("Offer Started", at(2, "21:00"), **offer, ends_at="2026-11-03T00:00:00+03:00")
    assert late.until(at(6, "12:00")) == []
    assert "content_missing" in late.why("last-hours")


def test_a_birthday(release: Release) -> None:
    """At ten in the morning of the day, with a code, once."""
    play = Play(release, at(2, "09:00"))
    play.tell("identify", at(2, "09:30"), traits={"birthday": "1990-11-09"})
    sent = play.until(at(20, "12:00"))
    assert [line.split()[2] for line in sent] == ["birthday/greeting"]
    assert sent[0].startswith("09.11 10:")
    assert "DOGUMGUNU" in str(play.shown("greeting").content)


def test_a_pick_up_in_store(release: Release) -> None:
    """The code at once, a reminder while it waits, a notice when the time is over; each only if our stock told it."""
    waits = {"pickup_id": "P-1", "location_name": "Kadıköy", "order_id": "K-1", "until": "2026-11-05T09:00:00+03:00"}
    late = Play(release, at(1, "09:00"))
    late.tell("Pickup Ready", at(2, "09:00"), **waits, code="7KQ2MX")
    late.tell("Pickup Waiting", at(3, "09:00"), **waits)
    late.tell("Pickup Waiting", at(3, "10:00"), **{**waits, "pickup_id": "P-other"})
    late.tell("Pickup Expired", at(5, "09:00"), **waits)
    assert late.until(at(20, "12:00")) == [
        "02.11 09:00 pickup/ready sms", "03.11 09:00 pickup/reminder sms", "05.11 09:00 pickup/expired sms",
    ]  # fmt: skip
    assert "7KQ2MX" in str(late.shown("ready").content)
    assert "Kadiköy, son gün 5 Kasim" in str(late.shown("ready").content)

    soon = Play(release, at(1, "09:00"))
    soon.tell("Pickup Ready", at(2, "09:00"), **waits, code="7KQ2MX")
    soon.tell("Picked Up", at(2, "18:00"), **waits)
    assert soon.until(at(20, "12:00")) == ["02.11 09:00 pickup/ready sms"]


def test_care_of_what_was_bought(release: Release) -> None:
    """A day after the parcel came, of what has advice; not if nothing has, or the order is cancelled."""
    play = Play(release, at(2, "09:00"))
    advice = {
        "id": "dress",
        "name": "Keten Elbise",
        "price": "1299.90",
        "currency": "TRY",
        "care": {"tr": "30 derecede yıkayın."},
    }
    play.products.put([read_product(advice)], at(2, "09:00"))
    play.order("K-1", at(2, "10:00"), "dress", "belt")
    play.tell("Order Delivered", at(4, "22:00"), order_id="K-1")
    sent = [line for line in play.until(at(5, "23:00")) if "care-guide" in line]
    assert sent == ["05.11 22:00 care-guide/guide email"]
    content = str(play.shown("guide").content)
    assert "30 derecede yıkayın." in content
    assert "Keten belt" not in content

    other = Play(release, at(2, "09:00"))
    other.order("K-1", at(2, "10:00"))
    other.tell("Order Delivered", at(4, "12:00"), order_id="K-1")
    other.products.put([read_product(advice)], at(4, "12:00"))
    other.order("K-2", at(5, "10:00"), "belt")
    other.tell("Order Cancelled", at(5, "10:30"), order_id="K-1")
    other.tell("Order Delivered", at(5, "12:00"), order_id="K-2")
    assert not [line for line in other.until(at(8, "12:00")) if "care-guide" in line]
    assert other.why("care-guide") == {"content_missing", "stopped_order"}


def test_the_store_nearby(release: Release) -> None:
    """What lies in the store is told there and then, once in a week; not of a store that has none, not in the night."""
    play = Play(release, at(2, "09:00"))
    play.tell("Application Opened", at(2, "09:00"), context={"device": {"type": "ios", "token": "t"}})
    for name in ("kadikoy", "besiktas"):
        Locations(play.stock, lambda: 0.0).put(Location(name, name.title()))
    play.tell("Product Added", at(2, "20:30"), **DRESS, quantity=1)
    receipt = StockRequest("in", (Line("receipt", "dress", "kadikoy", 1),), at(2, "09:00"))
    StockStore(play.stock).apply(receipt, lambda _: NO_RULES)
    play.tell("Store Nearby", at(2, "20:45"), location="kadikoy")
    play.tell("Store Nearby", at(7, "10:45"), location="besiktas")
    play.tell("Store Nearby", at(7, "15:00"), location="kadikoy")
    play.tell("Store Nearby", at(9, "15:00"), location="kadikoy")
    play.tell("Store Nearby", at(15, "16:00"), location="kadikoy")
    sent = [line for line in play.until(at(16, "12:00")) if "near-store" in line]
    assert sent == ["07.11 15:00 near-store/nearby push", "15.11 16:00 near-store/nearby push"]
    assert "Kadikoy mağazamızda" in str(play.shown("nearby").content)
    assert {"quiet_hours", "out_of_stock"} <= play.why("near-store")


def test_every_ready_journey_is_in_the_history_that_begins_nothing(release: Release) -> None:
    """What begins by an event begins by one of those that the test of an imported history sends."""
    sent = {row.get("event") for row in person("x", at(2, "09:00"), "1990-01-01")}
    started = {journey.start.event for journey in release.journeys if isinstance(journey.start, EventStart)}
    assert started - sent == {"Subscription Requested"}  # only our own form makes one (its ticket is signed)
