"""Campaigns in the catalog, each item with one writer.

``campaigns`` / ``<name>``: the definition and whether it was cancelled (admin). Below ``campaign#<name>``:
``test#<id>``, a test's definition (admin); ``walk#<shard>``, how far its members were walked, ``spent#<shard>``, what
it handed over in this minute, ``handed#<shard>`` and ``group#<shard>#<due>#<page>``, customers who wait for their
local time (schedule); ``outcomes#<channel>``, counts (notify); ``reports#<channel>``, bounces and complaints (ingest).
``campaign#<name>#given#<shard>`` / ``<page>``: digests of those a page handed over (schedule). A campaign that stops by
itself is cancelled by ingest, and named in ``campaigns#stopped`` for a month.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.domain.campaigns.campaign import Campaign, Progress, Stopped, Walk
from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.messages.reputation import Feedback
from shared.ports import Conflict, Table
from shared.stores.campaign_items import (
    BELOW,
    DIGEST,
    GROUP,
    PK,
    WALK,
    Group,
    campaign_item,
    group_item,
    home_digest,
    read_campaign,
    read_group,
    read_stopped,
    read_walk,
    stopped_item,
    walk_item,
)
from shared.stores.customers import SHARDS
from shared.stores.journey_controls import STOPPED

SPENT, HANDED, TEST, OUTCOMES, GIVEN, REPORTS = "spent#", "handed#", "test#", "outcomes#", "#given#", "reports#"
TOLD = timedelta(days=30)
"""How long a campaign that stopped by itself is named."""
KEPT = timedelta(days=7)
"""How long the definition of a test is kept: a deferred message asks for it again."""


class Campaigns:
    """Small items, read and written by key. Only the groups grow with the number of customers."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def get(self, name: str) -> Campaign | None:
        item = self._table.get(PK, name)
        return None if item is None else read_campaign(item)

    def all(self) -> list[Campaign]:
        """Every campaign, the newest first."""
        found: list[Campaign] = []
        cursor = None
        while True:
            page = self._table.query(PK, cursor=cursor)
            found += map(read_campaign, page.items)
            cursor = page.cursor
            if cursor is None:
                return sorted(found, key=lambda campaign: campaign.scheduled_at, reverse=True)

    def create(self, campaign: Campaign) -> None:
        """Stores a new campaign. Raises Conflict if the name was used before: each name is used once."""
        self._table.put(campaign_item(campaign, PK, campaign.name), expect={"pk": None})

    def cancel(self, campaign: Campaign, at: datetime) -> Campaign:
        """Nothing more is handed over from now on. Cancelling again changes nothing."""
        if campaign.cancelled_at is not None:
            return campaign
        cancelled = replace(campaign, cancelled_at=at)
        self._table.put(campaign_item(cancelled, PK, campaign.name))
        return cancelled

    def stop(self, campaign: Campaign, stopped: Stopped, at: datetime) -> bool:
        """Cancels a campaign that passed a limit; whether this call did it. It is named among those that stopped
        first: that is the switch by which notify skips what is queued (``JourneyControls``)."""
        expires = max(milliseconds(at + TOLD), milliseconds(campaign.over + KEPT)) // 1000
        item = {"pk": STOPPED, "sk": campaign.name, "at": time_text(at), "expires": expires}
        self._table.put({**item, **stopped_item(stopped)})
        after = replace(campaign, cancelled_at=at, stopped=stopped)
        try:
            self._table.put(campaign_item(after, PK, campaign.name), expect={"cancelled_at": None})
        except Conflict:
            return False
        return True

    def stopped(self) -> list[tuple[str, datetime, Stopped]]:
        """Campaigns that stopped by themselves in the last month, the newest first: one query."""
        items = self._table.query(STOPPED).items
        found = [(item["sk"], datetime.fromisoformat(item["at"]), read_stopped(item)) for item in items]
        return sorted(found, key=lambda one: one[1], reverse=True)

    def report(self, name: str, channel: str, what: str) -> Feedback:
        """Counts one bounce or complaint of a campaign; returns all of the channel, and what was sent by it."""
        counted = self._table.add(BELOW + name, REPORTS + channel, {what: 1})
        outcomes = self._table.get(BELOW + name, OUTCOMES + channel) or {}
        return Feedback(int(outcomes.get("sent", 0)), counted.get("bounced", 0), counted.get("complained", 0))

    def put_test(self, campaign: Campaign, run: str) -> None:
        item = campaign_item(campaign, BELOW + campaign.name, TEST + run)
        self._table.put({**item, "expires": milliseconds(campaign.scheduled_at + KEPT) // 1000})

    def get_test(self, name: str, run: str) -> Campaign | None:
        item = self._table.get(BELOW + name, TEST + run)
        return None if item is None else read_campaign(item)

    def walk(self, name: str, shard: int) -> Walk:
        item = self._table.get(BELOW + name, f"{WALK}{shard:02d}")
        return Walk(shard) if item is None else read_walk(item)

    def walks(self, name: str) -> dict[int, Walk]:
        """The walks that began, by shard."""
        page = self._table.query(BELOW + name, prefix=WALK)
        return {walk.shard: walk for walk in map(read_walk, page.items)}

    def put_walk(self, name: str, walk: Walk) -> Walk:
        """Writes the walk on condition of the version that was read.

        Raises
        ------
        Conflict
            If another worker walks the same shard: leave it to that one.
        """
        after = replace(walk, version=walk.version + 1)
        item = walk_item(name, after)
        self._table.put(item, expect={"version": walk.version or None})
        return after

    def spend(self, name: str, shard: int, minute: int, wanted: int, allowed: int) -> int:
        """How many of ``wanted`` the shard may hand over, of ``allowed`` in this minute; counted before it returns.
        Zero if a later minute was counted already: by a worker who is ahead, or for somebody who booked a turn in it.

        Raises
        ------
        Conflict
            If another worker of the shard counted at the same time: ask again.
        """
        counted, used, version = self._spent(name, shard)
        if counted > minute:
            return 0
        used = used if counted == minute else 0
        granted = max(0, min(wanted, allowed - used))
        if granted:
            self._put_spent(name, shard, minute, used + granted, version)
        return granted

    def book(self, name: str, shard: int, minute: int, allowed: Callable[[int], int]) -> tuple[int, int]:
        """The first minute, this one or a later, in which one more may be handed over, and how many go before it in
        that minute; ``allowed`` says how many there are in it. Counted before it returns.

        Raises
        ------
        Conflict
            As ``spend`` does.
        """
        counted, used, version = self._spent(name, shard)
        if counted < minute:
            counted, used = minute, 0
        while used >= allowed(counted):
            counted, used = counted + 1, 0
        self._put_spent(name, shard, counted, used + 1, version)
        return counted, used

    def _spent(self, name: str, shard: int) -> tuple[int, int, int]:
        """The latest minute that was counted, how many were handed over in it, and the version."""
        held = self._table.get(BELOW + name, f"{SPENT}{shard:02d}")
        return (0, 0, 0) if held is None else (held["minute"], held["used"], held["version"])

    def _put_spent(self, name: str, shard: int, minute: int, used: int, version: int) -> None:
        key = f"{SPENT}{shard:02d}"
        item = {"pk": BELOW + name, "sk": key, "minute": minute, "used": used, "version": version + 1}
        self._table.put(item, expect={"version": version or None})

    def put_groups(self, name: str, groups: Sequence[Group]) -> None:
        """Stores the groups of a page. Before the walk is saved, a repetition changes nothing."""
        self._table.put_many([group_item(name, group) for group in groups])

    def group(self, name: str, sort_key: str) -> Group | None:
        item = self._table.get(BELOW + name, sort_key)
        return None if item is None else read_group(item)

    def put_given(self, campaign: Campaign, walk: Walk, homes: Sequence[str]) -> None:
        """Notes whom a page handed over, so that later segments and the last look hand over nobody twice."""
        expires = milliseconds(campaign.over + KEPT) // 1000
        pk, digests = f"{BELOW}{campaign.name}{GIVEN}{walk.shard:02d}", b"".join(map(home_digest, homes))
        self._table.put({"pk": pk, "sk": str(walk.version), "digests": digests, "expires": expires})

    def given(self, name: str, walk: Walk) -> frozenset[bytes]:
        """Digests of all who were handed over by other pages of the shard; a hundred customers are 0.2 read units."""
        found: set[bytes] = set()
        cursor = None
        while True:
            page = self._table.query(f"{BELOW}{name}{GIVEN}{walk.shard:02d}", cursor=cursor)
            for item in page.items:
                if item["sk"] != str(walk.version):
                    digests = bytes(item["digests"])
                    found.update(digests[at : at + DIGEST] for at in range(0, len(digests), DIGEST))
            cursor = page.cursor
            if cursor is None:
                return frozenset(found)

    def shrink(self, name: str, group: Group, done: int) -> Group | None:
        """The first ``done`` customers were handed over; None if it was all of them.

        Raises
        ------
        Conflict
            If another worker did so at the same time.
        """
        rest, expect = group.homes[done:], {"version": group.version}
        if rest:
            after = replace(group, homes=rest, version=group.version + 1)
            self._table.put(group_item(name, after), expect=expect)
        else:
            self._table.delete(BELOW + name, group.sort_key, expect=expect)
        self._table.add(BELOW + name, f"{HANDED}{group.shard:02d}", {"handed": done})
        return after if rest else None

    def count(self, name: str, channel: str, outcomes: Mapping[str, int]) -> None:
        """Adds to the counts of outcomes; one write, however many there are."""
        self._table.add(BELOW + name, OUTCOMES + channel, outcomes)

    def progress(self, campaign: Campaign) -> Progress:
        """Reads the progress: some fifty small items, and the groups that wait."""
        walks: dict[int, Walk] = {}
        handed = waiting = 0
        outcomes: dict[str, int] = {}
        cursor = None
        while True:
            page = self._table.query(BELOW + campaign.name, cursor=cursor)
            for item in page.items:
                sort_key: str = item["sk"]
                if sort_key.startswith(WALK):
                    walks[int(sort_key.removeprefix(WALK))] = read_walk(item)
                elif sort_key.startswith(HANDED):
                    handed += item["handed"]
                elif sort_key.startswith(GROUP):
                    waiting += len(item["homes"])
                elif sort_key.startswith(OUTCOMES):
                    for word in item.keys() - {"pk", "sk"}:
                        outcomes[word] = outcomes.get(word, 0) + item[word]
            cursor = page.cursor
            if cursor is None:
                break
        if not campaign.definition.local_time:
            handed = sum(walk.handed for walk in walks.values())
        return Progress(walks, handed, waiting, outcomes, shards=SHARDS)
