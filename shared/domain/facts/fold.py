"""From an event to facts: what one event alone says. Folding is the join of these (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from shared.domain.definitions.value_test import ValueTest, matches, values_at
from shared.domain.events.event import Event, EventType
from shared.domain.facts import cart_events, order_events, values
from shared.domain.facts.cases import CASE_EVENTS, case_of
from shared.domain.facts.facts import Facts, used_by, values_kept
from shared.domain.facts.newest import Stamp
from shared.domain.facts.provisional import OrdersFrom, is_provisional
from shared.domain.facts.seen import Seen
from shared.domain.facts.touching import engagement_of, feature_name
from shared.domain.identity.keys import milliseconds

OWN_CHANNELS = frozenset({"email", "sms", "push"})
"""Channels on which we speak: what comes back from them is reaction, not a visit."""
ALERT_REQUESTED, ALERT_CANCELLED = "Product Alert Requested", "Product Alert Cancelled"
BACK_IN_STOCK = "Product Back in Stock"
FOLD = 9
"""Raised whenever an event says more, or something else, than before: the next release folds the log anew."""


class Filtered(Struct, frozen=True):
    """Occurrences of an event whose properties pass ``where``; ``key`` is their ``feature_key``."""

    key: str
    where: Mapping[str, ValueTest]
    keep: int


class Features(Struct, frozen=True):
    """What definitions need beyond the common facts.

    ``keep``: per event name how many newest occurrences. ``filtered``: per event name the tests of its properties, each
    with how many newest occurrences pass (kept in ``Facts.seen`` under ``feature_key``). ``keyed``: per event name the
    properties whose values are remembered with their newest time. ``orders_from``: whose word about orders counts.
    """

    keep: Mapping[str, int] = field(default_factory=dict)
    filtered: Mapping[str, tuple[Filtered, ...]] = field(default_factory=dict)
    keyed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    orders_from: OrdersFrom = "any"

    def written(self) -> list[object]:
        """Equal if and only if the same is kept; ``key`` stands for its tests."""
        filtered = {
            name: sorted((one.key, one.keep) for one in asked) for name, asked in self.filtered.items() if asked
        }
        keyed = {name: sorted(paths) for name, paths in self.keyed.items() if paths}
        kept: list[object] = [sorted(self.keep.items()), sorted(filtered.items()), sorted(keyed.items())]
        return kept if self.orders_from == "any" else [*kept, self.orders_from]


def fold(facts: Facts, events: Iterable[Event], features: Features, *, until: int | None = None) -> Facts:
    """The facts with these events joined in; any order, any number of times.

    ``until`` (milliseconds): events at or after it count for nobody (a contested browser).
    """
    folded = facts.copy()
    for event in events:
        if until is None or milliseconds(event.time) < until:
            folded.absorb(facts_of(event, features))
    return folded


def facts_of(event: Event, features: Features) -> Facts:
    """What one event says."""
    facts = Facts(name=str(event.owner) if event.identifiers else "")
    stamp = (milliseconds(event.time), event.id)
    layer = facts.trusted if event.trusted else facts.public
    for trait, value in event.traits.items():
        if len(trait) <= 100 and values.trait_fits(value):
            layer.put(trait, (*stamp, value))
    layer.trim()
    _context(facts, event, stamp)
    if is_provisional(event, features.orders_from):
        if event.name == "Order Completed":
            order_events.order_reported(facts, event, stamp)
        return facts
    _features(facts, event, stamp, features)
    touched = engagement_of(event, stamp)
    if touched is not None:
        facts.engagement = touched
    if event.type is EventType.TRACK:
        reader = _READERS.get(event.name)
        if reader is not None:
            reader(facts, event, stamp)
    return facts


def _features(facts: Facts, event: Event, stamp: Stamp, features: Features) -> None:
    """What definitions ask for; most events are asked for by name only, or not at all."""
    name = feature_name(event)
    keep = features.keep.get(name)
    if keep:
        facts.seen[name] = Seen(stamp[0], {keep: (stamp,)})
    for asked in features.filtered.get(name, ()):
        if matches(asked.where, event.properties):
            facts.seen[asked.key] = Seen(stamp[0], {asked.keep: (stamp,)})
    for path in features.keyed.get(name, ()):
        found = sorted(filter(None, map(values.id_of, values_at(event.properties, path))))
        if found:
            there = facts.keyed[name, path] = values_kept()
            for value in found:
                there.put(value, (*stamp, None))
            there.trim()


def _context(facts: Facts, event: Event, stamp: Stamp) -> None:
    for place, name in (("zone", "timezone"), ("locale", "locale")):
        said = values.text(event.context.get(name), 64)
        if said:
            facts.places.put(place, (*stamp, said))
    device = event.context.get("device")
    device = device if isinstance(device, Mapping) else {}
    kind = values.text(device.get("type"), 20).lower()
    token = values.text(device.get("token"), 1_024)
    if token:
        facts.tokens.put(token, (*stamp, _platform(kind, token)))
    if event.channel not in OWN_CHANNELS and event.context.get("active") is not False:
        facts.activity = (visit,) = ((stamp[0] // 3_600_000, event.channel, kind),)
        facts.used.put(*used_by(visit))


def _platform(kind: str, token: str) -> str:
    """A browser's token is its subscription, which is JSON; whatever else comes from a web page is FCM's."""
    if token.startswith("{"):
        return "web"
    return "ios" if kind in ("ios", "ipados", "apple") else "android"


def _viewed(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        shown = {name: said for name in ("name", "category") if (said := values.text(event.properties.get(name), 100))}
        facts.viewed.put(product, (*stamp, shown))
    _browsed(facts, event, stamp)


def _browsed(facts: Facts, event: Event, stamp: Stamp) -> None:
    category = values.text(event.properties.get("category"), 100)
    if category:
        facts.categories.put(category, (*stamp, None))


def _wished(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        shown = values.details(event.properties, event.properties.get("currency"))
        facts.wishlist.put(product, (*stamp, shown))


def _unwished(facts: Facts, event: Event, stamp: Stamp) -> None:
    product = values.product_id(event.properties)
    if product:
        facts.wishlist.put(product, (*stamp, None))


def _alert_requested(facts: Facts, event: Event, stamp: Stamp) -> None:
    wanted = values.sku_or_product(event.properties)
    if wanted:
        facts.alerts.put(wanted, (*stamp, 1))


def _alert_over(facts: Facts, event: Event, stamp: Stamp) -> None:
    """The customer asks no more; or he was told, by whoever may speak for the shop."""
    wanted = values.sku_or_product(event.properties)
    if wanted and (event.trusted or event.name == ALERT_CANCELLED):
        facts.alerts.put(wanted, (*stamp, None))


def _case(facts: Facts, event: Event, stamp: Stamp) -> None:
    facts.cases = case_of(event, stamp)


_Reader = Callable[[Facts, Event, Stamp], None]

_READERS: dict[str, _Reader] = {
    "Product Viewed": _viewed,
    "Product List Viewed": _browsed,
    "Product Added": cart_events.product_added,
    "Wishlist Product Added to Cart": cart_events.product_added,
    "Product Removed": cart_events.product_removed,
    "Product Quantity Changed": cart_events.quantity_changed,
    "Cart Updated": cart_events.cart_updated,
    "Order Completed": order_events.order_completed,
    "Order Updated": order_events.order_updated,
    "Order Cancelled": order_events.order_cancelled,
    "Order Refunded": order_events.order_refunded,
    "Order Shipped": order_events.order_shipped,
    "Order Delivered": order_events.order_delivered,
    "Picked Up": order_events.order_picked_up,
    "Product Added to Wishlist": _wished,
    "Product Removed from Wishlist": _unwished,
    ALERT_REQUESTED: _alert_requested,
    ALERT_CANCELLED: _alert_over,
    BACK_IN_STOCK: _alert_over,
    **dict.fromkeys(CASE_EVENTS, _case),
}

CART_CHANGES = frozenset(
    {
        "Product Added",
        "Wishlist Product Added to Cart",
        "Product Removed",
        "Product Quantity Changed",
        "Cart Updated",
    }
)
"""The events that restart the clock of a cart (docs/definitions.md#the-clock-of-a-cart)."""
