"""Where a message goes: the customer's address on a channel, and the keyed digest by which others speak of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.identity.mailbox import written_address
from shared.domain.profile.profile import Profile, PushToken

Keys = Callable[[Identifier], str]

ADDRESS_TRAITS = ("email", "phone")
"""Traits that say where somebody is reached."""
TOKENS_AT_ONCE = 20
"""Devices of one customer that a push message goes to; the provider takes 100."""


class Address(Struct, frozen=True):
    """An e-mail address or phone number in ``to``, or the push tokens of a customer, newest first.

    ``key`` is the same for all spellings of a mailbox; ``to`` is the address as it was written.
    """

    channel: str
    key: str
    to: str = ""
    tokens: tuple[PushToken, ...] = ()


def address_of(
    profile: Profile, channel: str, keys: Keys, *, phone: PhoneReader | None = None, dead: Mapping[str, datetime]
) -> Address | None:
    """The address for a channel, or None if the customer has none.

    E-mail and SMS: the trait, if it is a possible address, else the first identifier of that type. Push: tokens that
    did not die since they were last seen; ``dead`` tells by ``token_key`` when the provider gave a token up.
    """
    match channel:
        case "email":
            return _named(profile, channel, IdentifierType.EMAIL, "email", keys, None)
        case "sms":
            return _named(profile, channel, IdentifierType.PHONE, "phone", keys, phone)
        case "push":
            return _tokens(profile, keys, dead)
        case _:
            return None


def token_key(token: str, keys: Keys) -> str:
    """The keyed digest of a push token."""
    return keys(Identifier(IdentifierType.DEVICE, f"push-token:{token}"))


def _named(
    profile: Profile, channel: str, kind: IdentifierType, trait: str, keys: Keys, phone: PhoneReader | None
) -> Address | None:
    said = profile.trait(trait)
    found = _possible(said, kind, phone)
    if found is not None:
        to = written_address(said) if kind is IdentifierType.EMAIL else found.value
        return Address(channel, keys(found), to=to)
    found = next((known for known in profile.identifiers if known.type is kind), None)
    return None if found is None else Address(channel, keys(found), to=found.value)


def _possible(raw: object, kind: IdentifierType, phone: PhoneReader | None) -> Identifier | None:
    if not isinstance(raw, str):
        return None
    try:
        return identifier(kind, raw, phone)
    except InvalidIdentifier:
        return None


def _tokens(profile: Profile, keys: Keys, dead: Mapping[str, datetime]) -> Address | None:
    newest = sorted(profile.tokens, key=lambda known: (known.seen_at, known.token), reverse=True)
    live = []
    for known in newest:
        died = dead.get(token_key(known.token, keys)) if dead else None
        if died is None or known.seen_at > died:
            live.append(known)
    if not live:
        return None
    return Address("push", token_key(live[0].token, keys), tokens=tuple(live[:TOKENS_AT_ONCE]))
