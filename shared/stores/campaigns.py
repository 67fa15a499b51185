"""Campaigns in the catalog, each item with one writer.

``campaigns`` / ``<name>``: the definition and whether it was cancelled (admin). Below ``campaign#<name>``:
``test#<id>``, a test's definition (admin); ``walk#<shard>``, how far its members were walked, ``spent#<shard>``, what
it handed over in this minute, ``handed#<shard>`` and ``group#<shard>#<due>#<page>``, customers who wait for their
local time (schedule); ``outcomes#<channel>``, counts (notify).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.campaigns.campaign import Campaign, Progress, Walk
from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.ports import Table
from shared.stores.customers import SHARDS

PK = "campaigns"
BELOW = "campaign#"
WALK, SPENT, HANDED, GROUP, TEST, OUTCOMES = "walk#", "spent#", "handed#", "group#", "test#", "outcomes#"
KEPT = timedelta(days=7)
"""How long the definition of a test is kept: a deferred message asks for it again."""


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of one page of a shard who are due at one instant. ``page`` is the version of the walk that the page
    was read at: the same page once more is the same group, another page never is."""

    shard: int
    due: datetime
    page: str
    homes: tuple[str, ...]
    version: int = 0

    @property
    def sort_key(self) -> str:
        return f"{GROUP}{self.shard:02d}#{milliseconds(self.due)}#{self.page}"

    def written_before(self, walk: Walk) -> bool:
        """False as long as the walk may come to the same page once more, and write the group again. (A page that is no
        number is the first customer, by whom an earlier release named it.)"""
        return not self.page.isdigit() or int(self.page) < walk.version


class Campaigns:
    """Small items, read and written by key. Only the groups grow with the number of customers."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def get(self, name: str) -> Campaign | None:
        item = self._table.get(PK, name)
        return None if item is None else _read(item)

    def all(self) -> list[Campaign]:
        """Every campaign, the newest first."""
        found: list[Campaign] = []
        cursor = None
        while True:
            page = self._table.query(PK, cursor=cursor)
            found += map(_read, page.items)
            cursor = page.cursor
            if cursor is None:
                return sorted(found, key=lambda campaign: campaign.scheduled_at, reverse=True)

    def create(self, campaign: Campaign) -> None:
        """Stores a new campaign. Raises Conflict if the name was used before: each name is used once."""
        self._table.put(_item(campaign, PK, campaign.name), expect={"pk": None})

    def cancel(self, campaign: Campaign, at: datetime) -> Campaign:
        """Nothing more is handed over from now on. Cancelling again changes nothing."""
        if campaign.cancelled_at is not None:
            return campaign
        cancelled = replace(campaign, cancelled_at=at)
        self._table.put(_item(cancelled, PK, campaign.name))
        return cancelled

    def put_test(self, campaign: Campaign, run: str) -> None:
        item = _item(campaign, BELOW + campaign.name, TEST + run)
        self._table.put({**item, "expires": milliseconds(campaign.scheduled_at + KEPT) // 1000})

    def get_test(self, name: str, run: str) -> Campaign | None:
        item = self._table.get(BELOW + name, TEST + run)
        return None if item is None else _read(item)

    def walk(self, name: str, shard: int) -> Walk:
        item = self._table.get(BELOW + name, f"{WALK}{shard:02d}")
        return Walk(shard) if item is None else _walk(item)

    def walks(self, name: str) -> dict[int, Walk]:
        """The walks that began, by shard."""
        page = self._table.query(BELOW + name, prefix=WALK)
        return {walk.shard: walk for walk in map(_walk, page.items)}

    def put_walk(self, name: str, walk: Walk) -> Walk:
        """Writes the walk on condition of the version that was read.

        Raises
        ------
        Conflict
            If another worker walks the same shard: leave it to that one.
        """
        after = replace(walk, version=walk.version + 1)
        item: dict[str, Any] = {
            "pk": BELOW + name,
            "sk": f"{WALK}{walk.shard:02d}",
            "walked": after.walked,
            "ended": after.ended,
            "finished": after.finished,
            "version": after.version,
            **{name: value for name in ("upto", "behind") if (value := getattr(after, name))},
        }
        if after.cursor is not None:
            item["cursor"] = after.cursor
        if after.touched is not None:
            item["touched"] = milliseconds(after.touched)
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
        self._table.put_many([_group_item(name, group) for group in groups])

    def group(self, name: str, sort_key: str) -> Group | None:
        item = self._table.get(BELOW + name, sort_key)
        return None if item is None else _group(item)

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
            self._table.put(_group_item(name, after), expect=expect)
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
                    walks[int(sort_key.removeprefix(WALK))] = _walk(item)
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
            handed = sum(walk.walked for walk in walks.values())
        return Progress(walks, handed, waiting, outcomes, shards=SHARDS)


def _item(campaign: Campaign, pk: str, sk: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": pk,
        "sk": sk,
        "definition": campaign.definition.model_dump_json(by_alias=True, exclude_unset=True, exclude={"test"}),
        "release": campaign.release,
        "begins": milliseconds(campaign.begins),
        "scheduled_at": time_text(campaign.scheduled_at),
        "estimate": campaign.estimate,
        "at_least": campaign.at_least,
    }
    if campaign.sample:
        item["sample"] = True
    if campaign.cancelled_at is not None:
        item["cancelled_at"] = time_text(campaign.cancelled_at)
    return item


def _read(item: Mapping[str, Any]) -> Campaign:
    cancelled = item.get("cancelled_at")
    return Campaign(
        definition=CampaignDefinition.model_validate_json(item["definition"]),
        release=item["release"],
        begins=moment(item["begins"]),
        scheduled_at=datetime.fromisoformat(item["scheduled_at"]),
        estimate=item["estimate"],
        at_least=item["at_least"],
        cancelled_at=None if cancelled is None else datetime.fromisoformat(cancelled),
        sample=item.get("sample", False),
    )


def _walk(item: Mapping[str, Any]) -> Walk:
    return Walk(
        shard=int(item["sk"].removeprefix(WALK)),
        cursor=item.get("cursor"),
        walked=item["walked"],
        ended=item.get("ended", item["finished"]),
        upto=item.get("upto", ""),
        behind=item.get("behind", ""),
        finished=item["finished"],
        touched=moment(item["touched"]) if "touched" in item else None,
        version=item["version"],
    )


def _group_item(name: str, group: Group) -> dict[str, Any]:
    return {
        "pk": BELOW + name,
        "sk": group.sort_key,
        "homes": list(group.homes),
        "version": group.version,
    }


def _group(item: Mapping[str, Any]) -> Group:
    shard, due, page = item["sk"].removeprefix(GROUP).split("#", 2)
    return Group(int(shard), moment(int(due)), page, tuple(item["homes"]), item["version"])
