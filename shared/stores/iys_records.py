"""The table ``iys``: what the register of consent holds of each recipient, what it must be told, and uploads on their
way; each for one account, which is the shop's number at IYS and its brand's.

``<address key>`` / ``record#<account>#<recipient type>``: one recipient. While something is open or refused, ``waits``
and ``waits_by`` list it in the index ``waiting``, the most urgent first; who is approved is listed there by when IYS
was asked of him last. ``upload#<account>`` / ``<id>``: the records of an upload, in its order. ``pull`` /
``<account>``: how far the changes at IYS were read. ``run`` / ``<account>``: who works now. ``unreadable#<account>`` /
``<digest>``: a change that could not be read, for thirty days. ``functions/iys`` writes all of them.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.identity.keys import milliseconds, moment, shard_of, time_text
from shared.domain.iys.record import Record
from shared.domain.iys.statement import RECIPIENT_TYPES, Known, MessageType, RecipientType, State, Statement
from shared.ports import Conflict, Table

SHARDS = 4
PREFIX = "record#"
UPLOAD = "upload"
Waiting = Literal["due", "pending", "refused"]
Listed = Literal["due", "pending", "refused", "approved"]
WAITING: tuple[Waiting, ...] = ("due", "pending", "refused")
APPROVED: Listed = "approved"
NO_ACCOUNT = "none"
PAGE = 100
UNREADABLE_KEPT = timedelta(days=30)
_NEVER = datetime.fromtimestamp(0, UTC)


class UploadItem(Struct, frozen=True):
    """An upload on its way. ``request`` is IYS's name for it, empty until IYS gave one; ``places`` in its order."""

    id: str
    at: datetime
    places: tuple[tuple[str, RecipientType], ...]
    request: str = ""
    lost: bool = False
    """Nobody knows whether IYS got it."""


class Pull(Struct, frozen=True):
    """How far IYS's changes were read, and when that went well last. ``gap``: since when changes may be missing that
    nobody will list any more; None if there are none, or IYS was asked of every recipient since."""

    after: str = ""
    at: datetime | None = None
    gap: datetime | None = None


