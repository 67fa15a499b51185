"""Marks of restrictions and objections: ``<identifier>`` / ``right#<right>#<case>`` in ``customers``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.identity.keys import RIGHT, milliseconds, moment
from shared.domain.privacy.held_rights import Held, Mark
from shared.ports import Table


def put_right_marks(customers: Table, homes: Iterable[str], mark: Mark) -> None:
    """The same mark on each of these identifiers; durable when it returns. The same again changes nothing."""
    items = [{"pk": home, **_attributes(mark)} for home in homes]
    if items:
        customers.put_many(items)


def read_right_mark(item: Mapping[str, Any]) -> Mark:
    """The mark of an item."""
    right, _, case = str(item["sk"]).removeprefix(RIGHT).partition("#")
    lifted = moment(int(item["lifted_ms"])) if "lifted_ms" in item else None
    return Mark(Held(right), case, item["root"], moment(int(item["held_ms"])), lifted)


def sort_key_of(mark: Mark) -> str:
    """The sort key of its items."""
    return f"{RIGHT}{mark.right.value}#{mark.case}"


def _attributes(mark: Mark) -> dict[str, Any]:
    said: dict[str, Any] = {
        "sk": sort_key_of(mark), "root": mark.root, "held_ms": milliseconds(mark.since),
    }  # fmt: skip
    return said if mark.lifted_at is None else {**said, "lifted_ms": milliseconds(mark.lifted_at)}
