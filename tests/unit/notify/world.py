"""A shop in memory with notify on it: customers by events, senders that answer as told, queues that are lists."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from cli.definitions.templates import read_templates
from functions.notify.counting_gates import CountingGates
from functions.notify.coupons import Coupons
from functions.notify.follow_up import FollowUp
from functions.notify.provider_gate import ProviderGate
from functions.notify.quota_gate import QuotaGate
from functions.notify.send_context import SendContextReader
from functions.notify.service import Notifying
from functions.notify.warm_up_gate import WarmUpGate
from shared.adapters.indexes import INDEXES
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Cap, Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.messages.request import Channel, Give, SendRequest
from shared.domain.messages.sending_quota import SendingQuota
from shared.domain.templates.definition import Template
from shared.ports import Table
from shared.ports.sender import Accepted, Answer, Outgoing, Sender
from shared.queries.stock_of_now import StockReader
from shared.stores.allowances import Allowances, Waiting
from shared.stores.breakers import Breakers
from shared.stores.consent_items import consent_items
from shared.stores.controls import ControlStore
from shared.stores.coupons import CouponCodes
from shared.stores.customers import CustomerStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import Ledger
from shared.stores.products import Products
from shared.stores.releases import Releases
from shared.stores.reputation import beside_switches
from shared.stores.sending_quota import SendingQuotas
from shared.stores.timers import Timers
from tests.support.world import KEYS, World, event

ROOT = Path(__file__).parents[3]
SECRET = b"a secret of the tests, 32 bytes!!"
MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Monday, 10:00 in Istanbul."""

SHOP = Shop(
    name="Kervan Moda",
    cart_url="https://www.kervan.example/cart",
    contact="destek@kervan.example",
    mersis="0123456789012345",
    address="İstiklal Caddesi 1, İstanbul",
    caps={"marketing": Cap(per_local_day=1, per_7d=4), "sms": Cap(per_7d=1)},
)
JOURNEY = JourneyDefinition.model_validate(
    {
        "journey": "cart-recovery",
        "start": {"when": "cart_changed", "if": {"cart": {"items": {"at_least": 1}}}},
        "clock": {"from": "last_cart_change", "freezes_at": "first_send"},
        "stop_when": {"any": [{"ordered": {"since": "clock"}}, {"cart": {"items": {"exactly": 0}}}]},
        "steps": [
            {
                "id": "reminder",
                "at": "1h",
                "send": "cart-reminder",
                "purpose": "marketing",
                "channels": ["push", "email"],
            }
        ],
    }
)
RENDER = LiquidRenderer()
TEMPLATES = read_templates(ROOT / "definitions" / "templates")


@dataclass
class FakeSender:
    """Answers as told, in order, then yes; keeps what it was given."""

    answers: list[Answer] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Answer:
        self.sent.append(outgoing)
        return self.answers.pop(0) if self.answers else Accepted(f"provider-{len(self.sent)}")


@dataclass
class ListQueue:
    bodies: list[str] = field(default_factory=list)

    def send_many(self, bodies: Iterable[str]) -> None:
        self.bodies.extend(bodies)

    def requests(self) -> list[SendRequest]:
        return [SendRequest.model_validate_json(body) for body in self.bodies]


