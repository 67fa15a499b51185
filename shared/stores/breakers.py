"""The circuit breaker of a channel in the catalog: one item that all its workers share, and the numbers of turns.

``provider#<channel>`` / ``breaker``: read with the switches, so it costs no request of its own; written only when it
changes. ``turns#<beginning of the recovery>#<purpose>``: how many turns were taken; removed a week later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.breaker import Breaker, Phase
from shared.domain.messages.request import Worker
from shared.ports import Conflict, Table
from shared.stores.controls import ControlStore

SK = "breaker"
TURNS = "turns#"
TRIES = 5
KEPT = timedelta(days=7)
_TIMES = ("opened_at", "since", "probe_at", "probing_until")


def partition(channel: str) -> str:
    """Everything that is kept about the provider of a channel."""
    return f"provider#{channel}"


class Breakers:
    """The breaker of one channel. ``controls`` reads it beside the switches; None reads it each time."""

    def __init__(self, catalog: Table, channel: Worker, controls: ControlStore | None = None) -> None:
        self._table = catalog
        self._pk = partition(channel)
        self._controls = controls

    @property
    def key(self) -> tuple[str, str]:
        """The key of its item in the catalog."""
        return self._pk, SK

    def read(self) -> Breaker:
        """As old as the switches are at the most."""
        if self._controls is None:
            return read_breaker(self._table.get(*self.key) or {})
        return read_breaker(self._controls.beside(self.key))

    def change(self, change: Callable[[Breaker], Breaker]) -> tuple[Breaker, Breaker]:
        """Stores what ``change`` makes of the stored breaker, if that is another one; the breaker before and after.

        Raises
        ------
        Conflict
            If other workers kept changing it.
        """
        for _ in range(TRIES):
            item = self._table.get(*self.key) or {}
            before = read_breaker(item)
            after = change(before)
            version = int(item.get("version", 0))
            if after != before:
                item = {**write_breaker(after), "pk": self._pk, "sk": SK, "version": version + 1}
                try:
                    self._table.put(item, expect={"version": version or None})
                except Conflict:
                    continue
            if self._controls is not None:
                self._controls.note(self.key, item)
            return before, after
        raise Conflict("the breaker kept changing")

    def take_turn(self, breaker: Breaker, purpose: str, now: datetime) -> int:
        """The next number of this recovery; nobody else gets it."""
        assert breaker.since is not None  # noqa: S101  it is recovering
        sort_key = f"{TURNS}{milliseconds(breaker.since)}#{purpose}"
        expires = milliseconds(now + KEPT) // 1000
        return self._table.add(self._pk, sort_key, {"taken": 1}, set_to={"expires": expires})["taken"]


def read_breaker(item: Mapping[str, Any]) -> Breaker:
    """The breaker of an item; closed if there is none."""
    if "phase" not in item:
        return Breaker()
    times = {name: moment(item[name]) for name in _TIMES if name in item}
    return Breaker(
        phase=Phase(item["phase"]),
        ambiguous=item["ambiguous"],
        spacing=timedelta(milliseconds=item["spacing"]),
        top=item["top"],
        cause=item["cause"],
        message=item.get("message", ""),
        **times,
    )


def write_breaker(breaker: Breaker) -> dict[str, Any]:
    """The attributes of a breaker, without its key and version."""
    times = {name: at for name in _TIMES if (at := getattr(breaker, name)) is not None}
    return {
        "phase": breaker.phase.value,
        "ambiguous": breaker.ambiguous,
        "spacing": breaker.spacing // timedelta(milliseconds=1),
        "top": breaker.top,
        "cause": breaker.cause,
        "message": breaker.message,
        **{name: milliseconds(at) for name, at in times.items()},
    }
