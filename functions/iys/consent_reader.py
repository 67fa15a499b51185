"""Reads what was said of the consent of addresses: which addresses a customer's statements are about, and what counts
for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.domain.consent.consent import Consent
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.identity.keys import event_sort_key, type_of_key
from shared.domain.iys.recipients import in_turkey
from shared.domain.privacy.held_rights import Held, Span, spans
from shared.domain.profile.demographic import demographic
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent, read_event

CHANNEL_OF = {IdentifierType.EMAIL: "email", IdentifierType.PHONE: "sms"}


@dataclass(frozen=True, slots=True)
class AddressConsents:
    """One address with every statement that counts for it, and when its customer objected to marketing. ``to`` is empty
    if nobody knows its plain form."""

    key: str
    channel: str
    to: str
    turkish: bool
    consents: tuple[Consent, ...]
    objections: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentReader:
    """``shop``: whose country and time zone count."""

    customers: CustomerStore
    keys: Callable[[Identifier], str]
    phone: PhoneReader

    def of_home(self, home: str, shop: Shop, now: datetime) -> list[AddressConsents]:
        """The addresses of the customer that ``home`` belongs to, and those that his statements name."""
        tree = load_tree(self.customers, home)
        named = {one.address_key for member in tree.members for one in member.control.consents}
        wanted = sorted({key for key in {*tree.keys, *named} if key and type_of_key(key) in CHANNEL_OF})
        return [
            self._of(key, tree if key in tree.keys else load_tree(self.customers, key), shop, now) for key in wanted
        ]

    def of_address(self, key: str, shop: Shop, now: datetime) -> AddressConsents:
        """One address, whoever it belongs to."""
        return self._of(key, load_tree(self.customers, key), shop, now)

    def erased(self, key: str, now: datetime) -> bool:
        """Whether the person behind the address was erased a short time ago."""
        return self.customers.control(key).refuses(now)

    def _of(self, key: str, tree: Tree, shop: Shop, now: datetime) -> AddressConsents:
        consents = tuple(one for member in tree.members for one in member.control.consents)
        channel = CHANNEL_OF[type_of_key(key)]
        member = next((one for one in tree.members if one.key == key), None)
        plain = member.identifier if member else None
        to = plain.value if plain else self._named(key, channel, tree)
        profile = tree.profile()
        phones = [one.value for one in profile.identifiers if one.type is IdentifierType.PHONE]
        country = demographic(profile, ZoneInfo(shop.time_zone), now).country
        turkish = bool(to) and in_turkey(channel, to, country=country, phones=phones, region=shop.region)
        return AddressConsents(key, channel, to, turkish, consents, tuple(spans(tree.marks(), Held.OBJECT)))

    def _named(self, key: str, channel: str, tree: Tree) -> str:
        """The plain form that only the events of the statements name."""
        wanted = {
            (member.key, event_sort_key(when, one.message_id, trusted=trusted))
            for member in tree.members
            for one in member.control.consents
            if one.address_key == key
            for when in (one.time, None)
            for trusted in (True, False)
        }
        for item in self.customers.table.get_many(sorted(wanted)) if wanted else []:
            with suppress(UnreadableEvent):
                for found in self._addresses(read_event(item), channel):
                    if self.keys(found) == key:
                        return found.value
        return ""

    def _addresses(self, event: Event, channel: str) -> Iterator[Identifier]:
        yield from event.identifiers
        with suppress(InvalidIdentifier):
            kind = IdentifierType.PHONE if channel == "sms" else IdentifierType.EMAIL
            yield identifier(kind, str(event.properties.get("address", "")), self.phone)
