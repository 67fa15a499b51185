"""Where the switches are kept: one item of the catalog, read at every batch so that they act at once."""

from __future__ import annotations

from shared.domain.messages.controls import Controls
from shared.ports import Table

PK = "controls"
SK = "messages"


class ControlStore:
    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    def read(self) -> Controls:
        """The switches as they are; all off if nobody ever set one."""
        item = self._table.get(PK, SK) or {}
        allowed = item.get("allow_list")
        return Controls(
            global_stop=bool(item.get("global_stop")),
            shadow=bool(item.get("shadow")),
            allow_list=None if allowed is None else frozenset(allowed),
        )

    def write(self, controls: Controls) -> None:
        allowed = None if controls.allow_list is None else sorted(controls.allow_list)
        self._table.put(
            {
                "pk": PK,
                "sk": SK,
                "global_stop": controls.global_stop,
                "shadow": controls.shadow,
                **({} if allowed is None else {"allow_list": allowed}),
            }
        )
