"""A page reads each identifier of a customer once, and the next page reads it anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from functions.console.read_once import ReadOnce
from shared.adapters.memory import MemoryTable
from shared.domain.identity.identifiers import parse_identifier
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.unit


def test_the_page_of_a_customer_reads_each_identifier_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen queries before for five identifiers; what changes in between shows on the next page."""
    world = ShopWorld()
    key = world.keys(parse_identifier("user:42"))
    asked: Counter[Any] = Counter()
    query = world.customers.query

    def counted(pk: str, **options: Any) -> Any:
        asked[pk, tuple(sorted(options.items()))] += 1
        return query(pk, **options)

    monkeypatch.setattr(world.customers, "query", counted)
    browser = world.browser("agent")
    assert browser.get(f"/console/customers/{key}").status == 200
    assert max(asked.values()) == 1
    before = sum(asked.values())
    assert browser.get(f"/console/customers/{key}").status == 200
    assert sum(asked.values()) == 2 * before


def test_what_is_written_is_read_anew() -> None:
    """Every kind of write."""
    table = MemoryTable()
    once = ReadOnce(table)
    writes: list[Callable[[], Any]] = [
        lambda: once.put({"pk": "a", "sk": "0"}),
        lambda: once.put_many([{"pk": "a", "sk": "1"}]),
        lambda: once.add("a", "2", {"n": 1}),
    ]
    for number, write in enumerate(writes):
        assert once.get("a", str(number)) is None
        assert len(once.query("a").items) == number
        write()
        assert once.get("a", str(number)) is not None
        assert len(once.query("a").items) == number + 1
    once.delete("a", "0")
    assert once.get("a", "0") is None
    once.delete_many([("a", "1")])
    assert [item["sk"] for item in once.query("a").items] == ["2"]
    assert once.get_many([("a", "2")]) == [{"pk": "a", "sk": "2", "n": 1}]
