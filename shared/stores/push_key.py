"""The public key with which browsers subscribe: ``push``, ``vapid`` in the catalog. The private one is a secret."""

from __future__ import annotations

from collections.abc import Callable

from shared.ports import Table
from shared.stores.kept_value import KeptValue

PUSH, VAPID = "push", "vapid"
BELIEVED_SECONDS = 60.0


class PushKey:
    """Read once a minute at most. May raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._kept = KeptValue(self._read, elapsed, BELIEVED_SECONDS)

    def __call__(self) -> str:
        """The key, or nothing if none was made."""
        return self._kept()

    def _read(self) -> str:
        item = self._table.get(PUSH, VAPID)
        return "" if item is None else str(item["public_key"])


def put_push_key(catalog: Table, public_key: str) -> None:
    """Publish the key."""
    catalog.put({"pk": PUSH, "sk": VAPID, "public_key": public_key})
