"""Chance that is the same every time it is asked: which arm of a split, and who is held out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

_ALL = 1 << 64


def arm_of(weights: Mapping[str, int], *of: str) -> str:
    """The arm for whom these names stand for (customer, journey, step), by weight.

    The order in which arms are written does not matter, so that moving them moves nobody.
    """
    point = _point(of) * sum(weights.values())
    reached = 0
    for arm in sorted(weights):
        reached += weights[arm]
        if point < reached * _ALL:
            return arm
    raise ValueError("no arm has any weight")


def held_out(percent: int, *of: str) -> bool:
    """True for so many of a hundred."""
    return _point(of) * 100 < percent * _ALL


def _point(of: tuple[str, ...]) -> int:
    """Evenly below 2^64. Each name's length goes with it, so that ``ab, c`` is not ``a, bc``."""
    raw = b"".join(len(data).to_bytes(4, "big") + data for data in (name.encode() for name in of))
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8, person=b"journey").digest(), "big")
