"""A page reads each identifier of a customer once, and the next page reads it anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from functions.console.read_once import ReadOnce
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release, read_release
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


@pytest.mark.parametrize("path", ["", "/segments", "/journeys", "/iys", "/changes", "/new-campaign"])
def test_a_page_asks_each_question_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which release is current, what waits for the register: parts of a page ask for the same."""
    world = ShopWorld()
    asked: Counter[Any] = Counter()

    def counted(name: str, table: Any, kind: str) -> None:
        plain = getattr(table, kind)

        def ask(*where: Any, **options: Any) -> Any:
            asked[name, kind, where, tuple(sorted(options.items()))] += 1
            return plain(*where, **options)

        monkeypatch.setattr(table, kind, ask)

    for name, table in (("catalog", world.catalog), ("iys", world.admin.iys._table)):
        counted(name, table, "get")
        counted(name, table, "query")
    browser = world.browser("admin")
    asked.clear()
    assert browser.get(f"/console{path}").status == 200
    assert set(asked.values()) == {1}, asked.most_common(3)


def test_a_release_is_parsed_once_for_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 300 KB of JSON, and each page has a reader of its own."""
    world = ShopWorld()
    parsed: list[int] = []

    def counted(text: str) -> Release:
        parsed.append(len(text))
        return read_release(text)

    monkeypatch.setattr("shared.stores.releases.read_release", counted)
    monkeypatch.setattr("shared.stores.releases._PARSED", WeakKeyDictionary())
    browser = world.browser("admin")
    for path in ("/segments", "/journeys", "/campaigns"):
        assert browser.get(f"/console{path}").status == 200
    assert len(parsed) == 1
