"""Which names of stored items a scene notices: each is taken away under its name, and the scene is asked again."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shared.domain.privacy.data_map import kind_of
from tests.flow.releases.kept import holds
from tests.flow.releases.scene import Scene
from tests.support.interleaving import Crash

KEYS = frozenset({"pk", "sk"})
Name = tuple[str, str, str]
"""Table, kind of item, attribute. Those that are numbered are one: ``seen#*``."""
LONGEST = 3.0
"""Seconds of processor time of one asking; each takes less than one. Some workers come again for ever to an item that
cannot be read."""


class Stuck(BaseException):
    """The scene did not end; nothing that catches errors catches it."""


def names_of(kept: Mapping[str, Any]) -> list[Name]:
    """Every attribute that the items of a scene have, by their kind."""
    return sorted({
        (table, kind, _attribute(name))
        for table, items in kept["items"].items()
        for item in items
        if (kind := _kind(table, item))
        for name in item
        if name not in KEYS
    })  # fmt: skip


def notices(scene: Scene[Any], kept: Mapping[str, Any], name: Name) -> bool:
    """Whether the answers differ, or fail, where nobody finds the attribute under its name."""
    try:
        with _ended_after(LONGEST):
            now = scene.asked({**kept, "items": dict(_renamed(kept["items"], name))})
    except (Exception, Crash, Stuck):  # noqa: BLE001 - whatever fails, it is noticed
        return True
    return not all(holds(now.get(question), before) for question, before in kept["answers"].items())


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    def end(*_: object) -> None:
        raise Stuck

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _renamed(items: Mapping[str, Any], name: Name) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    table, kind, attribute = name
    for at, held in items.items():
        yield at, [
            {f"other_{key}" if _attribute(key) == attribute and (at, _kind(at, item)) == (table, kind) else key: value
             for key, value in item.items()}
            for item in held
        ]  # fmt: skip


def _attribute(name: str) -> str:
    series, numbered, _ = name.partition("#")
    return f"{series}#*" if numbered else name


def _kind(table: str, item: Mapping[str, Any]) -> str:
    found = kind_of(table, item["pk"]["S"], item["sk"]["S"])
    return found.name if found else ""
