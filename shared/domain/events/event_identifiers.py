"""Which identifiers an event carries, and which of them its source may tie together (docs/identity.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.domain.events.event import Source
from shared.domain.events.json_values import text_of
from shared.domain.events.refusals import Refused
from shared.domain.events.request_body import REPLACED
from shared.domain.events.size_limits import EXTERNAL_IDS
from shared.domain.identity.identifiers import (
    Identifier,
    IdentifierType,
    InvalidIdentifier,
    MeansNobody,
    PhoneReader,
    identifier,
    parse_identifier,
)

_EXTERNAL_TYPES = {
    "user": IdentifierType.USER,
    "user_id": IdentifierType.USER,
    "email": IdentifierType.EMAIL,
    "phone": IdentifierType.PHONE,
    "loyalty": IdentifierType.LOYALTY,
    "loyalty_id": IdentifierType.LOYALTY,
    "loyalty_number": IdentifierType.LOYALTY,
    "device": IdentifierType.DEVICE,
    "device_id": IdentifierType.DEVICE,
    "anonymous": IdentifierType.ANONYMOUS,
    "anonymous_id": IdentifierType.ANONYMOUS,
}
_TYPE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Carried:
    """Sorted, highest rank first; ``claimable`` is the part after the first that the source may claim for it."""

    identifiers: tuple[Identifier, ...]
    claimable: tuple[Identifier, ...]


def carried(
    event: dict[str, Any], context: dict[str, Any], traits: dict[str, Any], source: Source, phone: PhoneReader | None
) -> Carried:
    """The identifiers of one event: ids of the message, addresses in traits, device, external ids.

    A name that means nobody is dropped. What is written into ``userId`` or ``anonymousId`` and cannot be an id at all
    is refused; an address in the traits that is none stays a trait and is no identifier. At most one per type except
    external: the message before its traits, the traits before ``externalIds``.

    Raises
    ------
    Refused
        If an id is broken, or none is left.
    """
    found: dict[IdentifierType, Identifier] = {}
    external: set[Identifier] = set()
    for name, kind in (("userId", IdentifierType.USER), ("anonymousId", IdentifierType.ANONYMOUS)):
        given = own_id(event, name, kind)
        if given is not None:
            found[kind] = given
    for one in _from_context(context, traits, phone):
        if one.type is IdentifierType.EXTERNAL:
            external.add(one)
        else:
            found.setdefault(one.type, one)
    if not found and not external:
        raise Refused("the event names nobody; give userId, anonymousId or another identifier", "names_nobody")
    if len(found) + len(external) == 1:
        return Carried((*found.values(), *external), ())
    ordered = sorted((*found.values(), *external), key=_order)
    owner = ordered[0]
    return Carried(
        tuple(ordered),
        tuple(other for other in ordered[1:] if other.rank > owner.rank and source.claims(other.type)),
    )


def own_id(event: dict[str, Any], name: str, kind: IdentifierType) -> Identifier | None:
    """The id written into a field of the message; None if there is none or it means nobody.

    Raises
    ------
    Refused
        If it is no text or number, too long, or holds control characters or broken text.
    """
    raw = event.get(name)
    if raw is None:
        return None
    text = text_of(raw)
    if text is None:
        raise Refused(f"{name} must be text", "bad_identifier")
    if REPLACED in text:
        raise Refused(f"{name} holds text that is not valid Unicode", "bad_identifier")
    try:
        return identifier(kind, text)
    except MeansNobody:
        return None
    except InvalidIdentifier as broken:
        raise Refused(f"{name}: {broken}", "bad_identifier") from broken


def previous_id(event: dict[str, Any], source: Source, phone: PhoneReader | None) -> Identifier:
    """Who an alias says the user was before: a public source means an anonymous id, a trusted one a user's.

    A trusted source may write ``email:ayse@example.com`` to name any other identifier.

    Raises
    ------
    Refused
        If it is missing, broken, or means nobody.
    """
    kind = IdentifierType.USER if source.trusted else IdentifierType.ANONYMOUS
    text = text_of(event.get("previousId"))
    if source.trusted and text is not None:
        try:
            return parse_identifier(text, phone)
        except InvalidIdentifier:
            pass  # an id with a colon in it, or with none: the plain meaning
    given = own_id(event, "previousId", kind)
    if given is None:
        raise Refused("an alias needs previousId and userId", "bad_alias")
    if not source.claims(given.type):
        raise Refused("this source may not say who was who", "not_allowed")
    return given


def _from_context(context: dict[str, Any], traits: dict[str, Any], phone: PhoneReader | None) -> Iterator[Identifier]:
    for name, kind in (("email", IdentifierType.EMAIL), ("phone", IdentifierType.PHONE)):
        if name in traits:
            yield from _read(kind, traits[name], phone)
    device = context.get("device")
    if type(device) is dict and "id" in device:
        yield from _read(IdentifierType.DEVICE, device["id"], phone)
    listed = context.get("externalIds")
    if type(listed) is list:
        for entry in listed[:EXTERNAL_IDS]:
            if type(entry) is dict:
                yield from _external(entry, phone)


def _external(entry: dict[str, Any], phone: PhoneReader | None) -> Iterator[Identifier]:
    name = entry.get("type")
    if type(name) is not str or not 0 < len(name) <= _TYPE_LENGTH:
        return
    kind = _EXTERNAL_TYPES.get(name.lower(), IdentifierType.EXTERNAL)
    for one in _read(kind, entry.get("id"), phone):
        if kind is IdentifierType.EXTERNAL:
            yield from _read(kind, f"{name}/{one.value}", phone)
        else:
            yield one


def _read(kind: IdentifierType, raw: Any, phone: PhoneReader | None) -> Iterator[Identifier]:
    text = text_of(raw)
    if text is None or REPLACED in text:
        return
    try:
        yield identifier(kind, text, phone)
    except InvalidIdentifier:
        return


def _order(one: Identifier) -> tuple[int, str]:
    return one.rank, one.value
