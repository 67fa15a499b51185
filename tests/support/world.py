"""A customers table in memory with segmentation on it: tests send events and ask for customers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType
from shared.domain.facts.encoding import encode
from shared.domain.facts.features import features
from shared.domain.facts.fold import Features
from shared.domain.identity.identifiers import Identifier, IdentifierType, parse_identifier
from shared.domain.identity.keys import EVENT_PREFIX, IdentifierKeys
from shared.domain.segments.definition import SegmentDefinition
from shared.ports import Table
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item, read_event

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
KEYS = IdentifierKeys(b"a secret of the tests, 32 bytes!!")

SEGMENTS = (
    SegmentDefinition.model_validate({"segment": "new", "who": {"orders": {"first": {"within": "30d"}}}}),
    SegmentDefinition.model_validate(
        {
            "segment": "at-risk",
            "who": {"all": [{"orders": {"at_least": 1}}, {"not": {"orders": {"at_least": 1, "within": "90d"}}}]},
        }
    ),
)


@dataclass
class Rules:
    """A release, as segmentation reads it."""

    number: int = 1
    shop: Shop = field(default_factory=lambda: Shop(name="Test"))
    segments: tuple[SegmentDefinition, ...] = SEGMENTS
    features: Features = field(default_factory=features)
    folded_since: int = 1
    ruled_since: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Timers:
    """Armed flips, kept."""

    armed: set[tuple[datetime, str]] = field(default_factory=set)

    def arm_flip(self, due: datetime, root: str) -> None:
        self.armed.add((due, root))


def event(
    name: str,
    who: Sequence[str],
    /,
    *,
    at: datetime = NOW,
    id: str | None = None,  # noqa: A002 - the word of the tests
    trusted: bool = False,
    claims: Sequence[str] | None = None,
    alias_of: str | None = None,
    traits: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    **properties: Any,
) -> Event:
    """A track event (or identify, if it is named so). Public sources claim anonymous and device ones, trusted all."""
    known = tuple(sorted(map(parse_identifier, who), key=lambda one: one.rank))
    may = {IdentifierType.ANONYMOUS, IdentifierType.DEVICE}
    allowed = (
        [one for one in known[1:] if trusted or one.type in may]
        if claims is None
        else [parse_identifier(one) for one in claims]
    )
    kind = EventType.IDENTIFY if name == "identify" else EventType.TRACK
    return Event(
        type=kind,
        name="Identified" if kind is EventType.IDENTIFY else name,
        message_id=id or f"{name}-{'-'.join(who)}-{at.isoformat()}",
        time=at,
        received_at=at,
        source="store" if trusted else "web",
        channel="store" if trusted else "web",
        trusted=trusted,
        identifiers=known,
        claimable=tuple(allowed),
        alias_of=parse_identifier(alias_of) if alias_of else None,
        traits=traits or {},
        properties=properties,
        context=context or {},
    )


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


class World:
    """Segmentation over a table; ``table`` may be any implementation of the port."""

    def __init__(self, table: Table | None = None, rules: Rules | None = None) -> None:
        self.memory = MemoryTable(indexes=INDEXES["customers"])
        self.table: Table = table or self.memory
        self.store = CustomerStore(self.table)
        self.timers = Timers()
        self.rules = rules or Rules()
        self.now = NOW + timedelta(hours=1)

    @property
    def segmentation(self) -> Segmentation:
        return Segmentation(self.store, self.timers, KEYS, self.rules)

    def store_only(self, events: Iterable[Event]) -> None:
        """What ingest does: the events are in the log, nobody has folded them."""
        for one in events:
            self.table.put(event_item(one, KEYS))

    def send(self, *events: Event) -> None:
        """Stores and folds the events as one batch."""
        self.store_only(events)
        self.segmentation.fold(batches(events), self.now)

    def tree(self, who: str | Identifier) -> Tree:
        known = parse_identifier(who) if isinstance(who, str) else who
        return load_tree(self.store, KEYS(known))


def batches(events: Iterable[Event]) -> list[Batch]:
    """Events by partition, as the handler groups a stream batch."""
    grouped: dict[str, Batch] = {}
    for one in events:
        pk = KEYS(one.owner)
        grouped.setdefault(pk, Batch(pk)).events.append(read_event(event_item(one, KEYS)))
    return list(grouped.values())


def snapshot(table: MemoryTable) -> dict[str, Any]:
    """All that may not depend on order: facts, claims, trees, memberships. Versions and processing times are left."""
    store = CustomerStore(table)
    found: dict[str, Any] = {}
    everything = table.items()
    log = Counter(item["pk"] for item in everything if item["sk"].startswith(EVENT_PREFIX))
    for pk in sorted({item["pk"] for item in everything}):
        control = store.control(pk)
        tree = load_tree(store, pk)
        customer = control.customer
        found[pk] = {
            "facts": encode(control.facts.facts) if control.facts else None,
            "until": control.facts.until if control.facts else None,
            "claim": repr(control.claim),
            "moving": control.moving,
            "owns": {child: hint.since for child, hint in sorted(control.owns.items())},
            "root": tree.root,
            "keys": tree.keys,
            "live": customer is not None and customer.state == "live",
            "segments": sorted(customer.segments) if customer and customer.state == "live" else [],
            "cart": (customer.cart_at, customer.cart_count) if customer and customer.state == "live" else None,
            "members": sorted(control.members),
            "log": log[pk],
        }
    return found


def pretty(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, default=repr)
