"""``GET /v1/customers/{id}/timeline``: events and messages of all its identifiers in one order, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from shared.domain.events.event import Event, EventType
from shared.domain.events.event_time import read_time
from shared.domain.facts.provisional import OrdersFrom, is_provisional
from shared.domain.facts.values import id_of
from shared.domain.identity.keys import event_id, milliseconds, time_text
from shared.domain.profile.timeline_json import MESSAGE, event_line, message_line
from shared.http.answers import malformed
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree
from shared.operators.merging import Lane, merged_page
from shared.operators.past_journeys import journeys_of
from shared.operators.timeline_lanes import Span, messages_of, timed_events, untimed_events
from shared.queries.customer_tree import Member, Tree
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.ledger import read_record
from shared.stores.releases import Releases

EVENT = "event"
KINDS = frozenset({EVENT, MESSAGE})
TYPES = frozenset({*(kind.value for kind in EventType), MESSAGE})
FILTERS = frozenset({"limit", "cursor", "kind", "type", "name", "channel", "id", "from", "to"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asked for; None leaves nothing out. ``since`` and ``until`` are half-open."""

    kinds: frozenset[str] = KINDS
    type: str | None = None
    name: str | None = None
    channel: str | None = None
    id: str | None = None
    """The messageId, or the id by which evidence names an event or a message."""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """
        Raises
        ------
        Problem
            400 for a filter that does not exist or a value that cannot be.
        """
        if query.keys() - FILTERS:
            raise malformed("a timeline is filtered by kind, type, name, channel, id, from and to")
        kind, kind_of_event = query.get("kind") or None, query.get("type") or None
        if kind not in {None, *KINDS}:
            raise malformed("kind is event or message")
        if kind_of_event not in {None, *TYPES}:
            raise malformed(f"type is one of {', '.join(sorted(TYPES))}")
        kinds = KINDS if kind is None else frozenset({kind})
        if kind_of_event is not None:
            kinds &= {MESSAGE if kind_of_event == MESSAGE else EVENT}
        return cls(
            kinds,
            kind_of_event,
            query.get("name") or None,
            query.get("channel") or None,
            query.get("id") or None,
            _time(query, "from"),
            _time(query, "to"),
        )

    def shows(self, line: Mapping[str, Any]) -> bool:
        name = line["messageId"]
        if self.id is not None and self.id not in {name, event_id(name, trusted=line["trusted"])}:
            return False
        return all(
            wanted is None or line[field] == wanted
            for field, wanted in (("type", self.type), ("event", self.name), ("channel", self.channel))
        )


def timeline(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Events and messages; an event without a time of its own lies where it was received."""
    tree = find_tree(environment, identifier)
    return timeline_of(environment, tree, query, events_end=_ends(tree))


def timeline_of(
    environment: Environment,
    tree: Tree,
    query: Mapping[str, str],
    *,
    events_end: Mapping[str, int],
    messages_end: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """The same of these identifiers. ``events_end``, ``messages_end``: of an identifier nothing is shown from this
    instant (milliseconds) on."""
    wanted = Wanted.of(query)
    members = {member.key: member for member in tree.members}
    lanes: list[Lane] = []
    span = _span(wanted)
    for member in tree.members:
        if EVENT in wanted.kinds:
            lanes.append(timed_events(environment.customers, member.key, span, events_end.get(member.key)))
            lanes += untimed_events(environment.customers, member.key, span)
        if MESSAGE in wanted.kinds:
            lanes.append(messages_of(environment.messages, member.key, span))

    releases = Releases(environment.catalog)
    find = journeys_of(releases)
    unconfirmed = _unconfirmed(tree, releases.current().shop.orders_from)

    def read(kind: str, key: str, item: dict[str, Any]) -> dict[str, Any] | None:
        if kind != MESSAGE and wanted.name not in {None, item["name"]}:
            return None
        line: dict[str, Any] | None
        if kind == MESSAGE and key in messages_end and int(item["decided_ms"]) >= messages_end[key]:
            return None
        if kind == MESSAGE:
            line = message_line(read_record(item), _identifier(members[key]), find)
        else:
            line = _event(members[key], item, events_end.get(key), unconfirmed)
        return line if line is not None and wanted.shows(line) else None

    entries, cursor = merged_page("timeline", lanes, query, read)
    return {"items": entries, "cursor": cursor}


def _identifier(member: Member) -> str:
    return str(member.identifier or member.key)


def _event(
    member: Member, item: dict[str, Any], end: int | None, unconfirmed: Callable[[Event], bool]
) -> dict[str, Any] | None:
    try:
        event = read_event(item)
    except UnreadableEvent:
        return None
    if end is not None and milliseconds(event.time) >= end:  # has no time of its own, so its place does not tell
        return None
    return event_line(event, _identifier(member), provisional=unconfirmed(event))


def _unconfirmed(tree: Tree, orders_from: OrdersFrom) -> Callable[[Event], bool]:
    """Whether an event is provisional, and no trusted source has named its order since."""
    named = set(tree.facts().orders) if orders_from == "trusted" else set()

    def asked(event: Event) -> bool:
        return is_provisional(event, orders_from) and id_of(event.properties.get("order_id")) not in named

    return asked


def _ends(tree: Tree) -> dict[str, int]:
    """A browser that a second user signed in on: what happened there since is nobody's (docs/architecture.md)."""
    found = {}
    for member in tree.members:
        end = member.control.claim.contested_from(member.key) if member.control.claim else None
        if end is not None:
            found[member.key] = end
    return found


def _span(wanted: Wanted) -> Span:
    return Span(
        None if wanted.since is None else time_text(wanted.since),
        None if wanted.until is None else time_text(wanted.until),
    )


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    raw = query.get(name)
    if not raw:
        return None
    # A plus sign that was not URL-encoded arrives as a blank.
    found = read_time(raw.replace(" ", "+") if "T" in raw else raw)
    if found is None:
        raise malformed(f"{name} is a time such as 2026-11-22T10:00:00Z")
    return found
