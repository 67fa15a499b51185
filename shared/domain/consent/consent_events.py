"""Statements of consent among the events: who said yes or no, to what, for which address (docs/api.md)."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from shared.domain.consent.consent import CHANNELS, MARKETING, Consent
from shared.domain.events.event import Event, EventType, Source
from shared.domain.events.event_names import CONSENT_GRANTED, CONSENT_WITHDRAWN, UNSUBSCRIBED
from shared.domain.events.refusals import Refused
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier

_GRANTS = {CONSENT_GRANTED: True, CONSENT_WITHDRAWN: False, UNSUBSCRIBED: False}
_ADDRESSES = {"email": IdentifierType.EMAIL, "sms": IdentifierType.PHONE}
_PURPOSE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PROOF_LENGTH = 200
MERCHANT = "TACIR"
"""The property ``recipient_type`` of who agrees as a merchant; anything else is a consumer (IYS: BIREYSEL)."""


_BROWSERS = frozenset({IdentifierType.ANONYMOUS, IdentifierType.DEVICE})


class ConsentRecord(Struct, frozen=True):
    """A statement and the partitions that hold it: the customer's, and the one of each address it names.

    ``browsers``: the keys of browsers and devices by which it was said.
    """

    partitions: tuple[str, ...]
    consent: Consent
    browsers: tuple[str, ...] = ()


def consent_record(
    event: Event, source: Source, keys: Callable[[Identifier], str], phone: PhoneReader | None = None
) -> ConsentRecord | None:
    """What an event says about consent; None if it is about something else.

    The address is ``properties.address``, else the channel's address among the event's identifiers. Push has no address
    of its own (tokens change): it speaks for the customer. ``Unsubscribed`` withdraws, from e-mail unless it says more.

    Raises
    ------
    Refused
        If the channel, the purpose or the address cannot be read.
    """
    granted = _GRANTS.get(event.name)
    if granted is None or event.type is not EventType.TRACK:
        return None
    channel = event.properties.get("channel")
    if channel is None and event.name == UNSUBSCRIBED:
        channel = "email"
    if channel not in CHANNELS:
        raise Refused(f"{event.name} needs the property channel: {', '.join(CHANNELS)}", "bad_consent")
    purpose = event.properties.get("purpose", MARKETING)
    if type(purpose) is not str or not _PURPOSE.fullmatch(purpose):
        raise Refused(f"{event.name} needs the property purpose, such as {MARKETING}", "bad_consent")
    address = _address(event, channel, phone)
    address_key = "" if address is None else keys(address)
    owner = keys(event.owner)
    return ConsentRecord(
        (owner,) if address_key in {"", owner} else (owner, address_key),
        Consent(
            channel=channel,
            purpose=purpose,
            granted=granted,
            time=event.time,
            received_at=event.received_at,
            may_grant=source.grants,
            source=event.source,
            message_id=event.message_id,
            address_key=address_key,
            text_version=_proof(event, "text_version"),
            origin=_proof(event, "source"),
            merchant=granted and event.properties.get("recipient_type") == MERCHANT,
            public=not event.trusted,
        ),
        tuple(keys(one) for one in event.identifiers if one.type in _BROWSERS),
    )


def _address(event: Event, channel: str, phone: PhoneReader | None) -> Identifier | None:
    kind = _ADDRESSES.get(channel)
    if kind is None:
        return None
    named = event.properties.get("address")
    if named is None:
        return next((one for one in event.identifiers if one.type is kind), None)
    try:
        return identifier(kind, named if type(named) is str else "", phone)
    except InvalidIdentifier as broken:
        raise Refused(
            f"the property address of {event.name} is no address of the channel {channel}", "bad_consent"
        ) from broken


def _proof(event: Event, name: str) -> str:
    value = event.properties.get(name)
    return value[:_PROOF_LENGTH] if type(value) is str else ""
