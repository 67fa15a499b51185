"""The least value of a function of a few numbers: J. A. Nelder and R. Mead, 1965 (a simplex that moves downhill)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Point = list[float]


def least(
    value: Callable[[Sequence[float]], float], start: Sequence[float], *, near: float = 1e-7, most: int = 2_000
) -> Point:
    """The point where it is least, from ``start`` on; at most so many values are asked for.

    It ends when the best and the worst corner differ by less than ``near`` of the value.
    """
    corners = [(value(start), list(start))]
    for place in range(len(start)):
        moved = list(start)
        moved[place] += 0.5
        corners.append((value(moved), moved))
    asked = len(corners)
    while asked < most:
        corners.sort(key=lambda corner: corner[0])
        best, worst = corners[0][0], corners[-1][0]
        if worst - best <= near * (abs(best) + near) and _size(corners) < 1e-4:
            break
        asked += _step(value, corners)
    return min(corners, key=lambda corner: corner[0])[1]


def _step(value: Callable[[Sequence[float]], float], corners: list[tuple[float, Point]]) -> int:
    """Move the worst corner, or draw all of them towards the best; how many values were asked for."""
    worst = corners[-1]
    middle = [sum(point[n] for _, point in corners[:-1]) / (len(corners) - 1) for n in range(len(worst[1]))]

    def tried(far: float) -> tuple[float, Point]:
        point = [m + far * (m - w) for m, w in zip(middle, worst[1], strict=True)]
        return value(point), point

    mirrored = tried(1.0)
    if mirrored[0] < corners[0][0]:
        farther = tried(2.0)
        corners[-1] = min(mirrored, farther, key=lambda corner: corner[0])
        return 2
    if mirrored[0] < corners[-2][0]:
        corners[-1] = mirrored
        return 1
    nearer = tried(0.5 if mirrored[0] < worst[0] else -0.5)
    if nearer[0] < min(mirrored[0], worst[0]):
        corners[-1] = nearer
        return 2
    best = corners[0][1]
    for n in range(1, len(corners)):
        point = [b + 0.5 * (p - b) for b, p in zip(best, corners[n][1], strict=True)]
        corners[n] = (value(point), point)
    return 1 + len(corners)


def _size(corners: list[tuple[float, Point]]) -> float:
    return max(abs(one - other) for _, point in corners[1:] for one, other in zip(point, corners[0][1], strict=True))
