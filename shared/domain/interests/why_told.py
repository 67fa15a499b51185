"""Why a customer is told of a product: his profile decides in the moment of telling, the index is a hint only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from shared.domain.facts.values import id_of
from shared.domain.interests.interest import KINDS, LASTS, Kind
from shared.domain.profile.profile import Line, Profile


class Subject(Struct, frozen=True):
    """What is announced: a product by the id of the catalogue and the stock. ``group``: what it is a variant of."""

    product: str
    group: str = ""

    def is_meant(self, product: str, sku: str = "") -> bool:
        """Whether an event that used this id, and perhaps named a variant, is about it."""
        return product == self.product or (bool(self.group) and product == self.group and sku == self.product)


class Reason(Struct, frozen=True):
    """``product_id``: the id that the customer's own events use. ``details``: what they told of it."""

    kind: Kind
    since: datetime
    product_id: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        return KINDS.index(self.kind)


def why_told(profile: Profile, subject: Subject, now: datetime) -> Reason | None:
    """The best reason to tell the customer of this product; None if he does not care, or bought it since."""
    bought = _bought_at(profile, subject)
    reasons = [
        reason
        for reason in _reasons(profile, subject)
        if now < reason.since + LASTS[reason.kind] and not _bought_since(reason, bought, now)
    ]
    return min(reasons, key=lambda one: (one.rank, one.since, one.product_id), default=None)


def _bought_since(reason: Reason, bought: datetime | None, now: datetime) -> bool:
    """Who bought it looks at its page again, for its manual or the state of the order: his views count for nothing."""
    if bought is None:
        return False
    return bought >= (now - LASTS["viewed"] if reason.kind == "viewed" else reason.since)


def _bought_at(profile: Profile, subject: Subject) -> datetime | None:
    """When he ordered it last, however the order is called in; what only a page reported counts as well."""
    ids = {subject.product, subject.group} - {""}
    orders = (order for order in (*profile.orders, *profile.provisional) if order.state == "completed")
    return max((order.at for order in orders if any(one[0] in ids for one in order.products)), default=None)


def _reasons(profile: Profile, subject: Subject) -> Iterator[Reason]:
    for alert in profile.alerts:
        if subject.is_meant(alert.product_id):
            yield Reason("asked", alert.at, alert.product_id)
    for line in profile.cart.items:
        if subject.is_meant(line.product_id, _sku(line)):
            yield Reason("cart", line.changed_at, line.product_id, line.details)
    for line in profile.wishlist:
        if subject.is_meant(line.product_id, _sku(line)):
            yield Reason("wishlist", line.changed_at, line.product_id, line.details)
    for viewed in profile.viewed:
        if subject.is_meant(viewed.product_id):
            yield Reason("viewed", viewed.at, viewed.product_id, {"name": viewed.name} if viewed.name else {})


def _sku(line: Line) -> str:
    return id_of(line.details.get("sku"))
