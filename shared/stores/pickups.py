"""Pick-ups in the table ``stock``: ``pickup#<id>`` / ``pickup``, beside the reservation that holds their pieces.

As long as one is open, the index ``levels`` lists it in a partition of its location, by the instant until which it
waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.identity.keys import milliseconds, moment, safe_id, time_text
from shared.domain.stock.pickup import Pickup, PickupLine
from shared.ports import Table, Write

SK, INDEX = "pickup", "levels"
KEPT = timedelta(days=180)
"""How long a pick-up is kept beyond its time: it names a person. The customer's log has its own time."""


class Pickups:
    """Reads and writes pick-ups."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, id_: str) -> Pickup | None:
        """The pick-up of this id, strongly consistent, if there is one."""
        item = self._table.get(_pk(id_), SK)
        return None if item is None else _read(item)

    def open_at(self, location: str, *, limit: int, cursor: str | None = None) -> tuple[list[Pickup], str | None]:
        """Those that wait at a location, who has the least time left first, and where to go on. The index follows a
        moment later: one that just ended is left out, one that was just made may be missing."""
        page = self._table.query(_open_at(location), index=INDEX, limit=limit, cursor=cursor)
        found = self._table.get_many([(item["pk"], item["sk"]) for item in page.items]) if page.items else []
        waiting = sorted((one for one in map(_read, found) if not one.over), key=lambda one: (one.until, one.id))
        return waiting, page.cursor

    def put(self, pickup: Pickup, *extra: Write) -> None:
        """Write a change that no level belongs to, with ``extra`` items. Raises Conflict if another one came first."""
        write = pickup_write(pickup)
        if extra:
            self._table.transact([write, *extra])
        else:
            self._table.put(write.item, expect=write.expect)


def pickup_write(pickup: Pickup) -> Write:
    """A new pick-up, or the next version of one, for a transaction."""
    item = {
        "pk": _pk(pickup.id),
        "sk": SK,
        "id": pickup.id,
        "who": pickup.who,
        "place": pickup.location,
        "lines": [[line.sku, line.quantity] for line in pickup.lines],
        "code": pickup.code,
        "state": pickup.state,
        "since_ms": milliseconds(pickup.since),
        "until_ms": milliseconds(pickup.until),
        "order_id": pickup.order_id,
        "tries": pickup.tries,
        "version": pickup.version,
        "expires": int((pickup.until + KEPT).timestamp()),
    }
    if not pickup.over:
        mark = f"{time_text(pickup.until)}#{safe_id(pickup.id)}"
        item |= {"level_shard": _open_at(pickup.location), "level_mark": mark}
    return Write(item, {"pk": None} if pickup.version == 1 else {"version": pickup.version - 1})


def _open_at(location: str) -> str:
    return f"pickups#{safe_id(location)}"


def _pk(id_: str) -> str:
    return f"pickup#{safe_id(id_)}"


def _read(item: Mapping[str, Any]) -> Pickup:
    return Pickup(
        id=item["id"],
        who=item["who"],
        location=item["place"],
        lines=tuple(PickupLine(sku, int(quantity)) for sku, quantity in item["lines"]),
        code=item["code"],
        state=item["state"],
        since=moment(int(item["since_ms"])),
        until=moment(int(item["until_ms"])),
        order_id=item["order_id"],
        tries=int(item["tries"]),
        version=int(item["version"]),
    )
