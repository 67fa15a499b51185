"""``POST /v1/customers/{address}/lift-suppression``: an operator takes an address off the list of those that bounced.

Only what bounces said is taken back. Who refused stays refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from functions.admin.environment import Environment
from functions.admin.models.consents import LiftRequest
from shared.domain.consent.consent import EVERY_PURPOSE, LIFTED, Consent, in_force
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.events.event import Event, EventType, Source
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, identifier
from shared.domain.identity.keys import milliseconds, time_text
from shared.http.answers import Problem, malformed
from shared.stores.consent_items import consent_items, statements
from shared.stores.event_items import event_item
from shared.stores.ledger import Ledger

SOURCE = "kervan"
EVENT = "Suppression Lifted"
CHANNELS = {IdentifierType.EMAIL: "email", IdentifierType.PHONE: "sms"}


def lift(environment: Environment, written: str, asked: LiftRequest, source: Source) -> dict[str, Any]:
    """Store the statement and the event that tells who did it and why.

    Raises
    ------
    Problem
        400 if it is no address; 409 if no bounce stands against it.
    """
    operator = source.name
    address = _address(environment, written)
    key, channel, now = environment.keys(address), CHANNELS[address.type], environment.clock.now()
    said = [one for one, _ in statements(environment.customers, key) if one.channel == channel]
    bounces = [one for one in in_force(said) if one.bounced]
    if not bounces:
        raise Problem(
            409, "nothing_to_lift", "no bounce stands against this address; a refusal ends with a new consent only"
        )
    homes = _homes(environment, bounces, key)
    statement = Consent(
        channel=channel,
        purpose=EVERY_PURPOSE,
        granted=True,
        time=now,
        received_at=now,
        may_grant=False,
        source=SOURCE,
        message_id=f"lifted-{milliseconds(now)}-{key[2:10]}",
        address_key=key,
        origin=LIFTED,
    )
    items = consent_items(ConsentRecord(tuple(dict.fromkeys((key, *homes))), statement), trusted=True)
    event = _event(statement, asked.because, operator)
    items += [event_item(event, environment.keys, home=home) for home in homes]
    environment.customers.put_many(items)
    return {
        "lifted": len(bounces),
        "channel": channel,
        "by": operator,
        "because": asked.because,
        "time": time_text(now),
        "messageId": statement.message_id,
    }


def _address(environment: Environment, written: str) -> Identifier:
    kind, colon, value = written.partition(":")
    try:
        if colon and kind in {"email", "phone"}:
            return identifier(IdentifierType(kind), value, environment.phone)
        return identifier(IdentifierType.EMAIL if "@" in written else IdentifierType.PHONE, written, environment.phone)
    except InvalidIdentifier as broken:
        raise malformed("name an address, such as email:ayse@example.com or phone:+905321112233") from broken


def _homes(environment: Environment, bounces: Iterable[Consent], key: str) -> tuple[str, ...]:
    """Where the messages that bounced are told, so that the timeline tells this beside them; else at the address."""
    records = Ledger(environment.messages).get_many(sorted({one.link for one in bounces if one.link})).values()
    return tuple(dict.fromkeys(record.home for record in records)) or (key,)


def _event(statement: Consent, because: str, operator: str) -> Event:
    return Event(
        type=EventType.TRACK,
        name=EVENT,
        message_id=statement.message_id,
        time=statement.time,
        received_at=statement.received_at,
        source=operator,
        channel="admin",
        trusted=True,
        identifiers=(),
        properties={"channel": statement.channel, "because": because, "by": operator},
        context={"active": False},
    )
