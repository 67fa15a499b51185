"""A customer as the rules of segments ask about it: what twenty of them need is worked out once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.consent.consent import Consent
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.text_comparison import folded
from shared.domain.identity.identifiers import PhoneReader
from shared.domain.messages.address import Address, Keys, address_of
from shared.domain.profile.behaviour import purchase_cycle
from shared.domain.profile.profile import Order, Profile
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluation_result import Evaluation
from shared.domain.segments.midnight_offset import offset_of
from shared.domain.time.local_time import DEVICE_ZONE_GOOD_FOR, zone_of

_BETWEEN = {ord(mark): None for mark in " -().\u00a0"}
_NOTHING = Decimal(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def international(written: str) -> str | None:
    """A phone number that says its country, without the marks between its digits; None for any other.

    Segmentation runs without the tables of all numbering plans: a number that needs them is looked for among the
    identifiers, which ingest has read with them.
    """
    digits = written.strip().translate(_BETWEEN)
    return digits if digits.startswith("+") and digits[1:].isdecimal() and digits.isascii() else None


class Bought(Struct, frozen=True):
    """Orders by their times, and what was paid before refunds for those in the shop's currency.

    ``sums[n]`` is the sum of the first n of ``paid_at``.
    """

    orders: tuple[Order, ...]
    times: tuple[datetime, ...]
    paid_at: tuple[datetime, ...]
    sums: tuple[Decimal, ...]


def bought(orders: Iterable[Order], currency: str) -> Bought:
    ordered = tuple(sorted(orders, key=lambda order: (order.at, order.id)))
    paid = [order for order in ordered if order.currency in {"", currency}]
    return Bought(
        ordered,
        tuple(order.at for order in ordered),
        tuple(order.at for order in paid),
        tuple(accumulate((order.total for order in paid), initial=_NOTHING)),
    )


@dataclass(eq=False, repr=False)
class Subject:
    """Made once per customer; nothing in it depends on the instant that is asked about.

    ``segments``: what ``in_segment`` speaks of. ``address_keys`` makes the keyed digests by which consents name
    addresses; without it only what speaks for the whole customer counts. ``phone`` reads the trait of that name.
    ``dead``: push tokens that the provider gave up, by ``token_key``. ``looking_back``: what is known only as it is
    now (traits, the cart, the newest use) counts from when it was said; before, it was not so.
    """

    profile: Profile
    shop: Shop
    segments: Mapping[str, SegmentDefinition] = field(default_factory=dict)
    address_keys: Keys | None = None
    phone: PhoneReader = international
    dead: Mapping[str, datetime] = field(default_factory=dict)
    looking_back: bool = False
    answers: dict[tuple[str, datetime], Evaluation] = field(default_factory=dict, init=False)
    """Truths of whole segments by name and instant, for ``in_segment``."""
    chosen: dict[int, tuple[object, Bought]] = field(default_factory=dict, init=False)
    """The orders that a rule means, by the rule's own address; the rule beside them, so that it is nobody else's."""
    _cycles: dict[int, float | None] = field(default_factory=dict, init=False)

    def past(self) -> Subject:
        """The same customer, ``looking_back``. What was worked out so far is shared: it does not depend on that."""
        past = copy(self)
        past.looking_back, past.answers = True, {}
        return past

    @cached_property
    def counted(self) -> Bought:
        """The orders that count for this shop."""
        return bought(self.profile.counted_orders(self.shop.orders_ignore), self.shop.currency)

    def cycle(self, now: datetime) -> float | None:
        """The customer's own purchase cycle in days, of the orders up to now; days are those of the shop's zone."""
        until = bisect_right(self.counted.times, now)
        if until not in self._cycles:
            self._cycles[until] = purchase_cycle(self.counted.orders[:until], ZoneInfo(self.shop.time_zone))
        return self._cycles[until]

    def zone(self, now: datetime) -> tuple[ZoneInfo, datetime | None]:
        """The customer's zone, and when it becomes another one with no new event."""
        first, until, then = self._zones
        return (then, None) if until is not None and now >= until else (first, until)

    @cached_property
    def _zones(self) -> tuple[ZoneInfo, datetime | None, ZoneInfo]:
        """The zone, until when, and the one from then on: a device's word is good for some time only."""
        seen = self.profile.time_zone
        if seen is None:
            shops = zone_of(self.profile, self.shop, _EPOCH)
            return shops, None, shops
        until = seen[1] + DEVICE_ZONE_GOOD_FOR
        first, then = zone_of(self.profile, self.shop, seen[1]), zone_of(self.profile, self.shop, until)
        return first, None if first.key == then.key else until, then

    @cached_property
    def offset(self) -> timedelta:
        """How much later than midnight the local days begin."""
        return offset_of(self.profile.id)

    @cached_property
    def addresses(self) -> Mapping[str, Address | None]:
        """Per channel where the customer is written to, as the gates find it."""
        keys = self.address_keys or (lambda _: "")
        return {
            "email": address_of(self.profile, "email", keys, dead={}),
            "sms": address_of(self.profile, "sms", keys, phone=self.phone, dead={}),
            "push": address_of(self.profile, "push", keys, dead=self.dead),
        }

    def before(self, *traits: str, now: datetime) -> datetime | None:
        """When looking back from before the newest word on these traits: when that was said; else None."""
        if not self.looking_back:
            return None
        said = (self.profile.traits[name].at for name in traits if name in self.profile.traits)
        newest = max(said, default=None)
        return newest if newest is not None and now < newest else None

    def address_key(self, channel: str) -> str:
        """By what consents speak of the address in use."""
        address = self.addresses.get(channel)
        return "" if address is None else address.key

    def consents(self, channel: str) -> tuple[Consent, ...]:
        """What was said about a channel."""
        return self._consents.get(channel, ())

    @cached_property
    def _consents(self) -> Mapping[str, tuple[Consent, ...]]:
        found: dict[str, list[Consent]] = {}
        for said in self.profile.consents:
            found.setdefault(said.channel, []).append(said)
        return {channel: tuple(there) for channel, there in found.items()}

    @cached_property
    def used(self) -> tuple[tuple[datetime, str, str], ...]:
        """Hours of use with channel and device as they are compared."""
        return tuple((hour, folded(channel), folded(device)) for hour, channel, device in self.profile.used)
