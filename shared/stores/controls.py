"""Where the switches are kept: one item of the catalog. A sender reads it at most once a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.domain.messages.controls import Controls
from shared.ports import Conflict, Table

PK = "controls"
SK = "messages"
TRIES = 5
Key = tuple[str, str]
SENDING_SECONDS = 1.0
"""Asked before the read, so that what is believed is never older than this when a message is decided."""


class ControlStore:
    """``believed_for``: seconds for which an environment believes what it read; 0 reads each time. With
    ``SENDING_SECONDS`` a global stop acts on every message that is decided a second later. ``also``: keys of other
    items of the catalog that are read in the same request."""

    def __init__(
        self,
        catalog: Table,
        *,
        believed_for: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        also: Sequence[Key] = (),
    ) -> None:
        self._table = catalog
        self._believed_for = believed_for
        self._monotonic = monotonic
        self._known: tuple[float, Controls] | None = None
        self._also = tuple(also)
        self._beside: dict[Key, Mapping[str, Any]] = {}

    def read(self) -> Controls:
        """The switches as they are; all off if nobody ever set one."""
        now = self._monotonic()
        if self._known is not None and 0 <= now - self._known[0] < self._believed_for:
            return self._known[1]
        found = _controls(self._read_all() if self._also else self._table.get(PK, SK) or {})
        self._known = (now, found)
        return found

    def beside(self, key: Key) -> Mapping[str, Any]:
        """One of the items ``also``, as old as the switches are at the most; empty if it is not there."""
        self.read()
        return self._beside.get(key, {})

    def note(self, key: Key, item: Mapping[str, Any]) -> None:
        """Takes over what somebody read or wrote of one of the items ``also``."""
        self._beside[key] = item

    def _read_all(self) -> Mapping[str, Any]:
        items = {(item["pk"], item["sk"]): item for item in self._table.get_many([(PK, SK), *self._also])}
        self._beside = {key: items[key] for key in self._also if key in items}
        return items.get((PK, SK), {})

    def write(self, controls: Controls) -> None:
        """Replaces the switches."""
        self._table.put(_item(controls))
        self._known = None

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
            self._known = None
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
