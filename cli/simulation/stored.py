"""The history of a deployment's customers as a story: events and consents as they are stored, under keys of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cli.simulation.stories import Happening, Story
from shared.adapters.phones import phone_reader
from shared.customer_tree import Tree, load_tree
from shared.domain.consent import Consent
from shared.domain.events import Event, Source
from shared.domain.identifiers import Identifier, IdentifierType, InvalidIdentifier, PhoneReader, identifier
from shared.domain.keys import IdentifierKeys
from shared.domain.tracking.consent_events import ConsentRecord, consent_record
from shared.domain.tracking.refusal import Refused
from shared.stores.consent_items import consent_items
from shared.stores.customers import SHARDS, CustomerStore

Logs = Mapping[str, Sequence[Event]]
"""The events of each of a customer's partitions."""
_ADDRESSES = {"email": IdentifierType.EMAIL, "sms": IdentifierType.PHONE}
_TRAITS = {"email": IdentifierType.EMAIL, "phone": IdentifierType.PHONE}


def stored_story(store: CustomerStore, region: str, keys: IdentifierKeys, limit: int) -> Story:
    """Everything that up to ``limit`` live customers ever did and said, and what providers reported about them.

    They come by the digests of their identifiers, so they are as good as drawn by lot. Their reads are billed.
    """
    story, phone = Story(), phone_reader(region)
    for root in _roots(store, limit):
        tree = load_tree(store, root)
        logs = {member.key: tuple(store.events(member.key)) for member in tree.members}
        known = _translated(tree, logs, keys, phone)
        story.happenings += _consents(tree, known)
        for key, log in logs.items():
            for event in log:
                if event.identifiers:
                    story.tell(event, keys)
                elif key in known:  # of a provider, about a message
                    story.tell(event, keys, home=known[key])
    return story.sort()


def _consents(tree: Tree, known: Mapping[str, str]) -> Iterator[Happening]:
    """Statements as ingest decided about them: whether their source may grant is part of each."""
    for member in tree.members:
        if member.key not in known:
            continue
        for said in member.control.consents:
            address = known.get(said.address_key, said.address_key)
            partitions = dict.fromkeys([known[member.key], *([address] if said.address_key in known else [])])
            statement = replace(said, address_key=address, received_at=said.time)
            items = consent_items(ConsentRecord(tuple(partitions), statement), trusted=said.may_grant)
            yield Happening(said.time, tuple(items), is_event=False)


def _translated(tree: Tree, logs: Logs, keys: IdentifierKeys, phone: PhoneReader) -> dict[str, str]:
    """The deployment's keys of one customer to ours. Both are digests of the same names, with different secrets; so a
    key is translated where the name behind it is known.

    A name is known from the partition itself, and of an address that nobody owns from the event that stated its
    consent. A report of a provider names no address: if one address of the customer is left, it is that one.
    """
    known: dict[str, str] = {}
    for member in tree.members:
        owners = (event.owner for event in logs[member.key] if event.identifiers)
        name = member.identifier or next(owners, None)
        if name is not None:
            known[member.key] = keys(name)
    consents = [said for member in tree.members for said in member.control.consents if said.address_key]
    events = [event for log in logs.values() for event in log]
    stated = {(said.message_id, said.channel): said.address_key for said in consents}
    for said in (one for event in events if (one := _statement(event, keys, phone)) is not None):
        key = stated.get((said.message_id, said.channel))
        if key is not None and said.address_key:
            known.setdefault(key, said.address_key)
    for channel, kind in _ADDRESSES.items():
        strange = {said.address_key for said in consents if said.channel == channel} - known.keys()
        left = {keys(name) for event in events for name in _names(event, phone) if name.type is kind}
        left -= set(known.values())
        if len(strange) == len(left) == 1:
            known[strange.pop()] = left.pop()
    return known


def _statement(event: Event, keys: IdentifierKeys, phone: PhoneReader) -> Consent | None:
    source = Source(event.source, event.channel, trusted=event.trusted)
    try:
        said = consent_record(event, source, keys, phone) if event.identifiers else None
    except Refused:
        return None
    return None if said is None else said.consent


def _names(event: Event, phone: PhoneReader) -> Iterator[Identifier]:
    """The identifiers of an event, and the addresses among its traits."""
    yield from event.identifiers
    for trait, kind in _TRAITS.items():
        raw = event.traits.get(trait)
        if isinstance(raw, str):
            try:
                yield identifier(kind, raw, phone)
            except InvalidIdentifier:
                continue


def _roots(store: CustomerStore, limit: int) -> Iterator[str]:
    found = 0
    for shard in range(SHARDS):
        cursor = None
        share = -(-(limit - found) // (SHARDS - shard))
        while share > 0:
            page = store.live_page(shard, limit=share, cursor=cursor)
            for item in page.items:
                yield item["pk"]
            found += len(page.items)
            share -= len(page.items)
            cursor = page.cursor
            if cursor is None:
                break
