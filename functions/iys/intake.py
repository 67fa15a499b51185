"""Takes what is new of consent: statements that were made here, and changes that IYS tells."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from msgspec import structs

from functions.iys.consent_reader import AddressConsents, ConsentReader
from shared.domain.consent.consent import EVERY_PURPOSE, MARKETING, Consent, ConsentState, consent_state
from shared.domain.consent.consent_events import MERCHANT, ConsentRecord
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.iys.record import SECOND, Record, answered_now, forget, plan, told, without_account, without_address
from shared.domain.iys.sources import source_of
from shared.domain.iys.statement import CHANNEL_OF_TYPE, RECIPIENT_TYPES, TYPE_OF_CHANNEL, Change, Known, RecipientType
from shared.domain.iys.timeline import turns, under_objections
from shared.ports import Conflict
from shared.stores.consent_items import consent_items, put_first
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.iys_records import IysRecords

SOURCE = "iys"
ATTEMPTS = 8
CLOCKS_DIFFER = timedelta(minutes=10)
ZERO = timedelta()
CITIZENS = "IYS"
"""Sources of IYS that begin so are recipients themselves; the others are the shop, by whatever program."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Every step can be repeated. ``records`` are the account's; ``shop`` gives the answers of the release that holds
    now."""

    records: IysRecords
    customers: CustomerStore
    reader: ConsentReader
    keys: Callable[[Identifier], str]
    phone: PhoneReader
    shop: Callable[[], Shop]

    def of_account(self, account: str) -> Intake:
        """The same for the records of another account."""
        return self if self.records.account == account else replace(self, records=self.records.of_account(account))

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
        """The persons behind these addresses were erased: IYS is told, then their addresses go. From records of an
        account that the shop has no more they go at once: nobody can tell anything there."""
        account = self.shop().iys
        for key in sorted(set(keys)):
            for records in self.records.accounts_of(key):
                own = account is not None and records.account == account.account
                for record in records.of([key]):
                    theirs = self.of_account(records.account)
                    theirs._change(key, record.recipient_type, partial(_forgotten, own=own, now=now))

    def try_again(self, key: str, kind: RecipientType, now: datetime) -> None:
        """Forgets what was refused, so that it is told once more; an operator has mended the cause."""

        def forgotten(held: Record | None) -> Record | None:
            if held is None:
                return None
            return structs.replace(held, statements=tuple(one for one in held.statements if one.state != "refused"))

        self._change(key, kind, forgotten)
        self.refresh_address(key, now)

    def apply(self, change: Change, now: datetime, *, from_file: bool = False) -> bool:
        """What a recipient said at IYS counts here at once; False if the address cannot be read, or if an approval has
        a time that lies ahead.

        A refusal whose time lies ahead counts from now on. ``from_file``: it is no news, so no journey begins, and what
        holds here anyway, or was said here later, is not stated again.
        """
        who = self.recipient(change)
        if who is None or (change.status == "ONAY" and change.at > now + CLOCKS_DIFFER):
            return False
        key = self.keys(who)
        if change.status == "RET" or not self.reader.erased(key, now):
            self._state(change, _id_of(change, key), who, key, now, from_file=from_file)
        known = Known(change.status, change.at, now.replace(microsecond=0) if change.at > now else None)
        self._change(key, change.recipient_type, partial(self._told, change, who, key, known, now))
        self.refresh_address(key, now)
        return True

    def refuse(self, change: Change, now: datetime) -> str:
        """The refusal in a change that cannot be read whole counts here at once. What IYS holds stays unknown. Returns
        the key of the address; empty if that cannot be read either."""
        who = self.recipient(change)
        if who is None:
            return ""
        key = self.keys(who)
        self._state(structs.replace(change, at=now), change.id, who, key, now)
        self.refresh_address(key, now)
        return key

    def recipient(self, change: Change) -> Identifier | None:
        """Whose change it is; None if the address is none."""
        try:
            kind = IdentifierType.PHONE if CHANNEL_OF_TYPE[change.type] == "sms" else IdentifierType.EMAIL
            return identifier(kind, change.recipient, self.phone)
        except InvalidIdentifier:
            return None

    def verify(
        self,
        record: Record,
        known: Known | None,
        now: datetime,
        *,
        from_file: bool,
        before: Callable[[Record], Record] = lambda record: record,
    ) -> bool:
        """What IYS answered when it was asked of a recipient; whether that was another status than was known here.

        ``from_file``: it may hold for long, so what was said here later stands. ``before``: what else is noted of the
        record, in the same write and before that.
        """
        held, key = record.known, record.key
        other = known is not None and (held is None or held.status != known.status or _refused_since(held, known))
        if known is not None and other:
            change = Change(record.recipient, record.recipient_type, record.type, known.status, known.at, "")
            who = self.recipient(change)
            if who is not None and (known.status == "RET" or not self.reader.erased(key, now)):
                self._state(change, _id_of(change, key), who, key, now, from_file=from_file)
        noted = partial(_noted, before=before, known=known, now=now)
        self._change(key, record.recipient_type, noted)
        if known is not None and known != held:
            self.refresh_address(key, now)
        return other

    def _told(
        self, change: Change, who: Identifier, key: str, known: Known, now: datetime, held: Record | None
    ) -> Record:
        if held is None:
            erased = self.reader.erased(key, now)
            held = Record(key, change.recipient_type, change.type, "" if erased else who.value, erased=erased)
        return without_address(told(held, known))

    def _state(
        self, change: Change, id_: str, who: Identifier, key: str, now: datetime, *, from_file: bool = False
    ) -> None:
        """The statement and its event, under the address. Its id is made of the change: told again it changes
        nothing. Of an erased person no event is kept, because it would name the address."""
        granted, channel = change.status == "ONAY", CHANNEL_OF_TYPE[change.type]
        said = self.reader.of_address(key, self.shop(), now).consents
        erased = self.reader.erased(key, now)
        for purpose in _purposes(said, channel, key) if not granted else [MARKETING]:
            name = f"iys-{id_}-{purpose}"
            stated = next((one for one in said if one.message_id == name and one.source == SOURCE), None)
            # A withdrawal by a public source may be forged and taken back: then the recipient's own must stand.
            heard = said if granted else [one for one in said if one.granted or not one.public]
            held = consent_state(heard, channel, purpose, key, now)
            if stated is None and not _is_news(change, held, from_file=from_file):
                continue
            statement = stated or Consent(
                channel=channel,
                purpose=purpose,
                granted=granted,
                time=min(change.at, now),
                received_at=now,
                may_grant=granted,
                source=SOURCE,
                message_id=name,
                address_key=key,
                origin=change.source,
                merchant=granted and change.recipient_type == MERCHANT,
            )
            items = consent_items(ConsentRecord((key,), statement), trusted=True)
            put_first(self.customers.table, items)
            if not erased:
                event = _event(statement, who, history=from_file)
                put_first(self.customers.table, [event_item(event, self.keys)])

    def _plan_all(self, found: AddressConsents, shop: Shop, now: datetime) -> int:
        return sum(self._plan(found, kind, shop, now) for kind in RECIPIENT_TYPES)

    def _plan(self, found: AddressConsents, kind: RecipientType, shop: Shop, now: datetime) -> bool:
        agreed = turns(found.consents, found.channel, MARKETING, found.key, kind)
        turned = under_objections(agreed, found.objections, found.channel)
        sources = shop.iys.sources if shop.iys is not None else {}

        def planned(held: Record | None) -> Record | None:
            if held is None and (not found.turkish or not any(one.status == "ONAY" for one in turned)):
                return None
            if held is not None and held.erased and not any(one.status == "ONAY" for one in turned):
                return held  # what is left of an erased person says nothing new
            record = held or Record(found.key, kind, TYPE_OF_CHANNEL[found.channel])
            if found.to and record.recipient != found.to:
                record = structs.replace(record, recipient=found.to)
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


def _noted(
    held: Record | None, *, before: Callable[[Record], Record], known: Known | None, now: datetime
) -> Record | None:
    return held and without_address(answered_now(before(held), known, now))


def _refused_since(held: Known, known: Known) -> bool:
    """A newer refusal than the one that was known: an approval that was told in between is over."""
    return known.status == "RET" and known.at > held.at


def _forgotten(held: Record | None, *, own: bool, now: datetime) -> Record | None:
    return held and (without_address(forget(held, now)) if own else without_account(held))


def _is_news(change: Change, held: ConsentState, *, from_file: bool) -> bool:
    """Whether a change of IYS says anything here.

    An approval that the shop itself told IYS, by whatever program, revives no refusal: only the recipient can. IYS's
    file says what was, so what was said here later stands, and IYS is told of it.
    """
    granted, proof = change.status == "ONAY", held.proof
    if granted and proof is not None and not held.granted and not change.source.startswith(CITIZENS):
        return False
    if not from_file:
        return True
    if held.granted == granted:
        return False
    return proof is None or proof.effective_at.replace(microsecond=0) < change.at + (SECOND if not granted else ZERO)


def _purposes(said: Iterable[Consent], channel: str, key: str) -> list[str]:
    """What a refusal at IYS ends: every purpose that somebody agreed to on this channel, marketing in any case.

    Advertising of others (``ads``) sends no message, so it is none of IYS's.
    """
    granted = {
        one.purpose
        for one in said
        if one.granted and one.takes_back is None and one.channel == channel and one.address_key in {"", key}
    }
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