class IysRecords:
    """Of one account; a shop without one finds nothing under ``NO_ACCOUNT``. Reads are consistent, but those of the
    index."""

    def __init__(self, table: Table, account: str = NO_ACCOUNT) -> None:
        self._table = table
        self._account = account
        self._prefix = f"{PREFIX}{account}#"

    def of_account(self, account: str) -> IysRecords:
        """The records of another account in the same table."""
        return IysRecords(self._table, account)

    def read_by(self, reader: Callable[[Table], Table]) -> IysRecords:
        """The same records, read through something that stands before the table."""
        return IysRecords(reader(self._table), self._account)

    def get(self, key: str, recipient_type: RecipientType) -> Record | None:
        item = self._table.get(key, self._prefix + recipient_type)
        return None if item is None else _read(item)

    def get_many(self, places: Sequence[tuple[str, RecipientType]]) -> list[Record]:
        """Those that exist, in any order."""
        keys = [(key, self._prefix + kind) for key, kind in dict.fromkeys(places)]
        return [_read(item) for item in self._table.get_many(keys)] if keys else []

    def accounts_of(self, key: str) -> list[IysRecords]:
        """Every account that holds a record of this address."""
        found, cursor = set(), None
        while True:
            page = self._table.query(key, prefix=PREFIX, cursor=cursor)
            found |= {item["sk"].removeprefix(PREFIX).rpartition("#")[0] for item in page.items}
            cursor = page.cursor
            if cursor is None:
                return [self.of_account(account) for account in sorted(found)]

    @property
    def account(self) -> str:
        return self._account

    def of(self, keys: Sequence[str]) -> list[Record]:
        """All records of these addresses."""
        return self.get_many([(key, kind) for key in keys for kind in RECIPIENT_TYPES])

    def put(self, record: Record) -> Record:
        """Writes it on condition of the version that was read (0: there was none). Returns it with its new version.

        Raises
        ------
        Conflict
            If somebody else wrote it meanwhile.
        """
        expect = {"pk": None} if record.version == 0 else {"version": record.version}
        written = replace(record, version=record.version + 1)
        self._table.put(_item(written, self._account), expect=expect)
        return written

    def waiting(self, state: Listed, *, behind: str = "", below: str | None = None) -> Iterator[tuple[str, Record]]:
        """The records in a state with their places, the most urgent first; ``behind`` a place, due before ``below``."""
        shards = [self._shard(self._list(state, shard), behind, below) for shard in range(SHARDS)]
        places: list[tuple[str, tuple[str, RecipientType]]] = []
        for found in heapq.merge(*shards):
            places.append(found)
            if len(places) == PAGE:
                yield from self._loaded(state, places)
                places = []
        yield from self._loaded(state, places)

    def _list(self, state: Listed, shard: int) -> str:
        return f"{self._account}#{state}#{shard}"

    def count(self, state: Listed, *, below: str | None = None, most: int = 100_000) -> int:
        """How many records are in a state, due before ``below``; counting ends at ``most``."""
        found = 0
        for shard in range(SHARDS):
            for _ in self._shard(self._list(state, shard), "", below):
                found += 1
                if found >= most:
                    return found
        return found

    def _loaded(
        self, state: Listed, places: Sequence[tuple[str, tuple[str, RecipientType]]]
    ) -> Iterator[tuple[str, Record]]:
        """An index is a little late, so the items say whether they still wait."""
        records = {(one.key, one.recipient_type): one for one in self.get_many([place for _, place in places])}
        for mark, place in places:
            record = records.get(place)
            if record is not None and waits(record) == state:
                yield mark, record

    def _shard(self, name: str, behind: str, below: str | None) -> Iterator[tuple[str, tuple[str, RecipientType]]]:
        cursor = None
        while True:
            page = self._table.query(
                name, index="waiting", at_least=f"{behind} " if behind else None, below=below, limit=PAGE, cursor=cursor
            )
            for item in page.items:
                yield item["waits_by"], (item["pk"], cast("RecipientType", item["sk"].removeprefix(self._prefix)))
            cursor = page.cursor
            if cursor is None:
                return

    def put_upload(self, upload: UploadItem) -> None:
        self._table.put(
            {
                "pk": f"{UPLOAD}#{self._account}",
                "sk": upload.id,
                "at": milliseconds(upload.at),
                "places": [f"{key} {kind}" for key, kind in upload.places],
                **({"request": upload.request} if upload.request else {}),
                **({"lost": True} if upload.lost else {}),
            }
        )

    def uploads(self) -> list[UploadItem]:
        """All that are on their way, the oldest first."""
        found: list[UploadItem] = []
        cursor = None
        while True:
            page = self._table.query(f"{UPLOAD}#{self._account}", cursor=cursor)
            found += [_read_upload(item) for item in page.items]
            cursor = page.cursor
            if cursor is None:
                return found

    def end_upload(self, id_: str) -> None:
        self._table.delete(f"{UPLOAD}#{self._account}", id_)

    def pull(self) -> Pull:
        item = self._table.get("pull", self._account)
        return Pull() if item is None else Pull(item["after"], _moment(item, "at"), _moment(item, "gap"))

    def put_pull(self, pull: Pull) -> None:
        times = {"at": pull.at, "gap": pull.gap}
        said = {name: milliseconds(at) for name, at in times.items() if at is not None}
        self._table.put({"pk": "pull", "sk": self._account, "after": pull.after, **said})

    def keep_unreadable(self, row: Mapping[str, str], now: datetime, customer: str = "") -> None:
        """A change that could not be read; the same row again changes nothing. ``customer``: the key of its address."""
        text = json.dumps([customer, dict(row)], sort_keys=True)
        name = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        item: dict[str, Any] = {
            "pk": f"unreadable#{self._account}", "sk": name, "row": dict(row), "at": milliseconds(now),
            "expires": int((now + UNREADABLE_KEPT).timestamp()),
        }  # fmt: skip
        try:
            self._table.put(item | ({"customer": customer} if customer else {}), expect={"pk": None})
        except Conflict:
            return

    def unreadable(self, most: int = PAGE) -> list[dict[str, Any]]:
        """Those that are kept, in any order."""
        return [
            {"at": moment(int(item["at"])), "customer": item.get("customer"), "row": dict(item["row"])}
            for item in self._table.query(f"unreadable#{self._account}", limit=most).items
        ]

    def lease(self, owner: str, now: datetime, until: datetime) -> bool:
        """Takes the lease of the one who tells and asks IYS; False if somebody has it."""
        pk, sk = "run", self._account
        held = self._table.get(pk, sk)
        if held is not None and int(held["until"]) > milliseconds(now):
            return False
        expect = {"pk": None} if held is None else {"owner": held["owner"], "until": held["until"]}
        try:
            self._table.put({"pk": pk, "sk": sk, "owner": owner, "until": milliseconds(until)}, expect=expect)
        except Conflict:
            return False
        return True

    def release(self, owner: str) -> None:
        try:
            self._table.delete("run", self._account, expect={"owner": owner})
        except Conflict:
            return