class Shopping:
    """Ayşe left a cart an hour before MORNING; she agreed to e-mail, SMS and push."""

    def __init__(self, shop: Shop = SHOP, templates: Iterable[Template] = TEMPLATES.values()) -> None:
        self.world, self.templates = World(), tuple(templates)
        self.customers: Table = self.world.memory
        self.messages, self.timers, self.catalog = (
            MemoryTable(indexes=INDEXES["messages"]),
            MemoryTable(),
            MemoryTable(),
        )
        self.products = MemoryTable(indexes=INDEXES["products"])
        self.stock = MemoryTable(indexes=INDEXES["stock"])
        self.stock_reader = StockReader(self.stock, time.monotonic)
        self.queues: dict[Channel, ListQueue] = {"email": ListQueue(), "sms": ListQueue(), "push": ListQueue()}
        self.sender = FakeSender()
        self.chance = random.Random(1)
        self.quota: Callable[[datetime], SendingQuota] | None = None
        self.sleep: Callable[[float], None] = lambda _seconds: None
        self.publish(shop)

    def publish(
        self, shop: Shop = SHOP, *, more: tuple[JourneyDefinition, ...] = (), coupons: tuple[CouponDefinition, ...] = ()
    ) -> Release:
        """The next release: the cart's journey and what a test adds."""
        release = Release(0, shop, (), (JOURNEY, *more), self.templates, coupons)
        return Releases(self.catalog).publish(release)

    def ayse(self, *, at: datetime = MORNING - timedelta(hours=1), tokens: tuple[str, ...] = ("android-1",)) -> None:
        """She signs in with her phones and puts a dress into the cart."""
        for place, token in enumerate(tokens):
            self.send(
                "Application Opened",
                at=at - timedelta(minutes=30 - place),
                context={"device": {"type": "android", "token": token}},
            )
        self.send(
            "identify",
            at=at - timedelta(minutes=5),
            traits={"first_name": "Ayşe", "email": "ayse@example.com", "phone": "0532 111 22 33", "language": "tr"},
        )
        self.add("p1", at=at)
        for channel in ("email", "sms", "push"):
            self.consent(channel, granted=True)

    def send(
        self,
        what: str,
        *,
        at: datetime,
        who: str = "user:42",
        traits: Any = None,
        context: Any = None,
        trusted: bool = True,
        **properties: Any,
    ) -> None:
        made = event(what, [who], at=at, trusted=trusted, traits=traits, context=context)
        self.world.send(replace(made, properties=properties))

    def add(self, product: str, *, at: datetime, name: str = "Keten Elbise", price: str = "1299.90") -> None:
        self.send("Product Added", at=at, product_id=product, quantity=1, name=name, price=price, currency="TRY")

    def consent(
        self, channel: str, *, granted: bool, at: datetime = MORNING - timedelta(days=30), purpose: str = "marketing",
        address_key: str = "", home: str = "user:42", may_grant: bool = True,
    ) -> None:  # fmt: skip
        statement = Consent(
            channel, purpose, granted, at, at, may_grant, "web", f"{channel}-{granted}-{at.isoformat()}", address_key
        )
        where = (KEYS(parse_identifier(home)), *([address_key] if address_key else []))
        self.customers.put_many(consent_items(ConsentRecord(where, statement), trusted=True))

    def notifying(
        self,
        *,
        sender: Sender | None = None,
        off: bool = False,
        url: str = "https://api.example",
        channel: Channel = "email",
    ) -> Notifying:
        customers = CustomerStore(self.customers)
        ledger = Ledger(self.messages)
        controls = ControlStore(self.catalog, also=beside_switches(channel))
        return Notifying(
            ledger=ledger,
            contexts=SendContextReader(
                customers,
                Releases(self.catalog),
                controls,
                JourneyControls(self.catalog),
                KEYS,
                phone_reader,
                RecipientTokens(SECRET),
                url,
                ledger,
                products=Products(self.products),
                stock=self.stock_reader,
            ),
            follow_up=FollowUp(customers, Timers(self.timers), self.queues, KEYS),
            render=RENDER,
            sender=None if off else sender or self.sender,
            coupons=Coupons(CouponCodes(self.messages, self.chance.randrange), ledger),
            provider=ProviderGate(Breakers(self.catalog, channel), sleep=self.sleep),
            counting_gates=self._counting_gates(channel, controls),
        )

    def _counting_gates(self, channel: Channel, controls: ControlStore) -> CountingGates:
        """SES is asked only where a test says what it answers."""
        warm_up = WarmUpGate(Allowances(self.catalog, channel), Waiting(self.catalog, channel))
        if self.quota is None:
            return CountingGates((warm_up,))
        more = (Allowances(self.catalog, channel), Waiting(self.catalog, channel))
        return CountingGates((warm_up, QuotaGate(SendingQuotas(self.catalog, controls), self.quota, *more)))


def request(
    *channels: Channel, step: str = "reminder", template: str = "cart-reminder", due: datetime = MORNING, **more: Any
) -> SendRequest:
    return SendRequest.model_validate(
        {
            "home": KEYS(parse_identifier("user:42")),
            "enrollment": "e1",
            "journey": "cart-recovery",
            "release": 1,
            "step": step,
            "template": template,
            "purpose": "marketing",
            "channels": channels or ("email",),
            "due_ms": milliseconds(due),
            "fresh_until_ms": milliseconds(due + timedelta(hours=14)),
            "clock_ms": milliseconds(due - timedelta(hours=1)),
            **more,
        }
    )


GIVE = Give(coupon="CART10", percent=10, valid_ms=72 * 3_600_000)
