"""The blind index of search: under a keyed digest of a name's beginning or of an order's number, who it is.

Items of ``customers``: ``find#<digest>`` / ``<time>#<home>`` for each beginning of a name, with the time at which the
name was said first; ``find#<digest>`` / ``<home>`` for an order's number; and ``<home>`` / ``names``, which lists the
first, so that a change and an erasure take away exactly what stands. Nobody who reads the table learns a name from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.facts.facts import Facts
from shared.domain.identity.keys import NAMES, IdentifierKeys, moment, time_text
from shared.domain.profile.search_terms import beginnings, name_words, names_said, order_number
from shared.ports import Page, Table

PARTITION = "find#"
NAME, ORDER = "name", "order"
Place = tuple[str, str]


class SearchIndex:
    """Segment notes, privacy forgets, and operators find."""

    def __init__(self, customers: Table, keys: IdentifierKeys) -> None:
        self._table = customers
        self._keys = keys

    def note(self, home: str, held: Facts | None, facts: Facts) -> None:
        """Before facts are written: what they name and ``held`` did not. Without a new name or order it costs nothing;
        a first name takes a read, and a write for each beginning and one more. Repeating it changes nothing.

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
            self._rename(home, words, time_text(moment(max((at for at, _ in now.values()), default=0))))

    def _rename(self, home: str, words: Iterable[str], at: str) -> None:
        """The list of places first: whatever crashes, it never lacks one."""
        item = self._table.get(home, NAMES) or {}
        version = int(item.get("version", 0))
        before = {(pk, f"{when}#{home}") for when, pks in item.get("places", {}).items() for pk in pks}
        wanted = sorted(self._keys.search_term(NAME, one) for one in beginnings(words))
        after = {(PARTITION + digest, f"{at}#{home}") for digest in wanted}
        self._put_list(home, before | after, version)
        # All of them: what is listed may not be written yet, if its writer crashed between the two.
        if after:
            self._table.put_many([{"pk": pk, "sk": sk} for pk, sk in sorted(after)])
        if before - after:
            self._table.delete_many(sorted(before - after))
            self._put_list(home, after, version + 1)

    def _put_list(self, home: str, places: Iterable[Place], version: int) -> None:
        listed: dict[str, list[str]] = {}
        for pk, sk in sorted(places):
            listed.setdefault(sk.partition("#")[0], []).append(pk)
        item: dict[str, Any] = {"pk": home, "sk": NAMES, "version": version + 1, "places": listed}
        self._table.put(item, expect={"version": version or None})

    def places(self, home: str, facts: Facts | None) -> list[Place]:
        """Everything that leads to an identifier, for who erases it."""
        item = self._table.get(home, NAMES) or {}
        found = {(pk, f"{when}#{home}") for when, pks in item.get("places", {}).items() for pk in pks}
        if facts is not None:
            found |= {(pk, home) for pk in self._order_partitions(facts.orders.keys() | facts.reported.keys())}
        return sorted(found)

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
