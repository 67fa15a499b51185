"""The item ``bounces`` of an address: its soft bounces since it was last reached. Written by ingest's feedback only."""

from __future__ import annotations

from collections.abc import Callable

from shared.domain.consent.soft_bounces import SoftBounces
from shared.domain.identity.keys import BOUNCES
from shared.ports import Conflict, Table, Throttled

TRIES = 5


class SoftBounceStore:
    """Reads and changes the item. ``customers`` is the table."""

    def __init__(self, customers: Table) -> None:
        self._table = customers

    def get(self, address: str) -> SoftBounces | None:
        """The bounces of an address; None if it never bounced."""
        return self._read(address)[0]

    def change(self, address: str, how: Callable[[SoftBounces], SoftBounces]) -> SoftBounces:
        """What stands after the change. Changing it again changes nothing.

        Raises
        ------
        Throttled
            If others change it at the same time, again and again.
        """
        for _ in range(TRIES):
            found, version = self._read(address)
            held = found or SoftBounces()
            wanted = how(held)
            if wanted == held:
                return held
            item = {
                "pk": address, "sk": BOUNCES, "version": version + 1, "alive": wanted.reached_at,
                "soft": [list(one) for one in sorted(wanted.bounces)],
            }  # fmt: skip
            try:
                self._table.put(item, expect={"version": version or None})
            except Conflict:
                continue
            return wanted
        raise Throttled("the bounces of one address are written by many at once")

    def _read(self, address: str) -> tuple[SoftBounces | None, int]:
        item = self._table.get(address, BOUNCES)
        if item is None:
            return None, 0
        return SoftBounces(frozenset((at, report) for at, report in item["soft"]), item["alive"]), item["version"]
