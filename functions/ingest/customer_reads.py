"""One customer: the whole picture, everything that happened, everything that was sent or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from functions.ingest.answers import malformed, not_found
from functions.ingest.environment import Environment
from functions.ingest.paging import merged_page
from shared.customer_tree import Tree, load_tree
from shared.domain.consent import CHANNELS
from shared.domain.customer_view import customer_json
from shared.domain.events import Event
from shared.domain.identifiers import InvalidIdentifier, parse_identifier
from shared.domain.journeys.enrollment import from_item
from shared.domain.keys import EVENT_END, EVENT_PREFIX, milliseconds
from shared.domain.messages.address import address_of
from shared.domain.timeline_view import event_json, message_json
from shared.ports import Page
from shared.stores.customers import CustomerStore
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.ledger import BY_HOME, read_record
from shared.stores.releases import Releases

_KEY = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")


def customer(environment: Environment, identifier: str) -> dict[str, Any]:
    """The customer that an identifier belongs to."""
    tree = _tree(environment, identifier)
    store = CustomerStore(environment.customers)
    profile = tree.profile()
    consents = list(profile.consents)
    addresses: dict[str, str] = {}
    for channel in CHANNELS:
        address = address_of(profile, channel, environment.keys, phone=environment.phone, dead={})
        if address is not None:
            addresses[channel] = address.key
            if address.key not in tree.keys and channel != "push":
                consents += store.control(address.key).consents
    runs = [from_item(item) for member in tree.members for item in member.control.enrollments]
    shop = Releases(environment.catalog).current().shop
    return customer_json(profile, consents, addresses, runs, shop, environment.clock.now())


def timeline(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The log of all its identifiers, newest first; events without a time of their own come last."""
    tree = _tree(environment, identifier)
    ends = {
        member.key: member.control.facts.until
        for member in tree.members
        if member.control.facts and member.control.facts.until is not None
    }

    def read(key: str, below: str | None, limit: int) -> Page:
        return environment.customers.query(
            key, at_least=EVENT_PREFIX, below=below or EVENT_END, limit=limit, newest_first=True
        )

    items, cursor = merged_page(tree.keys, read, "sk", query)
    events = [(item["pk"], event) for item in items if (event := _event(item)) is not None]
    # A browser that a second user signed in on: what happened there since is nobody's (design 3).
    shown = [event for key, event in events if key not in ends or milliseconds(event.time) < ends[key]]
    return {"items": [event_json(event) for event in shown], "cursor": cursor}


def messages(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The messages of all its identifiers, newest decision first, with the reason of what was not sent."""
    tree = _tree(environment, identifier)

    def read(key: str, below: str | None, limit: int) -> Page:
        return environment.messages.query(key, below=below, limit=limit, newest_first=True, index=BY_HOME)

    items, cursor = merged_page(tree.keys, read, "at", query)
    return {"items": [message_json(read_record(item)) for item in items], "cursor": cursor}


def _tree(environment: Environment, written: str) -> Tree:
    """``type:value`` as people write it, or the id that we gave the customer."""
    if _KEY.fullmatch(written):
        key = written
    else:
        try:
            key = environment.keys(parse_identifier(written, environment.phone))
        except InvalidIdentifier as broken:
            raise malformed(str(broken)) from broken
    store = CustomerStore(environment.customers)
    tree = load_tree(store, key)
    known = len(tree.members) > 1 or tree.control.facts or tree.control.customer
    if not known and not store.log_page(key, limit=1).items:
        raise not_found("nobody is known by this identifier")
    return tree


def _event(item: dict[str, Any]) -> Event | None:
    try:
        return read_event(item)
    except UnreadableEvent:
        return None
