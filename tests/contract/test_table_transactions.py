"""Transactions of the port ``Table``, on the fake and on DynamoDB alike."""

from __future__ import annotations

from typing import Any

import pytest

from shared.ports import Conflict, RefusedByTable, Table, Write
from tests.contract.test_table import found, table

pytestmark = pytest.mark.contract
__all__ = ["table"]


def test_a_transaction_is_all_or_nothing(table: Table) -> None:
    """If one item is not what was expected, none is written; else all are."""
    table.put({"pk": "p", "sk": "a", "version": 1})
    with pytest.raises(Conflict):
        table.transact(
            [
                Write({"pk": "q", "sk": "new"}, {"pk": None}),
                Write({"pk": "p", "sk": "a", "version": 3}, {"version": 2}),
            ]
        )
    assert table.get("q", "new") is None
    table.transact(
        [
            Write({"pk": "q", "sk": "new"}, {"pk": None}),
            Write({"pk": "p", "sk": "a", "version": 2}, {"version": 1}),
            Write({"pk": "p", "sk": "free", "text": "ş"}),
        ]
    )
    assert table.get("q", "new") == {"pk": "q", "sk": "new"}
    assert table.get("p", "a") == {"pk": "p", "sk": "a", "version": 2}
    assert table.get("p", "free") == {"pk": "p", "sk": "free", "text": "ş"}


def test_a_transaction_takes_a_hundred_items(table: Table) -> None:
    """One to a hundred, each key once: anything else is refused before anything is written."""
    hundred = [Write({"pk": "p", "sk": f"{place:03d}"}) for place in range(100)]
    table.transact(hundred)
    assert len(found(table)) == 100
    for wrong in ([], [*hundred, Write({"pk": "q", "sk": "x"})], [Write({"pk": "q", "sk": "x"})] * 2):
        with pytest.raises(ValueError, match="transaction"):
            table.transact(wrong)
    assert table.get("q", "x") is None


@pytest.mark.parametrize("wrong", [{"pk": "q", "sk": ""}, {"pk": "q", "sk": "x", "data": b"x" * 410 * 1024}])
def test_a_transaction_with_an_item_that_no_table_takes_is_refused(table: Table, wrong: dict[str, Any]) -> None:
    """An empty key or more than 400 KB is refused for good, and the others are not written."""
    with pytest.raises(RefusedByTable):
        table.transact([Write({"pk": "p", "sk": "a"}), Write(wrong)])
    assert table.get("p", "a") is None
