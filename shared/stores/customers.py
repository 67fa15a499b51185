"""The ``customers`` table: what is known about an identifier, and its log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shared.domain.consent.consent import Consent
from shared.domain.consent.preferences import Preference
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.identity import keys
from shared.domain.identity.claims import Claim, read_claim, write_claim
from shared.domain.privacy.held_rights import Mark
from shared.domain.profile.customer_item import Customer, read_customer, write_customer
from shared.ports import Conflict, Item, Page, Table
from shared.stores import spilled_orders
from shared.stores.consent_items import read_consent
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.facts_cache import FactsCache
from shared.stores.preference_items import read_preference
from shared.stores.right_marks import read_right_mark

SHARDS = 16
"""Shards of the indexes ``live`` and ``members``. The number only grows."""
_READS = 5
"""How often an identifier is read again whose orders are being split anew."""


class StoredFacts(Struct, frozen=True):
    """``until``: events from this millisecond on were left out (a contested browser). Where items lie makes no
    difference between two of them."""

    facts: Facts
    version: int
    release: int
    until: int | None = None
    buckets: Mapping[str, spilled_orders.Bucket] = msgspec.field(default_factory=dict)
    """Items that hold the orders beyond 100, as read; also those that a former split left over."""
    spilled: int = 0
    """The number of buckets of the split that was read."""
    listed: bool = False
    """Whether every interest that these facts show is in the index of interests."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StoredFacts):
            return NotImplemented
        mine, its = ((one.facts, one.version, one.release, one.until) for one in (self, other))
        return mine == its

    __hash__ = None  # type: ignore[assignment]  # facts change while they are folded


class Hint(Struct, frozen=True):
    """The reverse of a claim. ``since``: time of the claim; ``mark`` changes with each writing, so that only the hint
    that was read can be deleted."""

    since: int
    mark: str


class Control(Struct):
    """Everything that is known about one identifier except its log: one Query."""

    key: str
    facts: StoredFacts | None = None
    spilled: int = 0
    """Buckets that the orders are spread over; 0 while they fit into ``facts``."""
    spilled_items: int = 0
    """How many of them must be there; 0 if an earlier version wrote them, which left empty ones out."""
    claim: Claim | None = None
    claim_version: int = 0
    moving: tuple[str, ...] | None = None
    """Former owners, while a change of owner is not finished: their customers must be decided again."""
    customer: Customer | None = None
    owns: dict[str, Hint] = msgspec.field(default_factory=dict)
    """By child key: a hint only, the child's own claim decides."""
    members: dict[str, str] = msgspec.field(default_factory=dict)
    """Segment to the text of ``since``: the listing's items that stand."""
    enrollments: list[dict[str, Any]] = msgspec.field(default_factory=list)
    sends: dict[str, Any] | None = None
    consents: list[Consent] = msgspec.field(default_factory=list)
    preferences: list[Preference] = msgspec.field(default_factory=list)
    rights: list[Mark] = msgspec.field(default_factory=list)
    """Restrictions and objections, also those that were lifted."""
    refused_until: int | None = None
    """Until when (milliseconds) events are refused, because the person was erased."""
    erasure: str = ""
    """The id of the erasure that refuses them."""
    wrote_anew: bool = False
    """Whether the person wrote to the shop after that: there are messages of his, though nothing else is known."""

    def refuses(self, now: datetime) -> bool:
        """Whether what happens under this identifier is not kept."""
        return self.refused_until is not None and keys.milliseconds(now) < self.refused_until


