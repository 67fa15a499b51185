"""The table ``audiences``: which addresses belong to which audience, and what the platforms have.

``<address key>`` / ``<audience>``: one address in one audience; ``listed`` and ``listed_by`` list it in the index
``listed``, as due or as held. ``state`` / ``<audience>``: its settings as they were told last, how far the walk through
the segment is, and how things stand. ``batch`` / ``<audience>``: the change that is on its way. ``run`` / ``lease``:
who works now. ``functions/audiences`` writes all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from shared.domain.audiences.entry import Entry
from shared.domain.definitions.audience import Audience
from shared.domain.identity.keys import milliseconds, moment, shard_of, time_text
from shared.ports import Conflict, Page, Table

SHARDS = 4
INDEX = "listed"
PAGE = 100
Listed = Literal["due", "in"]
_LEASE = ("run", "lease")


@dataclass(frozen=True, slots=True)
class AudienceState:
    """``size``: addresses that the platform has. ``walk``: where the walk goes on; empty before and after it.
    ``failing``: since when the platform does not take changes, with the ``problem``; None while it does. ``closing``:
    the shop has no such audience any more, and everybody is taken out."""

    name: str
    settings: Audience
    size: int = 0
    walk: str = ""
    walked: datetime | None = None
    failing: datetime | None = None
    problem: str = ""
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """A change on its way: keys with the version that was told, and whether they were added; ``job``: the platform's
    name for it."""

    job: str
    at: datetime
    places: tuple[tuple[str, int, bool], ...]


class AudienceEntries:
    """Reads are consistent, but those of the index."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, audience: str, key: str) -> Entry | None:
        item = self._table.get(key, audience)
        return None if item is None else _read(item)

    def get_many(self, audience: str, keys: Sequence[str]) -> list[Entry]:
        """Those that exist, in any order."""
        found = self._table.get_many([(key, audience) for key in dict.fromkeys(keys)]) if keys else []
        return [_read(item) for item in found]

    def of(self, key: str) -> list[Entry]:
        """All audiences that an address is in, or has to leave."""
        return [_read(item) for item in self._table.query(key).items]

    def put(self, entry: Entry) -> Entry:
        """Writes it on condition of the version that was read, or deletes it if nothing of it has to be kept.

        Raises
        ------
        Conflict
            If somebody else wrote it meanwhile.
        """
        expect = {"pk": None} if entry.version == 0 else {"version": entry.version}
        written = replace(entry, version=entry.version + 1)
        if written.gone:
            if entry.version:
                self._table.delete(entry.key, entry.audience, expect=expect)
            return written
        self._table.put(_item(written), expect=expect)
        return written

    def listed(self, audience: str, state: Listed) -> Iterator[str]:
        """Keys of addresses that are due, or that the platform has, shard by shard."""
        for shard in range(SHARDS):
            cursor = None
            while True:
                page = self._table.query(f"{audience}#{state}#{shard}", index=INDEX, limit=PAGE, cursor=cursor)
                yield from (item["pk"] for item in page.items)
                cursor = page.cursor
                if cursor is None:
                    break

    @property
    def shards(self) -> int:
        """Over how many partitions of the index each list goes."""
        return SHARDS

    def page(self, audience: str, shard: int, *, limit: int, cursor: str | None = None) -> Page:
        """Addresses that the platform has, in one shard: items with ``pk``."""
        return self._table.query(f"{audience}#in#{shard}", index=INDEX, limit=limit, cursor=cursor)

    def oldest_due(self, audience: str) -> datetime | None:
        """Since when the oldest change waits that the platform must be told; None if none does."""
        places = [f"{audience}#due#{shard}" for shard in range(SHARDS)]
        first = [item for place in places for item in self._table.query(place, index=INDEX, limit=1).items]
        return min((datetime.fromisoformat(item["listed_by"].partition("#")[0]) for item in first), default=None)

    def count(self, audience: str, state: Listed) -> int:
        return sum(1 for _ in self.listed(audience, state))

    def states(self) -> list[AudienceState]:
        """Every audience that was ever worked on and has not ended, by name."""
        return [_read_state(item) for item in self._table.query("state").items]

    def put_state(self, state: AudienceState) -> None:
        times = {"walked": state.walked, "failing": state.failing}
        self._table.put(
            {
                "pk": "state", "sk": state.name, "settings": state.settings.model_dump(), "size": state.size,
                **{name: milliseconds(at) for name, at in times.items() if at is not None},
                **({"walk": state.walk} if state.walk else {}),
                **({"problem": state.problem} if state.problem else {}),
                **({"closing": "yes"} if state.closing else {}),
            }
        )  # fmt: skip

    def end_state(self, name: str) -> None:
        self._table.delete("state", name)

    def batch(self, audience: str) -> Batch | None:
        item = self._table.get("batch", audience)
        if item is None:
            return None
        places = [place.split(" ") for place in item["places"]]
        return Batch(
            item.get("job", ""),
            moment(int(item["at"])),
            tuple((key, int(version), added == "add") for key, version, added in places),
        )

    def put_batch(self, audience: str, batch: Batch) -> None:
        places = [f"{key} {version} {'add' if added else 'remove'}" for key, version, added in batch.places]
        item: dict[str, Any] = {"pk": "batch", "sk": audience, "at": milliseconds(batch.at), "places": places}
        self._table.put(item | ({"job": batch.job} if batch.job else {}))

    def end_batch(self, audience: str) -> None:
        self._table.delete("batch", audience)

    def lease(self, owner: str, now: datetime, until: datetime) -> bool:
        """Takes the lease of the one who tells the platforms; False if somebody has it."""
        held = self._table.get(*_LEASE)
        if held is not None and int(held["until"]) > milliseconds(now):
            return False
        expect = {"pk": None} if held is None else {"owner": held["owner"], "until": held["until"]}
        item = {"pk": _LEASE[0], "sk": _LEASE[1], "owner": owner, "until": milliseconds(until)}
        try:
            self._table.put(item, expect=expect)
        except Conflict:
            return False
        return True

    def release(self, owner: str) -> None:
        try:
            self._table.delete(*_LEASE, expect={"owner": owner})
        except Conflict:
            return


def _item(entry: Entry) -> dict[str, Any]:
    state: Listed = "due" if entry.due else "in"
    shard = shard_of(entry.key, SHARDS)
    return {
        "pk": entry.key, "sk": entry.audience, "version": entry.version, "digest": entry.digest, "held": entry.held,
        "want": entry.want, "since": milliseconds(entry.since), "listed": f"{entry.audience}#{state}#{shard}",
        "listed_by": f"{time_text(entry.since)}#{entry.key}",
    }  # fmt: skip


def _read(item: Mapping[str, Any]) -> Entry:
    return Entry(
        item["sk"], item["pk"], item["digest"], bool(item["want"]), item["held"], moment(int(item["since"])),
        int(item["version"]),
    )  # fmt: skip


def _read_state(item: Mapping[str, Any]) -> AudienceState:
    def at(name: str) -> datetime | None:
        return moment(int(item[name])) if name in item else None

    return AudienceState(
        item["sk"], Audience.model_validate(item["settings"]), int(item["size"]), item.get("walk", ""), at("walked"),
        at("failing"), item.get("problem", ""), "closing" in item,
    )  # fmt: skip
