"""The history of a deployment's customers as a story: events and consents as they are stored, under keys of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from msgspec.structs import replace

from shared.adapters.phones import phone_reader
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord, consent_record
from shared.domain.events.event import Event, Source
from shared.domain.events.refusals import Refused
from shared.domain.identity.identifiers import IdentifierType, PhoneReader
from shared.domain.identity.keys import IdentifierKeys, type_of_key
from shared.queries.customer_tree import Member, Tree, load_tree
from shared.stores.consent_items import consent_items
from shared.stores.customers import SHARDS, CustomerStore
from simulation.stories import Happening, Story


class TooMany(Exception):
    """One identifier has more events than a run takes: a shared device, or a machine."""


Logs = Mapping[str, Sequence[Event]]
"""The events of each of a customer's partitions."""
_ADDRESSES = frozenset({IdentifierType.EMAIL, IdentifierType.PHONE})


def stored_story(store: CustomerStore, region: str, keys: IdentifierKeys, limit: int) -> Story:
    """Everything that up to ``limit`` live customers ever did and said, and what providers reported about them.

    They come by the digests of their identifiers, so they are as good as drawn by lot. Their reads are billed.
    """
    story, phone = Story(), phone_reader(region)
    for root in _roots(store, limit):
        told = customer_story(store, load_tree(store, root), keys, phone)
        story.happenings += told.happenings
        for key, name in told.names.items():
            story.names.setdefault(key, name)
    return story.sort()


def customer_story(
    store: CustomerStore, tree: Tree, keys: IdentifierKeys, phone: PhoneReader, most: int | None = None
) -> Story:
    """The same of one customer, in no order. ``names`` holds every key of ours that is known of him.

    Raises
    ------
    TooMany
        If an identifier has more than ``most`` events.
    """
    story = Story()
    members = (*tree.members, *_addresses(store, tree))
    logs = {member.key: _log(store, member.key, most) for member in tree.members}
    known = _translated(members, logs, keys, phone)
    story.happenings += _consents(members, known)
    for key, log in logs.items():
        for event in log:
            if event.identifiers:
                story.tell(event, keys)
            elif key in known:  # of a provider, about a message
                story.tell(event, keys, home=known[key])
    return story


def _log(store: CustomerStore, key: str, most: int | None) -> tuple[Event, ...]:
    log = tuple(islice(store.events(key), None if most is None else most + 1))
    if most is not None and len(log) > most:
        raise TooMany
    return log


def _addresses(store: CustomerStore, tree: Tree) -> list[Member]:
    """Addresses that statements of the customer are about and that somebody else owns."""
    named = {said.address_key for member in tree.members for said in member.control.consents if said.address_key}
    return [Member(key, store.control(key)) for key in sorted(named - set(tree.keys)) if type_of_key(key) in _ADDRESSES]


def _consents(members: Sequence[Member], known: Mapping[str, str]) -> Iterator[Happening]:
    """Statements as ingest decided about them: whether their source may grant is part of each."""
    for member in members:
        if member.key not in known:
            continue
        for said in member.control.consents:
            statement = replace(said, address_key=known.get(said.address_key, said.address_key), received_at=said.time)
            items = consent_items(ConsentRecord((known[member.key],), statement), trusted=not said.public)
            yield Happening(said.time, tuple(items), is_event=False)


def _translated(members: Sequence[Member], logs: Logs, keys: IdentifierKeys, phone: PhoneReader) -> dict[str, str]:
    """The deployment's keys of one customer to ours. Both are digests of the same names, with different secrets; so a
    key is translated where the name behind it is known: from its partition, or of an address that nobody owns from the
    event that stated its consent."""
    known: dict[str, str] = {}
    for member in members:
        owners = (event.owner for event in logs.get(member.key, ()) if event.identifiers)
        name = member.identifier or next(owners, None)
        if name is not None:
            known[member.key] = keys(name)
    stated = {(said.message_id, said.channel): said.address_key for one in members for said in one.control.consents}
    for event in (event for log in logs.values() for event in log):
        said = _statement(event, keys, phone)
        key = "" if said is None else stated.get((said.message_id, said.channel), "")
        if said is not None and key and said.address_key:
            known.setdefault(key, said.address_key)
    return known


def _statement(event: Event, keys: IdentifierKeys, phone: PhoneReader) -> Consent | None:
    source = Source(event.source, event.channel, trusted=event.trusted)
    try:
        said = consent_record(event, source, keys, phone) if event.identifiers else None
    except Refused:
        return None
    return None if said is None else said.consent


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
