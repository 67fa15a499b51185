"""``GET /v1/customers/{id}/consents``: what holds now per channel and purpose and why, and every statement as proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from shared.domain.consent.consent import CHANNELS, Consent
from shared.domain.consent.consent_json import Statement, gather, holding, place, preference_json, statement_json
from shared.domain.consent.preferences import newest_preference
from shared.domain.identity.identifiers import IdentifierType, InvalidIdentifier, identifier
from shared.domain.identity.keys import event_sort_key, type_of_key
from shared.domain.iys.record_json import record_json
from shared.domain.messages.address import address_of
from shared.domain.privacy.part import Part
from shared.http.answers import malformed
from shared.operators.environment import Environment as Operators
from shared.operators.find_customer import find_tree
from shared.operators.paging import limit_of, read_mark, write_mark
from shared.queries.customer_tree import Tree
from shared.stores.consent_items import read_consent, statements
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.forget_consents import verbatim
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases


class Environment(Operators, Protocol):
    """And what the register of consent holds."""

    @property
    def iys(self) -> IysRecords: ...


def consents(environment: Environment, written: str, query: Mapping[str, str]) -> dict[str, Any]:
    """``now`` is what a gate would decide from; ``items`` are the statements, the last received first."""
    return consents_of(environment, find_tree(environment, written), query)


def consents_of(
    environment: Environment, tree: Tree, query: Mapping[str, str], part: Part | None = None
) -> dict[str, Any]:
    """The same of a customer that was read. ``part``: only what is this person's, also under shared addresses."""
    limit = limit_of(query)
    mark = _mark(query)
    profile = tree.profile()
    partitions = {member.key: member.name for member in tree.members}
    plain = {environment.keys(known): str(known) for known in profile.identifiers}
    in_use: dict[str, str] = {}
    for channel in CHANNELS:
        address = address_of(profile, channel, environment.keys, phone=environment.phone, dead={})
        if address is not None:
            in_use[channel] = address.key
            kind = "email" if channel == "email" else "phone"
            plain[address.key] = f"{kind}:{address.to}" if address.to else f"{len(address.tokens)} devices"
            if address.to and part is None:
                partitions.setdefault(address.key, plain[address.key])
    kept = [(key, said, trusted) for key in partitions for said, trusted in _statements(environment, tree, key, part)]
    plain |= _named(environment, [row for row in kept if row[1].address_key not in {"", *plain}])
    found = gather(Statement(said, trusted, (partitions[key],)) for key, said, trusted in kept)
    rest = [one for one in found if mark is None or list(place(one)) < mark]
    items = [statement_json(one, plain) for one in rest[:limit]]
    cursor = write_mark(["consents", *place(rest[limit - 1])]) if len(rest) > limit else None
    return {
        "now": holding(found, in_use, plain, environment.clock.now()),
        "preferences": _preferences(environment, tree, partitions),
        "items": items,
        "iys": _at_the_register(environment, partitions if part is None else part.own),
        "texts": _texts(environment, {one.said.text_version for one in found}),
        "cursor": cursor,
    }


def _statements(environment: Environment, tree: Tree, key: str, part: Part | None) -> Iterator[tuple[Consent, bool]]:
    """Every statement under an identifier, and whether a trusted source made it. Under one that is shared only those of
    this person, one by one: several that were folded are of everybody who used it."""
    if part is None or part.since[key] is None:
        yield from statements(environment.customers, key)
        return
    control = tree.control_of(key)
    own = {one.message_id for one in control.consents} if control is not None else set()
    for said, trusted in statements(environment.customers, key):
        if said.run is None and said.message_id in own:
            yield said, trusted
    folded = (read_consent(item) for item in verbatim(environment.customers, key)) if own else ()
    yield from ((said, False) for said in folded if said.message_id in own)


def _texts(environment: Environment, named: set[str]) -> dict[str, dict[str, str]]:
    """What the versions say that these statements name, per language; also those that forms do not show any more."""
    if not named - {""}:
        return {}
    releases = Releases(environment.catalog)
    known = {**releases.current().shop.consent_texts, **releases.consent_texts()}
    return {version: known[version].texts for version in sorted(named & known.keys())}


def _at_the_register(environment: Environment, partitions: Iterable[str]) -> list[dict[str, Any]]:
    """What Turkey's register of consent holds of the customer's addresses, and what it was told of them."""
    addresses = [key for key in partitions if type_of_key(key) in {IdentifierType.EMAIL, IdentifierType.PHONE}]
    account = Releases(environment.catalog).current().shop.iys if addresses else None
    records = [] if account is None else environment.iys.of_account(account.account).of(addresses)
    return [record_json(one) for one in sorted(records, key=lambda one: (one.type, one.key, one.recipient_type))]


def _preferences(environment: Environment, tree: Tree, partitions: Iterable[str]) -> dict[str, Any] | None:
    """The statement about frequency, pause and language that the gates read; None if the customer never chose."""
    said = newest_preference(
        one
        for key in partitions
        for one in (tree.control_of(key) or CustomerStore(environment.customers).control(key)).preferences
    )
    return None if said is None else preference_json(said, environment.clock.now())


def _named(environment: Environment, kept: list[tuple[str, Consent, bool]]) -> dict[str, str]:
    """The plain addresses that only the statements' own events name, by their keys: proof says for which address."""
    wanted = {
        (key, event_sort_key(when, said.message_id, trusted=trusted))
        for key, said, trusted in kept
        for when in (said.time, None)
    }
    named: dict[str, str] = {}
    for item in environment.customers.get_many(sorted(wanted)) if wanted else []:
        try:
            event = read_event(item)
            kind = IdentifierType.PHONE if event.properties.get("channel") == "sms" else IdentifierType.EMAIL
            address = identifier(kind, str(event.properties.get("address", "")), environment.phone)
        except (UnreadableEvent, InvalidIdentifier):
            continue
        named[environment.keys(address)] = str(address)
    return named


def _mark(query: Mapping[str, str]) -> list[Any] | None:
    match read_mark(query):
        case None:
            return None
        case ["consents", str(), str(), str(), str(), str(), bool()] as mark:
            return list(mark[1:])
        case _:
            raise malformed("the cursor is not one of this list; start again without it")
