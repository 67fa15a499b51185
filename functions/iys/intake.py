"""Takes what is new of consent: statements that were made here, and changes that IYS tells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from functions.iys.consent_reader import AddressConsents, ConsentReader
from shared.domain.consent.consent import EVERY_PURPOSE, MARKETING, Consent, consent_state
from shared.domain.consent.consent_events import MERCHANT, ConsentRecord
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.iys.record import Record, forget, plan, told, without_address
from shared.domain.iys.sources import source_of
from shared.domain.iys.statement import CHANNEL_OF_TYPE, RECIPIENT_TYPES, TYPE_OF_CHANNEL, Change, Known, RecipientType
from shared.domain.iys.timeline import turns
from shared.ports import Conflict
from shared.stores.consent_items import consent_items, put_first
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.iys_records import IysRecords

SOURCE = "iys"
ATTEMPTS = 8
CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Intake:
    """Every step can be repeated. ``shop`` gives the answers of the release that holds now."""

    records: IysRecords
    customers: CustomerStore
    reader: ConsentReader
    keys: Callable[[Identifier], str]
    phone: PhoneReader
    shop: Callable[[], Shop]

    def refresh(self, home: str, now: datetime) -> int:
        """Plans anew what IYS must be told of a customer's addresses. Returns how many records changed.

        Raises
        ------
        Conflict
            If a record keeps changing. Come again.
        """
        shop = self.shop()
        return sum(self._plan_all(found, shop, now) for found in self.reader.of_home(home, shop, now))

    def refresh_address(self, key: str, now: datetime) -> int:
        """The same for one address."""
        shop = self.shop()
        return self._plan_all(self.reader.of_address(key, shop, now), shop, now)

    def erase(self, keys: Iterable[str], now: datetime) -> None:
        """The persons behind these addresses were erased: IYS is told, then their addresses go."""
        for record in self.records.of(sorted(set(keys))):
            self._change(record.key, record.recipient_type, lambda held: held and without_address(forget(held, now)))

    def try_again(self, key: str, kind: RecipientType, now: datetime) -> None:
        """Forgets what was refused, so that it is told once more; an operator has mended the cause."""

        def forgotten(held: Record | None) -> Record | None:
            if held is None:
                return None
            return replace(held, statements=tuple(one for one in held.statements if one.state != "refused"))

        self._change(key, kind, forgotten)
        self.refresh_address(key, now)

    def apply(self, change: Change, now: datetime, *, from_file: bool = False) -> bool:
        """What a recipient said at IYS counts here at once; False if the address cannot be read, or if the time lies
        ahead: nothing could be told after it.

        ``from_file``: it is no news, so no journey begins, and what holds here anyway is not stated again.
        """
        channel = CHANNEL_OF_TYPE[change.type]
        if change.at > now + CLOCKS_DIFFER:
            return False
        try:
            kind = IdentifierType.PHONE if channel == "sms" else IdentifierType.EMAIL
            who = identifier(kind, change.recipient, self.phone)
        except InvalidIdentifier:
            return False
        key = self.keys(who)
        if change.status == "RET" or not self.reader.erased(key, now):
            self._state(change, who, key, channel, now, from_file=from_file)
        self._change(key, change.recipient_type, partial(self._told, change, who, key))
        self.refresh_address(key, now)
        return True

    def _told(self, change: Change, who: Identifier, key: str, held: Record | None) -> Record:
        held = held or Record(key, change.recipient_type, change.type, who.value)
        return without_address(told(held, Known(change.status, change.at)))

    def _state(
        self, change: Change, who: Identifier, key: str, channel: str, now: datetime, *, from_file: bool
    ) -> None:
        """The statement and its event, under the address. Its id is made of the change: told again it changes
        nothing."""
        granted = change.status == "ONAY"
        said = self.reader.of_address(key, self.shop(), now).consents
        for purpose in _purposes(said, channel, key) if not granted else [MARKETING]:
            if from_file and consent_state(said, channel, purpose, key, now).granted == granted:
                continue
            statement = Consent(
                channel=channel,
                purpose=purpose,
                granted=granted,
                time=change.at,
                received_at=now,
                may_grant=granted,
                source=SOURCE,
                message_id=f"iys-{_id_of(change, key)}-{purpose}",
                address_key=key,
                origin=change.source,
                merchant=granted and change.recipient_type == MERCHANT,
            )
            items = consent_items(ConsentRecord((key,), statement), trusted=True)
            event = _event(statement, who, history=from_file)
            put_first(self.customers.table, items)
            put_first(self.customers.table, [event_item(event, self.keys)])

    def _plan_all(self, found: AddressConsents, shop: Shop, now: datetime) -> int:
        return sum(self._plan(found, kind, shop, now) for kind in RECIPIENT_TYPES)

    def _plan(self, found: AddressConsents, kind: RecipientType, shop: Shop, now: datetime) -> bool:
        turned = turns(found.consents, found.channel, MARKETING, found.key, kind)
        sources = shop.iys.sources if shop.iys is not None else {}

        def planned(held: Record | None) -> Record | None:
            if held is None and (not found.turkish or not any(one.status == "ONAY" for one in turned)):
                return None
            if held is not None and held.erased and not any(one.status == "ONAY" for one in turned):
                return held  # what is left of an erased person says nothing new
            record = held or Record(found.key, kind, TYPE_OF_CHANNEL[found.channel])
            if found.to and record.recipient != found.to:
                record = replace(record, recipient=found.to)
            return plan(record, turned, lambda one: source_of(one, sources), now)

        return self._change(found.key, kind, planned)

    def _change(self, key: str, kind: RecipientType, change: Callable[[Record | None], Record | None]) -> bool:
        """Whether a record was written; read again and decided again if somebody else wrote it."""
        for _ in range(ATTEMPTS):
            held = self.records.get(key, kind)
            wanted = change(held)
            if wanted is None or wanted == held or (held is None and not wanted.statements and wanted.known is None):
                return False
            try:
                self.records.put(wanted)
            except Conflict:
                continue
            return True
        raise Conflict("a record of IYS keeps changing under us")


def _purposes(said: Iterable[Consent], channel: str, key: str) -> list[str]:
    """What a refusal at IYS ends: every purpose that somebody agreed to on this channel, marketing in any case.

    Advertising of others (``ads``) sends no message, so it is none of IYS's.
    """
    granted = {one.purpose for one in said if one.granted and one.channel == channel and one.address_key in {"", key}}
    return sorted((granted | {MARKETING}) - {EVERY_PURPOSE, "ads"})


def _id_of(change: Change, key: str) -> str:
    raw = f"{key} {change.recipient_type} {change.status} {change.at.isoformat()}"
    return hashlib.blake2b(raw.encode(), digest_size=16).hexdigest()


def _event(statement: Consent, who: Identifier, *, history: bool) -> Event:
    properties = {"channel": statement.channel, "purpose": statement.purpose, "source": statement.origin}
    if statement.merchant:
        properties["recipient_type"] = MERCHANT
    return Event(
        type=EventType.TRACK,
        name=CONSENT_GRANTED if statement.granted else CONSENT_WITHDRAWN,
        message_id=statement.message_id,
        time=statement.time,
        received_at=statement.received_at,
        source=SOURCE,
        channel=statement.channel,
        trusted=True,
        identifiers=(who,),
        properties=properties,
        context={"history": True} if history else {},
    )