def waits(record: Record) -> Listed | None:
    """In which list the record stands; None if IYS knows everything and approves nothing."""
    one = record.open
    if one is not None:
        return "pending" if one.state == "pending" else "due"
    if record.unsettled is not None:
        return "refused"
    return APPROVED if record.approved and record.recipient else None


def _item(record: Record, account: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": record.key,
        "sk": f"{PREFIX}{account}#{record.recipient_type}",
        "version": record.version,
        "type": record.type,
        "statements": [_statement_item(one) for one in record.statements],
    }
    optional: dict[str, Any] = {"recipient": record.recipient, "home": record.home}
    if record.known is not None:
        optional |= {"status": record.known.status, "status_at": milliseconds(record.known.at)}
        if record.known.since is not None:
            optional["status_since"] = milliseconds(record.known.since)
    if record.erased:
        optional["erased"] = "yes"
    if record.asked is not None:
        optional["asked"] = milliseconds(record.asked)
    state, one = waits(record), record.open or record.unsettled
    if state is not None:
        by = one.due_by if one is not None else record.asked or _NEVER
        shard = shard_of(record.key, SHARDS)
        optional |= {"waits": f"{account}#{state}#{shard}", "waits_by": f"{time_text(by)}#{record.key}"}
    return item | {name: value for name, value in optional.items() if value != ""}


def _statement_item(one: Statement) -> dict[str, Any]:
    item: dict[str, Any] = {
        "status": one.status, "at": milliseconds(one.at), "source": one.source, "by": milliseconds(one.due_by),
        "state": one.state,
    }  # fmt: skip
    optional: dict[str, Any] = {
        "said": one.said, "code": one.code, "upload": one.batch, "late": "yes" if one.late else "",
        "since": milliseconds(one.since) if one.since is not None else "",
    }  # fmt: skip
    return item | {name: value for name, value in optional.items() if value}


def _read(item: Mapping[str, Any]) -> Record:
    known = None
    if "status" in item:
        known = Known(item["status"], moment(int(item["status_at"])), _moment(item, "status_since"))
    return Record(
        key=item["pk"],
        recipient_type=cast("RecipientType", item["sk"].rpartition("#")[2]),
        type=cast("MessageType", item["type"]),
        recipient=item.get("recipient", ""),
        home=item.get("home", ""),
        known=known,
        statements=tuple(_read_statement(one) for one in item["statements"]),
        version=int(item["version"]),
        erased="erased" in item,
        asked=_moment(item, "asked"),
    )


def _moment(item: Mapping[str, Any], name: str) -> datetime | None:
    return moment(int(item[name])) if name in item else None


def _read_statement(one: Mapping[str, Any]) -> Statement:
    return Statement(
        status=one["status"],
        at=moment(int(one["at"])),
        source=one["source"],
        due_by=moment(int(one["by"])),
        said=one.get("said", ""),
        state=cast("State", one["state"]),
        code=one.get("code", ""),
        batch=one.get("upload", ""),
        late="late" in one,
        since=_moment(one, "since"),
    )


def _read_upload(item: Mapping[str, Any]) -> UploadItem:
    places = [place.split(" ") for place in item["places"]]
    return UploadItem(
        id=item["sk"],
        at=moment(int(item["at"])),
        places=tuple((key, cast("RecipientType", kind)) for key, kind in places),
        request=item.get("request", ""),
        lost="lost" in item,
    )