class CustomerStore:
    """Every item of ``customers`` has one writer; the methods are named after what they write."""

    def __init__(self, table: Table, facts_cache: FactsCache | None = None) -> None:
        self._table = table
        self.facts_cache = facts_cache or FactsCache()

    @property
    def table(self) -> Table:
        return self._table

    def control(self, key: str) -> Control:
        """All control items of an identifier, strongly consistent; usually one request and one read unit.

        Raises
        ------
        Conflict
            If others split its orders anew during each of the reads.
        """
        for _ in range(_READS):
            control = self._control(key)
            if control is not None:
                return control
        raise Conflict("the orders changed during each read")

    def _control(self, key: str) -> Control | None:
        """None if an item was missing that ``facts`` tells of: a writer moved the orders meanwhile."""
        control = Control(key)
        buckets: dict[str, spilled_orders.Bucket] = {}
        cursor = None
        while True:
            page = self._table.query(key, below=keys.EVENT_PREFIX, cursor=cursor)
            for item in page.items:
                if item["sk"].startswith(spilled_orders.PREFIX):
                    buckets[item["sk"]] = spilled_orders.Bucket(item["version"], item["data"])
                else:
                    _sort_in(control, item, self.facts_cache)
            cursor = page.cursor
            if cursor is None:
                break
        if not spilled_orders.complete(control.spilled, control.spilled_items, buckets):
            return None
        if control.facts is not None and buckets:
            whole = spilled_orders.joined(control.facts.facts, control.spilled, buckets, self.facts_cache.read)
            control.facts = replace(control.facts, facts=whole, buckets=buckets, spilled=control.spilled)
        return control

    def put_events(self, items: Sequence[Item]) -> None:
        """Stores events and consents of one batch; durable when it returns."""
        self._table.put_many(items)

    def forget_events(self, key: str, events: Iterable[Event]) -> None:
        """Deletes events of an erased identifier, with what they said of consent. A refusal stays under the address."""
        from shared.stores.forget_consents import forget_said  # seldom needed, and paid at each cold start

        told = {event.sort_key: event.message_id for event in events}
        doomed = {(key, place) for place in told} | forget_said(self._table, key, set(told.values()))
        self._table.delete_many(sorted(doomed))

    def event(self, pk: str, sk: str) -> Event | None:
        item = self._table.get(pk, sk)
        return None if item is None else read_event(item)

    def events(self, key: str) -> Iterator[Event]:
        """The whole log of an identifier, oldest first, page by page. An unreadable event is left out."""
        cursor = None
        while True:
            page = self._table.query(key, at_least=keys.EVENT_PREFIX, below=keys.EVENT_END, cursor=cursor)
            for item in page.items:
                try:
                    yield read_event(item)
                except UnreadableEvent:
                    continue
            cursor = page.cursor
            if cursor is None:
                return

    def log_page(self, key: str, *, below: str | None = None, limit: int = 50) -> Page:
        """The newest raw events of an identifier, newest first, with sort keys below ``below``."""
        return self._table.query(
            key, at_least=keys.EVENT_PREFIX, below=below or keys.EVENT_END, limit=limit, newest_first=True
        )

    def put_facts(self, key: str, stored: StoredFacts, *, previous: int) -> None:
        """Writes the fold on condition of the version that it was read at (0: there was none).

        Orders beyond 100 go to items of their own first, only those that changed; what is left over goes last.

        Raises
        ------
        Conflict
            If another consumer folded the same identifier meanwhile.
        """
        kept, spilled, buckets = spilled_orders.split(key, stored.facts, self.facts_cache.write)
        for name, data in buckets.items():
            held = stored.buckets.get(name)
            # One of a former split is written even if it is equal: whoever deletes it finds another version then.
            if held is None or held.data != data or not spilled_orders.is_of(stored.spilled, name):
                version = held.version if held else 0
                bucket = spilled_orders.item(key, name, data, version)
                self._table.put(bucket, expect={"version": version or None})
        data = self.facts_cache.write(kept)
        item: dict[str, Any] = {
            "pk": key,
            "sk": keys.FACTS,
            "version": stored.version,
            "release": stored.release,
            "data": data,
        }
        if stored.until is not None:
            item["until"] = stored.until
        if stored.listed:
            item["listed"] = True
        if spilled:
            item |= {"spilled": spilled, "spilled_items": len(buckets)}
        self._table.put(item, expect={"version": previous or None})
        self.facts_cache.remember(data, kept)
        for name in stored.buckets.keys() - buckets.keys():
            try:
                self._table.delete(key, name, expect={"version": stored.buckets[name].version})
            except Conflict:
                continue  # another consumer uses it again

    def put_claim(self, key: str, claim: Claim, *, previous: int, moving: Sequence[str] | None) -> None:
        """Writes the claim on condition of the version read; ``moving`` names former owners until all is decided."""
        item: dict[str, Any] = {"pk": key, "sk": keys.CLAIM, "version": previous + 1, **write_claim(claim)}
        if moving:
            item["moving"] = list(moving)
        self._table.put(item, expect={"version": previous or None})

    def put_owns(self, owner: str, child: str, hint: Hint) -> None:
        self._table.put({"pk": owner, "sk": keys.OWNS + child, "claimed": hint.since, "mark": hint.mark})

    def delete_owns(self, owner: str, child: str, hint: Hint) -> None:
        """Deletes the hint that was read; one written since then stays."""
        try:
            self._table.delete(owner, keys.OWNS + child, expect={"mark": hint.mark})
        except Conflict:
            return

    def note_parted(self, owner: str, child: str) -> None:
        """Marks at the owner that the log of ``child`` holds a decision about him; one that is there stays. An erasure
        of the owner finds the decision by it, though he never named the identifier."""
        with suppress(Conflict):
            self._table.put({"pk": owner, "sk": keys.PARTED + child, "words": []}, expect={"pk": None})

    def put_customer(self, key: str, customer: Customer, *, previous: int) -> None:
        """Writes the decision on condition of the version it was made from. Live ones are in the index ``live``."""
        item: dict[str, Any] = {"pk": key, "sk": keys.CUSTOMER, **write_customer(customer, key)}
        if customer.state == "live":
            item["live_shard"] = f"live#{keys.shard_of(key, SHARDS)}"
        self._table.put(item, expect={"version": previous or None})

    def put_member(self, root: str, segment: str, since: str) -> None:
        self._table.put(
            {
                "pk": root,
                "sk": keys.MEMBER + segment,
                "seg": f"{segment}#{keys.shard_of(root, SHARDS)}",
                "since": since,
                "customer": root,
            }
        )

    def delete_member(self, root: str, segment: str) -> None:
        self._table.delete(root, keys.MEMBER + segment)

    def members_page(
        self, segment: str, shard: int, *, limit: int, cursor: str | None = None, behind: str = ""
    ) -> Page:
        """Members of a segment in one shard, by the time since when: items with ``pk`` and ``since``; only those who
        came after ``behind``, a ``since``."""
        later = f"{behind}!" if behind else None  # the sign after a text of fixed width
        return self._table.query(f"{segment}#{shard}", index="members", at_least=later, limit=limit, cursor=cursor)

    def members_among(self, roots: Sequence[str], segments: Sequence[str]) -> frozenset[str]:
        """Those of the customers who are a member of one of the segments; half a read unit for each question."""
        asked = [(root, keys.MEMBER + segment) for root in roots for segment in segments]
        return frozenset(item["pk"] for item in self._table.get_many(asked)) if asked else frozenset()

    def live_page(self, shard: int, *, limit: int, cursor: str | None = None, letter: str | None = None) -> Page:
        """Keys of live customers in one shard, for backfills: no scan ever reads the log. ``letter``: of one type."""
        prefix = None if letter is None else f"{letter}."
        return self._table.query(f"live#{shard}", index="live", prefix=prefix, limit=limit, cursor=cursor)

    def live_from(self, shard: int, key: str, *, limit: int) -> list[str]:
        """Keys of live customers in one shard, from ``key`` on and of its type: for random samples."""
        page = self._table.query(f"live#{shard}", index="live", at_least=key, below=f"{key[0]}/", limit=limit)
        return [item["pk"] for item in page.items]

    def live_after(self, shard: int, key: str, *, limit: int) -> list[str]:
        """Keys of live customers in one shard behind ``key``, in their order; empty for the first."""
        behind = f"{key}!" if key else None
        page = self._table.query(f"live#{shard}", index="live", at_least=behind, limit=limit)
        return [item["pk"] for item in page.items]

    def put_holder(self, token: str, user: str) -> None:
        """Notes that a user was seen with a push token; ``token`` is its keyed digest."""
        self._table.put({"pk": token, "sk": keys.HOLDER + user})

    def holders(self, token: str, limit: int) -> list[str]:
        """The users ever seen with a push token, at most ``limit`` of them."""
        page = self._table.query(token, prefix=keys.HOLDER, limit=limit)
        return [item["sk"].removeprefix(keys.HOLDER) for item in page.items]

    def put_enrollment(self, home: str, attributes: Item, *, expect: Item) -> None:
        """``attributes`` with ``sk`` and ``version``; written by schedule only."""
        self._table.put({**attributes, "pk": home}, expect=expect)

    def put_sends(self, root: str, attributes: Item, *, expect: Item) -> None:
        """``attributes`` with ``version``; written by notify only."""
        self._table.put({**attributes, "pk": root, "sk": keys.SENDS}, expect=expect)


