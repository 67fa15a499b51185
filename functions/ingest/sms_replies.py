"""Replies by text message become statements of consent: an event of the number, and the proof under its key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.consent.consent import MARKETING, Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.sms_replies import CHANNEL, ORIGIN, asked_for, keywords_alone
from shared.domain.consent.taking_back import takes_back
from shared.domain.conversations.jobs import message_job
from shared.domain.conversations.message import Inbound
from shared.domain.events.event import Event, EventType
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.identity.keys import milliseconds, moment
from shared.ports import Queue, Table
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.event_items import event_item

GRANT_ONCE_IN = timedelta(days=1)
"""Of an operator that gives no ids: it may deliver an old reply again, hours later."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``reply_id`` is the same for the same reply however often it is delivered, if it was ``named`` by who delivered
    it, the ``source``. ``sent_at`` is when it came to who delivered it; None if nobody says: when it is taken, then."""

    number: str
    text: str
    reply_id: str
    source: str
    named: bool = True
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SmsReplies:
    """Takes replies. Every step can be repeated. A reply of keywords alone is kept nowhere; any other is a message to
    the shop and goes to the queue of conversations, also if it withdraws."""

    customers: Table
    keys: Callable[[Identifier], str]
    phone: PhoneReader
    queue: Callable[[], Queue]

    def receive(self, reply: Reply, now: datetime) -> bool:
        """Store what the reply says of consent; False if it says nothing that counts.

        Raises
        ------
        Throttled
            If a table does not take it now; the same reply may be given again.
        """
        wish = asked_for(reply.text)
        who = self._number(reply.number)
        if who is None:
            return False
        if not keywords_alone(reply.text):
            self._tell(reply, who, now)  # known by the reply's id, so told again it is told once
        if wish is None:
            return False
        address = self.keys(who)
        said = [one for one, _ in statements(self.customers, address)]
        granted = wish == "grant"
        if _told_before(reply, granted, said, address, now):
            return True
        if granted and not takes_back(said, CHANNEL, MARKETING, address, ORIGIN, now):
            return False
        # A START that waited in a queue must not lift a STOP that was written after it.
        written = now if reply.sent_at is None else min(reply.sent_at, now)
        statement = Consent(
            channel=CHANNEL,
            purpose=MARKETING,
            granted=granted,
            time=written,
            received_at=now,
            may_grant=granted,
            source=reply.source,
            message_id=reply.reply_id,
            address_key=address,
            origin=ORIGIN,
        )
        self.customers.put_many([event_item(_event(statement, who), self.keys)])
        put_first(self.customers, consent_items(ConsentRecord((address,), statement), trusted=True))
        return True

    def _tell(self, reply: Reply, who: Identifier, now: datetime) -> None:
        if not reply.text.strip():
            return
        at, home = moment(milliseconds(now)), self.keys(who)
        # Two operators may count their replies alike.
        id_ = f"{reply.source}/{reply.reply_id}"
        text = reply.text.encode("utf-8", "replace").decode()
        self.queue().send_many([message_job(Inbound("sms", id_, home, str(who), at, text))])

    def _number(self, written: str) -> Identifier | None:
        """Operators leave the plus out: ``905321112233``; a number without a country is the shop's."""
        digits = written.strip()
        readings = (f"+{digits}", digits) if digits.isdigit() and len(digits) > 10 else (digits,)
        for reading in readings:
            try:
                return identifier(IdentifierType.PHONE, reading, self.phone)
            except InvalidIdentifier:
                continue
        return None


def _told_before(reply: Reply, granted: bool, said: Sequence[Consent], address: str, now: datetime) -> bool:
    """Whether it is delivered again: then a refusal must not move past a later grant.

    Without a name nobody can tell an old reply from a new one with the same words. So a refusal counts whenever none by
    reply holds, and a grant once a day: whatever is delivered again, nobody is written to against his newest word.
    """
    if reply.named:
        return any((one.source, one.message_id) == (reply.source, reply.reply_id) for one in said)
    if granted:
        replies = (one for one in said if one.granted and (one.source, one.origin) == (reply.source, ORIGIN))
        return any(now - one.received_at < GRANT_ONCE_IN for one in replies)
    state = consent_state(said, CHANNEL, MARKETING, address, now)
    # A withdrawal by a public source may claim this origin, and may be taken back: then the reply's own must stand.
    return state.proof is not None and not state.granted and state.proof.origin == ORIGIN and not state.proof.public


def _event(statement: Consent, who: Identifier) -> Event:
    return Event(
        type=EventType.TRACK,
        name=CONSENT_GRANTED if statement.granted else CONSENT_WITHDRAWN,
        message_id=statement.message_id,
        time=statement.time,
        received_at=statement.received_at,
        source=statement.source,
        channel=CHANNEL,
        trusted=True,
        identifiers=(who,),
        properties={"channel": CHANNEL, "purpose": MARKETING, "source": ORIGIN},
    )
