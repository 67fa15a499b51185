"""The index of search lacks no name that facts hold, whichever call was the last of a worker."""

from __future__ import annotations

import itertools
from typing import cast

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.ports import Conflict, Table
from shared.stores.search_index import PARTITION, SearchIndex
from tests.support.backfills import Fuse, FusedTable
from tests.support.interleaving import Crash
from tests.support.world import KEYS, Rules, event

pytestmark = pytest.mark.unit

HOME = "u.home"


def named(name: str) -> Facts:
    return fold(Facts(), [event("identify", ["user:u"], traits={"name": name}, id=name)], Rules().features)


def found(table: MemoryTable, beginning: str) -> bool:
    return bool(SearchIndex(table, KEYS).of_name(beginning, limit=10).items)


def test_a_name_is_found_whichever_call_was_the_last() -> None:
    """The worker dies after a call, the events come again: every beginning is there, and listed."""
    for calls in itertools.count(1):
        table, fuse = MemoryTable(), Fuse(calls)
        index = SearchIndex(cast("Table", FusedTable(table, fuse)), KEYS)
        try:
            index.note(HOME, None, named("Ayşe Yılmaz"))
        except Crash:
            index.note(HOME, None, named("Ayşe Yılmaz"))
        assert all(found(table, one) for one in ("ays", "ayse", "yil", "yilma", "yilmaz"))
        listed = table.get(HOME, "names")
        assert listed is not None
        assert sum(map(len, listed["places"].values())) == sum(
            item["pk"].startswith(PARTITION) for item in table.items()
        )
        if fuse.left is not None:
            break
    assert calls > 2


def test_of_two_who_name_at_once_one_comes_again() -> None:
    """Who read the list before the other wrote it is refused; afterwards both names are found."""
    table = MemoryTable()
    first = SearchIndex(table, KEYS)

    class Late(MemoryTable):
        """Another worker writes between this one's read and its write."""

        def get(self, pk: str, sk: str) -> dict[str, object] | None:
            read = table.get(pk, sk)
            if read is None:
                first.note(HOME, None, named("Mehmet"))
            return read

    late = Late()
    late.transact = table.transact  # type: ignore[method-assign]
    second = SearchIndex(late, KEYS)
    with pytest.raises(Conflict):
        second.note(HOME, None, named("Zeynep"))
    second.note(HOME, None, named("Zeynep"))
    assert found(table, "mehmet")
    assert found(table, "zeynep")
