"""The blind index of search: under a keyed digest of a name's beginning or of an order's number, who it is.

Items of ``customers``: ``find#<digest>`` / ``<time>#<home>`` for each beginning of a name, with the time at which the
name was said first; ``find#<digest>`` / ``<home>`` for an order's number; and ``<home>`` / ``names``, which lists the
first, so that an erasure takes away exactly what stands. The index only grows: a name that was replaced stays until
the erasure, and whoever searches compares with the name of today (docs/decisions/2026-11-29-blind-index-of-names.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.facts.facts import Facts
from shared.domain.identity.keys import NAMES, IdentifierKeys, moment, time_text
from shared.domain.profile.search_terms import beginnings, name_words, names_said, order_number
from shared.ports import Page, Table, Write

PARTITION = "find#"
NAME, ORDER = "name", "order"
MOST_BEGINNINGS = 300
"""Of one identifier: more than twenty names. A public source may fill half of them, so that no flood of invented names
keeps out what a trusted source says."""
Place = tuple[str, str]


class SearchIndex:
    """Segment notes, privacy forgets, and operators find."""

    def __init__(self, customers: Table, keys: IdentifierKeys) -> None:
        self._table = customers
        self._keys = keys

    def note(self, home: str, held: Facts | None, facts: Facts) -> None:
        """Before facts are written: what they name and ``held`` did not. Without a new name or order it costs nothing;
        a first name takes a read, and a transaction of an item for each beginning and one more. Repeating it changes
        nothing.

        Raises
        ------
        Conflict
            If another consumer names the same identifier now. Read again and come again.
        """
        known = held.orders.keys() | held.reported.keys() if held is not None else frozenset[str]()
        new = (facts.orders.keys() | facts.reported.keys()) - known
        if new:
            self._table.put_many([{"pk": pk, "sk": home} for pk in sorted(self._order_partitions(new))])
        before, now = names_said(held), names_said(facts)
        if before.keys() == now.keys() and all(before[name][1] == now[name][1] for name in now):
            return
        words = _words(now)
        if words != _words(before):
            at = time_text(moment(max((at for at, _ in now.values()), default=0)))
            trusted = any(name in facts.trusted.entries for name in now)
            self._add(home, words, at, MOST_BEGINNINGS if trusted else MOST_BEGINNINGS // 2)

    def _add(self, home: str, words: Iterable[str], at: str, most: int) -> None:
        """Places and their list in one transaction: whatever crashes and whoever else writes, neither lacks one."""
        item = self._table.get(home, NAMES) or {}
        version, listed = int(item.get("version", 0)), dict(item.get("places", {}))
        known = {pk for pks in listed.values() for pk in pks}
        wanted = {PARTITION + self._keys.search_term(NAME, one) for one in beginnings(words)}
        new = sorted(wanted - known)[: max(most - len(known), 0)]
        if not new:
            return
        listed[at] = sorted({*listed.get(at, ()), *new})
        grown = {"pk": home, "sk": NAMES, "version": version + 1, "places": listed}
        places = [Write({"pk": pk, "sk": f"{at}#{home}"}) for pk in new]
        self._table.transact([Write(grown, {"version": version or None}), *places])

    def places(self, home: str, facts: Facts | None) -> list[Place]:
        """Everything that leads to an identifier, for who erases it."""
        item = self._table.get(home, NAMES) or {}
        found = {(pk, f"{when}#{home}") for when, pks in item.get("places", {}).items() for pk in pks}
        if facts is not None:
            found |= {(pk, home) for pk in self._order_partitions(facts.orders.keys() | facts.reported.keys())}
        return sorted(found)

    def order_places(self, home: str, numbers: Iterable[str]) -> list[Place]:
        """Where orders of these numbers lead to an identifier; facts may not know them any more."""
        return [(pk, home) for pk in sorted(self._order_partitions(numbers))]

    def of_name(self, beginning: str, *, limit: int, before: str | None = None) -> Page:
        """Who has a name that begins so, the newest name first; ``before`` is the ``sk`` of the last one known."""
        pk = PARTITION + self._keys.search_term(NAME, beginning)
        return self._table.query(pk, below=before, limit=limit, newest_first=True)

    def of_order(self, number: str, *, limit: int) -> list[str]:
        """The identifiers under which an order of this number was reported."""
        page = self._table.query(PARTITION + self._keys.search_term(ORDER, order_number(number)), limit=limit)
        return [item["sk"] for item in page.items]

    def _order_partitions(self, numbers: Iterable[str]) -> set[str]:
        return {PARTITION + self._keys.search_term(ORDER, order_number(number)) for number in numbers}


def _words(said: Mapping[str, tuple[int, str]]) -> frozenset[str]:
    return name_words({name: text for name, (_, text) in said.items()})


def home_of(item: dict[str, Any]) -> str:
    """Whom an item of ``of_name`` leads to."""
    return str(item["sk"]).partition("#")[2]
