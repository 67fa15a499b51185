"""The customer as segments, journeys and templates see it: the join of the facts of its identifiers, made readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct, field

from shared.domain.consent.consent import Consent
from shared.domain.identity.identifiers import Identifier
from shared.domain.profile.engagement import Engagement

OrderState = Literal["completed", "cancelled", "fully_refunded"]


class Line(Struct, frozen=True):
    """A product in a cart or on a wishlist. ``details``: name, price, currency, variant, image_url, url, ...

    ``sold_out`` and ``told_price`` (what it cost when the customer was told) are said in messages only, and only where
    the template chose to say so.
    """

    product_id: str
    quantity: int
    changed_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    sold_out: bool = False
    told_price: Decimal | None = None


class Cart(Struct, frozen=True):
    """``updated_at``: the last add, removal or change of quantity (not a view); None if there was none."""

    items: tuple[Line, ...] = ()
    updated_at: datetime | None = None

    @property
    def count(self) -> int:
        """Different products in the cart."""
        return len(self.items)


class Order(Struct, frozen=True):
    """``at`` is the time of the earliest Order Completed; ``refunded`` the sum of its refunds, at most ``total``.

    ``returned``: something was given back, even of a total that nobody told.
    """

    id: str
    at: datetime
    total: Decimal
    currency: str
    channel: str
    state: OrderState
    refunded: Decimal
    products: tuple[tuple[str, int, str], ...] = ()
    """(product_id, quantity, category)"""
    coupon: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunded_at: datetime | None = None
    """When it was refunded as a whole; None if it was not."""
    details: Mapping[str, Any] = field(default_factory=dict)
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    """Per product what was paid for it in all, where the event gave its price."""
    returned: bool = False
    location: str = ""
    """The store where it was bought or picked up, as a trusted source said."""


class Viewed(Struct, frozen=True):
    """A product that was looked at. ``name`` and ``category`` are empty where the event did not say them."""

    product_id: str
    at: datetime
    name: str = ""
    category: str = ""


class Alert(Struct, frozen=True):
    """The customer asked to be told when this sku (or product) is there, and was not told yet."""

    product_id: str
    at: datetime


class PushToken(Struct, frozen=True):
    token: str
    platform: Literal["android", "ios", "web"]
    """``web``: ``token`` is the subscription of a browser, as JSON."""
    seen_at: datetime


class Case(Struct, frozen=True):
    """Something that the shop owes an answer to: a complaint, a return, a refund.

    ``order_id`` is empty if none was named; ``closed_at`` is None as long as it is open.
    """

    id: str
    kind: Literal["complaint", "return", "refund"]
    order_id: str
    opened_at: datetime
    closed_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.closed_at is None


class Trait(Struct, frozen=True):
    value: Any
    at: datetime
    trusted: bool


class Profile(Struct, frozen=True):
    """Everything is already joined over the tree of identifiers, sorted, and independent of arrival order.

    ``orders`` holds completed orders, oldest first, of any state (the reader applies ``Shop.orders_ignore``:
    ``counted_orders``). ``seen`` gives per event name the newest occurrences (time, event id), newest first, as many as
    definitions need; ``first_seen`` the first. An event that a definition asks for by its properties is there a second
    time, under ``feature_key(name, where)``. ``keys`` are the partition keys of the members, root first.
    """

    id: str
    keys: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    traits: Mapping[str, Trait]
    cart: Cart
    wishlist: tuple[Line, ...]
    orders: tuple[Order, ...]
    tokens: tuple[PushToken, ...]
    seen: Mapping[str, tuple[tuple[datetime, str], ...]]
    first_seen: Mapping[str, datetime]
    activity: tuple[tuple[datetime, str, str], ...] = ()
    """The newest hours in which the person did something: (begin of the hour, channel, device kind), newest first."""
    time_zone: tuple[str, datetime] | None = None
    """The newest zone that a device reported, and when."""
    locale: tuple[str, datetime] | None = None
    consents: tuple[Consent, ...] = ()
    segments: Mapping[str, datetime] = field(default_factory=dict)
    """Memberships with their beginning, as last evaluated."""
    viewed: tuple[Viewed, ...] = ()
    """The last different products looked at, newest first."""
    categories_viewed: tuple[tuple[str, datetime], ...] = ()
    """The last different categories looked at, newest first."""
    engagement: Engagement = field(default_factory=Engagement)
    used: tuple[tuple[datetime, str, str], ...] = ()
    """Per channel and kind of device the begin of the newest hour of use: (hour, channel, device), newest first."""
    keyed: Mapping[tuple[str, str], Mapping[str, datetime]] = field(default_factory=dict)
    """What journeys wait for: (event, property) to each value of the property with the newest time it came."""
    cases: tuple[Case, ...] = ()
    """Complaints, returns and refunds, open and closed, oldest first."""
    provisional: tuple[Order, ...] = ()
    """Orders that only a public source reported, in a shop that takes orders from trusted ones: they do not count."""
    alerts: tuple[Alert, ...] = ()
    """What he asked to be told of, oldest first."""

    def trait(self, name: str) -> Any:
        found = self.traits.get(name)
        return None if found is None else found.value

    def counted_orders(self, ignore: Sequence[str]) -> tuple[Order, ...]:
        """Orders that count, oldest first: those whose state the shop does not ignore."""
        return tuple(order for order in self.orders if order.state not in ignore)
