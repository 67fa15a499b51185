"""Hours of activity, and the newest of each channel and device, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.domain.facts.facts import USE, Visit, used_by
from shared.domain.facts.newest import Newest


def encode_activity(visits: tuple[Visit, ...]) -> list[Any]:
    """Hours per channel and device kind, written as differences: most lie a few hours apart."""
    groups: dict[tuple[str, str], list[int]] = {}
    for hour, channel, kind in sorted(visits):
        groups.setdefault((channel, kind), []).append(hour)
    return [[*group, *_differences(hours)] for group, hours in sorted(groups.items())]


def decode_activity(shape: Iterable[list[Any]]) -> tuple[Visit, ...]:
    visits: list[Visit] = []
    for channel, kind, *steps in shape:
        hour = 0
        for step in steps:
            hour += step
            visits.append((hour, channel, kind))
    return tuple(sorted(visits, reverse=True))


def encode_use(used: Newest, visits: tuple[Visit, ...]) -> list[Any]:
    """Only what ``visits`` do not say: whoever is remembered there with an hour is remembered with his newest one."""
    said = _newest_of(visits, used.cap)
    rows = [[*key.split(USE, 1), used.entries[key][0]] for key in sorted(used.entries) if key not in said.entries]
    if used.floor is None:
        return [rows] if rows else []
    return [rows, used.floor[0], used.floor[2]]


def decode_use(part: Newest, shape: list[Any] | None, visits: tuple[Visit, ...]) -> None:
    """Fills an empty part; facts that were written without it tell what their visits do."""
    rows, *floor = shape or [[]]
    newest: dict[tuple[str, str], int] = {}
    for hour, channel, kind in (*visits, *((hour, channel, kind) for channel, kind, hour in rows)):
        known = newest.get((channel, kind))
        if known is None or hour > known:
            newest[channel, kind] = hour
    for (channel, kind), hour in newest.items():
        part.put(*used_by((hour, channel, kind)))
    part.floor = (floor[0], "", floor[1]) if floor else None
    part.trim()


def _newest_of(visits: tuple[Visit, ...], cap: int) -> Newest:
    part = Newest(cap)
    decode_use(part, None, visits)
    return part


def _differences(rising: list[int]) -> list[int]:
    return [after - before for before, after in zip([0, *rising], rising, strict=False)]
