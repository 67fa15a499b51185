"""The port of a store of objects: files by key, in a bucket or in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class NoSuchObject(Exception):
    """There is no object of this key (any more)."""


class Found(Struct, frozen=True):
    """An object of a listing. ``size`` in bytes."""

    key: str
    size: int


class Objects(Protocol):
    """Objects are whole or absent: whoever reads one while it is written finds the one before, or none."""

    def listed(self, prefix: str) -> Iterator[Found]:
        """Every object whose key begins so, in the order of the keys."""

    def fetch(self, key: str, folder: Path) -> Path:
        """A local file with the object; in ``folder`` if it must be copied, where a copy is kept. Never change it.

        Raises
        ------
        NoSuchObject
        """

    def beginning(self, key: str, size: int) -> bytes:
        """Its first bytes, ``size`` at most; nothing more of it is fetched.

        Raises
        ------
        NoSuchObject
        """

    def put(self, key: str, file: Path) -> None:
        """Store a copy of ``file``; one that is there is replaced. Durable when it returns."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete what is there of these."""
