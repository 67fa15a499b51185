"""The public key with which browsers subscribe: ``push``, ``vapid`` in the catalog. The private one is a secret."""

from __future__ import annotations

from collections.abc import Callable

from shared.ports import Table

PUSH, VAPID = "push", "vapid"
BELIEVED_SECONDS = 60.0


class PushKey:
    """Read once a minute at most. May raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._elapsed = elapsed
        self._kept: tuple[float, str] | None = None

    def __call__(self) -> str:
        """The key, or nothing if none was made."""
        now = self._elapsed()
        if self._kept is None or now >= self._kept[0]:
            item = self._table.get(PUSH, VAPID)
            self._kept = now + BELIEVED_SECONDS, "" if item is None else str(item["public_key"])
        return self._kept[1]


def put_push_key(catalog: Table, public_key: str) -> None:
    """Publish the key."""
    catalog.put({"pk": PUSH, "sk": VAPID, "public_key": public_key})
