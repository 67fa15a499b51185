"""The map of what is stored: every kind of item in every table, what it tells of a person, what for, and how long.

A test holds every item of the local stack and of the flows against it, so that a new attribute has to be named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from shared.domain.privacy.data_kinds import KINDS


class Purpose(StrEnum):
    """What a kind of item is kept for; each has a legal basis in ``docs/privacy.md``."""

    RELATION = "relation"
    """To know the customer: orders, contact, support."""
    MARKETING = "marketing"
    """To decide and send what he agreed to."""
    PROOF = "proof"
    """To prove consent, refusal, erasure, and what was sent."""
    MEASURE = "measure"
    """To count and report."""
    SECURITY = "security"
    """To hold off abuse and to find mistakes."""
    OPERATION = "operation"
    """To run the system; tells nothing of a person."""


@dataclass(frozen=True, slots=True)
class ItemKind:
    """One kind of item. ``pk`` and ``sk`` are patterns of its keys, ``attributes`` names or patterns of the others.

    ``person`` says what it tells of a person, empty if nothing; ``kept`` for how long.
    """

    table: str
    name: str
    pk: str
    sk: str
    attributes: tuple[str, ...]
    purpose: Purpose
    person: str
    kept: str

    def holds(self, pk: str, sk: str) -> bool:
        """Whether an item with these keys is of this kind."""
        return fnmatchcase(pk, self.pk) and fnmatchcase(sk, self.sk)

    def unknown(self, names: Iterable[str]) -> list[str]:
        """The attributes that the map does not name, in order."""
        return sorted(
            name
            for name in names
            if name not in ("pk", "sk") and not any(fnmatchcase(name, known) for known in self.attributes)
        )


def _read(row: str) -> ItemKind:
    table, name, pk, sk, attributes, purpose, person, kept = (cell.strip() for cell in row.split("|"))
    return ItemKind(table, name, pk, sk, tuple(attributes.split()), Purpose(purpose), person, kept)


DATA_MAP: tuple[ItemKind, ...] = tuple(_read(row) for row in KINDS.strip().splitlines() if row.strip())


def kind_of(table: str, pk: str, sk: str) -> ItemKind | None:
    """The kind of an item by its table and keys; the first that fits. None if the map has none."""
    return next((one for one in DATA_MAP if one.table == table and one.holds(pk, sk)), None)


def unmapped(table: str, items: Iterable[Mapping[str, object]]) -> list[str]:
    """What the map does not name among these items: ``table kind attribute``, each once. Keys are not repeated,
    because they can be digests of a person."""
    found: set[str] = set()
    for item in items:
        sk = str(item["sk"])
        kind = kind_of(table, str(item["pk"]), sk)
        if kind is None:
            found.add(f"{table}: no kind for items like {sk.split('#', maxsplit=1)[0][:12]}, {sorted(item)}")
        else:
            found |= {f"{table}: {kind.name} has no {name}" for name in kind.unknown(item)}
    return sorted(found)
