"""Customers who left a cart an hour ago and agreed to everything, each with an enrollment and a message to be sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from benchmarks.deployment import KEYS, NOW, SECRET, Clock, ready_definitions
from benchmarks.timers import Counted
from functions.notify import on_queue
from functions.notify.counting_gates import CountingGates
from functions.notify.coupons import Coupons
from functions.notify.environment import Environment
from functions.notify.follow_up import FollowUp
from functions.notify.message_links import MessageLinks
from functions.notify.provider_gate import ProviderGate
from functions.notify.quota_gate import QuotaGate
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying
from functions.notify.warm_up_gate import WarmUpGate
from functions.schedule.service import Scheduling
from shared.adapters.indexes import INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.definitions.release import Release
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.message_links.message_link import LinkTokens
from shared.domain.messages.request import Channel, SendRequest
from shared.domain.messages.sending_quota import SendingQuota
from shared.domain.profile.customer_item import Customer
from shared.ports import Queue, Table
from shared.ports.sender import Accepted, Answer, Outgoing, Sender
from shared.stores.allowances import Allowances, Waiting
from shared.stores.breakers import Breakers
from shared.stores.companions import CompanionStore
from shared.stores.consent_items import consent_items
from shared.stores.controls import SENDING_SECONDS, ControlStore
from shared.stores.coupons import CouponCodes
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.journey_controls import JourneyControls
from shared.stores.kept_products import KeptProducts
from shared.stores.ledger import Ledger
from shared.stores.products import Products
from shared.stores.releases import Releases
from shared.stores.reputation import beside_switches
from shared.stores.sending_quota import SendingQuotas
from shared.stores.short_links import ShortLinks
from shared.stores.timers import Timers

CART = NOW - timedelta(hours=1)
STEPS: Mapping[Channel, tuple[str, str]] = {
    "email": ("reminder", "cart-reminder"),
    "sms": ("last", "cart-last"),
    "push": ("reminder", "cart-reminder"),
}
"""Channel to a step of cart-recovery and its template."""
TABLES = ("customers", "timers", "messages", "catalog", "products")
PRODUCTS = ("Keten Gömlek Elbise", "Şile Bezi Bluz")


class NullSender:
    """Takes everything at once."""

    def send(self, outgoing: Outgoing) -> Answer:
        return Accepted(outgoing.message_id)


@cache
def _release() -> Release:
    """The ready journey by itself, with all templates."""
    ready = ready_definitions()
    return replace(ready, journeys=tuple(one for one in ready.journeys if one.journey == "cart-recovery"))


@dataclass
class MailingList:
    """``people`` customers; ``worker`` is the function of one channel over ``tables``, by default those in memory."""

    people: int
    release: Release = field(default_factory=_release)
    memory: dict[str, MemoryTable] = field(
        default_factory=lambda: {name: MemoryTable(indexes=INDEXES[name]) for name in TABLES}
    )

    def __post_init__(self) -> None:
        self.release = Releases(self.memory["catalog"]).publish(self.release)
        self.homes = [KEYS(parse_identifier(f"user:b-{number}")) for number in range(self.people)]
        store, timers = CustomerStore(self.memory["customers"]), Timers(self.memory["timers"])
        releases, ledger = Releases(self.memory["catalog"]), Ledger(self.memory["messages"])
        scheduling = Scheduling(store, timers, ledger, releases, JourneyControls(self.memory["catalog"]))
        for number, home in enumerate(self.homes):
            events = list(_events(number))
            store.put_facts(home, StoredFacts(fold(Facts(), events, self.release.features), 1, 1), previous=0)
            last = events[-1]
            customer = Customer(
                version=1, cart_at=milliseconds(CART), cart_count=len(PRODUCTS),
                events=((last.name, home, last.sort_key, milliseconds(CART)),),
            )  # fmt: skip
            store.put_customer(home, customer, previous=0)
            scheduling.customer_changed(home, None, customer, CART)
            self.memory["customers"].put_many(list(_agreed(home)))
        self.runs = {home: store.control(home).enrollments[0]["sk"].rpartition("#")[2] for home in self.homes}
        self.forget()

    def worker(
        self,
        channel: Channel,
        tables: Mapping[str, Table] | None = None,
        sender: Sender | None = None,
        queues: Mapping[Channel, Queue] | None = None,
        ask: Callable[[datetime], SendingQuota] | None = None,
        render: LiquidRenderer | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> Environment:
        """``ask``: what SES says of its quota; without it nobody asks. ``render``: one of its own if not given.
        ``elapsed``: seconds, by which products are believed for a while."""
        use: Mapping[str, Table] = tables or self.memory
        customers, ledger = CustomerStore(use["customers"]), Ledger(use["messages"])
        clock = Clock()
        controls = ControlStore(use["catalog"], believed_for=SENDING_SECONDS, also=beside_switches(channel))
        contexts = SendContextReader(
            customers=customers,
            releases=Releases(use["catalog"]),
            controls=controls,
            journeys=JourneyControls(use["catalog"]),
            keys=KEYS,
            phone=phone_reader,
            tokens=RecipientTokens(SECRET),
            public_url="https://api.example",
            ledger=ledger,
            companions=CompanionStore(use["catalog"]),
            products=KeptProducts(Products(use["products"]), elapsed),
        )
        counted = Allowances(use["catalog"], channel), Waiting(use["catalog"], channel)
        counting_gates = CountingGates((WarmUpGate(*counted),))
        if ask is not None:
            quota = QuotaGate(SendingQuotas(use["catalog"], controls), ask, *counted)
            counting_gates = CountingGates((WarmUpGate(*counted), quota))
        queues = queues or {"email": Counted(), "sms": Counted(), "push": Counted()}
        notifying = Notifying(
            ledger=ledger,
            contexts=contexts,
            follow_up=FollowUp(customers, Timers(use["timers"]), queues, KEYS),
            render=render or LiquidRenderer(),
            sender=sender or NullSender(),
            coupons=Coupons(CouponCodes(use["messages"], lambda most: most - 1), ledger),
            links=MessageLinks(LinkTokens(SECRET), ShortLinks(use["messages"]), "https://api.example"),
            provider=ProviderGate(Breakers(use["catalog"], channel, controls), sleep=lambda _seconds: None),
            counting_gates=counting_gates,
        )
        return Environment(channel, clock, notifying)

    def requests(self, channel: Channel) -> list[str]:
        """One message to everybody, as the queue holds it."""
        return [self.request(home, channel).model_dump_json(exclude_none=True) for home in self.homes]

    def request(self, home: str, channel: Channel) -> SendRequest:
        step, template = STEPS[channel]
        return SendRequest(
            home=home, enrollment=self.runs[home], journey="cart-recovery", release=1, step=step, template=template,
            purpose="marketing", channels=(channel,), due_ms=milliseconds(NOW),
            fresh_until_ms=milliseconds(NOW + timedelta(hours=14)), clock_ms=milliseconds(CART), priority=90,
        )  # fmt: skip

    def forget(self) -> None:
        for table in self.memory.values():
            table.usage.reset()


def send(worker: Environment, bodies: Sequence[str]) -> None:
    """One batch of the queue; raises AssertionError if not every message came to an outcome."""
    records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
    failed = on_queue.work({"Records": records}, lambda: worker)["batchItemFailures"]
    if failed:
        raise AssertionError(f"{len(failed)} messages were not sent")


def _events(number: int) -> Iterator[Event]:
    """Signs in on a phone, and puts two products into the cart."""
    phone = {"device": {"type": "android", "token": f"token-{number}"}}
    yield _event(number, "Application Opened", CART - timedelta(minutes=40), context=phone)
    traits = {
        "first_name": "Ayşe", "email": f"ayse-{number}@example.com", "phone": f"+9053211{number:05d}", "language": "tr",
    }  # fmt: skip
    yield _event(number, "Identified", CART - timedelta(minutes=30), traits=traits)
    for place, name in enumerate(PRODUCTS, 1):
        said = {
            "product_id": f"p{place}", "quantity": 1, "name": name, "price": 1299.9, "currency": "TRY",
            "variant": "36, toprak", "url": f"https://shop.example/p/{place}",
            "image_url": f"https://shop.example/i/{place}.jpg",
        }  # fmt: skip
        yield _event(number, "Product Added", CART - timedelta(minutes=2 - place), properties=said)


def _event(number: int, name: str, at: datetime, **more: Any) -> Event:
    kind = EventType.IDENTIFY if name == "Identified" else EventType.TRACK
    return Event(
        type=kind, name=name, message_id=f"{name}-{at.isoformat()}", time=at, received_at=at, source="app",
        channel="app", trusted=True, identifiers=(parse_identifier(f"user:b-{number}"),), **more,
    )  # fmt: skip


def _agreed(home: str) -> Iterator[dict[str, Any]]:
    at = NOW - timedelta(days=30)
    for channel in ("email", "sms", "push"):
        said = Consent(channel, "marketing", True, at, at, True, "web", f"{channel}-yes", "")
        yield from consent_items(ConsentRecord((home,), said), trusted=True)
