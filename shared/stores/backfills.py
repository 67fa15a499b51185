"""How far backfills are: a few items of the catalog in one partition, so that one Query reads all of them.

``backfill`` / ``plan`` is written by the tick alone, ``backfill`` / ``shard#05`` by the worker of that shard; each on
condition of the version that was read.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict, replace

from shared.domain.segments.backfill import Backfill, Plan, Shard
from shared.ports import Table

PARTITION = "backfill"
_PLAN = "plan"
_SHARD = "shard#"


class BackfillStore:
    """The partition ``backfill`` of the catalog."""

    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def read(self) -> Backfill:
        """Plan and shards; one request, and one read unit up to some hundred bytes per shard."""
        plan, shards, cursor = None, {}, None
        while True:
            page = self._table.query(PARTITION, cursor=cursor)
            for item in page.items:
                if item["sk"] == _PLAN:
                    plan = Plan(**_attributes(item))
                elif item["sk"].startswith(_SHARD):
                    shard = _shard(item)
                    shards[shard.number] = shard
            cursor = page.cursor
            if cursor is None:
                return Backfill(plan, shards)

    def plan(self) -> Plan | None:
        item = self._table.get(PARTITION, _PLAN)
        return None if item is None else Plan(**_attributes(item))

    def shard(self, number: int) -> Shard:
        """As stored, or one that was never walked."""
        item = self._table.get(PARTITION, f"{_SHARD}{number:02d}")
        return Shard(number) if item is None else _shard(item)

    def put_plan(self, plan: Plan) -> Plan:
        """Returns the plan as stored. Raises Conflict if another tick wrote it meanwhile."""
        stored = replace(plan, version=plan.version + 1)
        self._put(_PLAN, asdict(stored), plan.version)
        return stored

    def put_shard(self, shard: Shard) -> Shard:
        """Returns the shard as stored. Raises Conflict if another walks it."""
        stored = replace(shard, version=shard.version + 1)
        self._put(f"{_SHARD}{shard.number:02d}", asdict(stored), shard.version)
        return stored

    def _put(self, sort_key: str, attributes: dict[str, Any], previous: int) -> None:
        said = {name: value for name, value in attributes.items() if value is not None}
        self._table.put({"pk": PARTITION, "sk": sort_key, **said}, expect={"version": previous or None})


def _attributes(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}


def _shard(item: dict[str, Any]) -> Shard:
    return Shard(**_attributes(item))
