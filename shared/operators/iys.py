"""``/v1/iys``: how the exchange with Turkey's register of consent stands, what is due, and the register's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shared.domain.definitions.shop import Shop
from shared.domain.identity.keys import time_text
from shared.domain.iys.record_json import record_json
from shared.domain.iys.statement import RecipientType
from shared.domain.iys.tasks import again_tasks, changes_tasks
from shared.domain.iys.wire import read_change
from shared.http.answers import malformed
from shared.operators.paging import limit_of, read_mark, write_mark
from shared.ports import Clock, Queue, Table
from shared.stores.iys_records import NO_ACCOUNT, WAITING, IysRecords, Waiting
from shared.stores.releases import Releases

COUNTED = 10_000
"""Of a list; more are not counted."""


class Environment(Protocol):
    """What the register's pages are answered from."""

    @property
    def clock(self) -> Clock: ...

    @property
    def catalog(self) -> Table: ...

    @property
    def iys(self) -> IysRecords: ...


def iys_standing(environment: Environment, most: int = COUNTED) -> dict[str, Any]:
    """The account, how many statements wait or were refused, the next deadline, and when changes were read last."""
    shop = Releases(environment.catalog).current().shop
    records = _of_account(environment.iys, shop)
    pull = records.pull()
    return {
        "account": None if shop.iys is None else {"code": shop.iys.code, "brand": shop.iys.brand},
        "required": shop.require_iys,
        "counts": {state: records.count(state, most=most) for state in WAITING},
        "next_deadline": _next_deadline(records),
        "read_at": None if pull.at is None else time_text(pull.at),
        "uploads": len(records.uploads()),
        "unreadable": len(records.unreadable()),
        "missing_since": None if pull.gap is None else time_text(pull.gap),
    }


def unreadable_changes(environment: Environment) -> dict[str, Any]:
    """Changes of the register that could not be read, of the last thirty days: what is kept names nobody."""
    records = _of_account(environment.iys, Releases(environment.catalog).current().shop)
    found = sorted(records.unreadable(), key=lambda one: one["at"], reverse=True)
    return {"items": [{**one, "at": time_text(one["at"])} for one in found]}


def _of_account(records: IysRecords, shop: Shop) -> IysRecords:
    return records.of_account(NO_ACCOUNT if shop.iys is None else shop.iys.account)


def _next_deadline(records: IysRecords) -> str | None:
    open_: tuple[Waiting, ...] = ("due", "pending")
    found = [record.open for state in open_ for _, record in _first(records, state)]
    return min((time_text(one.due_by) for one in found if one is not None), default=None)


def _first(records: IysRecords, state: Waiting) -> list[tuple[str, Any]]:
    return [found for _, found in zip(range(1), records.waiting(state), strict=False)]


def iys_statements(environment: Environment, query: Mapping[str, str]) -> dict[str, Any]:
    """Records in a state (``due`` if nothing is said), the most urgent first."""
    state, limit, mark = query.get("state", "due"), limit_of(query), read_mark(query)
    if state not in WAITING:
        raise malformed(f"state is one of {', '.join(WAITING)}")
    behind = ""
    match mark:
        case None:
            pass
        case ["iys", str() as listed, str() as place] if listed == state:
            behind = place
        case _:
            raise malformed("the cursor is not one of this list; start again without it")
    records = _of_account(environment.iys, Releases(environment.catalog).current().shop)
    found: list[tuple[str, Any]] = []
    for one in records.waiting(state, behind=behind):
        found.append(one)
        if len(found) > limit:
            break
    items = [{"customer": record.home or record.key, **record_json(record)} for _, record in found[:limit]]
    cursor = write_mark(["iys", state, found[limit - 1][0]]) if len(found) > limit else None
    return {"items": items, "cursor": cursor}


def take_rows(rows: Sequence[Mapping[str, Any]], queue: Queue) -> dict[str, Any]:
    """Rows of the register's own file, as its columns say; what cannot be read is named by its place."""
    read = [read_change(dict(row)) for row in rows]
    queue.send_many(changes_tasks([one for one in read if one is not None], from_file=True))
    return {
        "accepted": sum(one is not None for one in read),
        "unreadable": [place for place, one in enumerate(read) if one is None],
    }


def try_again(environment: Environment, queue: Queue) -> dict[str, Any]:
    """Everything that was refused is told once more: somebody has mended the cause."""
    records = _of_account(environment.iys, Releases(environment.catalog).current().shop)
    places: list[tuple[str, RecipientType]] = [
        (record.key, record.recipient_type)
        for _, (_, record) in zip(range(COUNTED), records.waiting("refused"), strict=False)
    ]
    queue.send_many(again_tasks(places))
    return {"asked": len(places)}
