"""Where the switches are kept: one item of the catalog, read at every batch so that they act at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.domain.messages.controls import Controls
from shared.ports import Conflict, Table

PK = "controls"
SK = "messages"
TRIES = 5


class ControlStore:
    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def read(self) -> Controls:
        """The switches as they are; all off if nobody ever set one."""
        return _controls(self._table.get(PK, SK) or {})

    def write(self, controls: Controls) -> None:
        """Whatever they were before."""
        self._table.put(_item(controls))

    def change(self, change: Callable[[Controls], Controls]) -> Controls:
        """Change some, keep the others; returns what stands. A stop that somebody sets at the same moment stays.

        Raises
        ------
        Conflict
            If others kept changing them.
        """
        for _ in range(TRIES):
            found = self._table.get(PK, SK) or {}
            wanted = change(_controls(found))
            version = int(found.get("version", 0))
            try:
                self._table.put({**_item(wanted), "version": version + 1}, expect={"version": version or None})
            except Conflict:
                continue
            return wanted
        raise Conflict("the switches kept changing")


def _controls(item: Mapping[str, Any]) -> Controls:
    allowed = item.get("allow_list")
    return Controls(
        global_stop=bool(item.get("global_stop")),
        shadow=bool(item.get("shadow")),
        allow_list=None if allowed is None else frozenset(allowed),
        at=item.get("at", ""),
        by=item.get("by", ""),
    )


def _item(controls: Controls) -> dict[str, Any]:
    allowed = None if controls.allow_list is None else sorted(controls.allow_list)
    return {
        "pk": PK,
        "sk": SK,
        "global_stop": controls.global_stop,
        "shadow": controls.shadow,
        "at": controls.at,
        "by": controls.by,
        **({} if allowed is None else {"allow_list": allowed}),
    }