def _sort_in(control: Control, item: dict[str, Any], cache: FactsCache) -> None:
    sort_key: str = item["sk"]
    if sort_key == keys.FACTS:
        facts, listed = cache.read(item["data"]), bool(item.get("listed"))
        control.facts = StoredFacts(facts, item["version"], item["release"], item.get("until"), listed=listed)
        control.spilled, control.spilled_items = item.get("spilled", 0), item.get("spilled_items", 0)
    elif sort_key == keys.CLAIM:
        control.claim, control.claim_version = read_claim(item), item["version"]
        control.moving = tuple(item["moving"]) if "moving" in item else None
    elif sort_key == keys.CUSTOMER:
        control.customer = read_customer(item)
    elif sort_key.startswith(keys.OWNS):
        control.owns[sort_key.removeprefix(keys.OWNS)] = Hint(item["claimed"], item["mark"])
    elif sort_key.startswith(keys.MEMBER):
        control.members[sort_key.removeprefix(keys.MEMBER)] = item["since"]
    elif sort_key.startswith(keys.ENROLLMENT):
        control.enrollments.append(item)
    elif sort_key == keys.SENDS:
        control.sends = item
    elif sort_key == keys.ERASED:
        control.refused_until, control.erasure = item["until"], str(item.get("erasure", ""))
        control.wrote_anew = "anew" in item
    elif sort_key.startswith(keys.CONSENT):
        control.consents.append(read_consent(item))
    elif sort_key.startswith(keys.PREFERENCE):
        control.preferences.append(read_preference(item))
    elif sort_key.startswith(keys.RIGHT):
        control.rights.append(read_right_mark(item))


def distinct(items: Iterable[Item]) -> list[Item]:
    """The last item of each key: a batch write must not name a key twice."""
    return list({(item["pk"], item["sk"]): item for item in items}.values())
