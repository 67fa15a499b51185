"""Products that messages share: read once in a while, and never older than that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.mailing_list import MailingList, send
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.products.product import read_product
from shared.stores import kept_products
from shared.stores.kept_products import KEEP_SECONDS, KeptProducts, ProductsIfAny
from shared.stores.products import Products
from tests.support.cases import also_long, cases
from tests.unit.notify.world import MORNING

pytestmark = pytest.mark.unit
IDS = ("p1", "p2", "p3")
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.1, KEEP_SECONDS - 0.1, KEEP_SECONDS, 60.0])),
    st.tuples(st.just("put"), st.sampled_from(IDS)),
    st.tuples(st.just("read"), st.lists(st.sampled_from((*IDS, "unknown", "")), max_size=4)),
)


CHANGED = [("read", ["p1"]), ("put", "p1"), ("wait", KEEP_SECONDS), ("read", ["p1"])]


@also_long
@cases(100)
@example(steps=CHANGED, most=500)
@given(steps=st.lists(STEPS, max_size=20), most=st.sampled_from([2, 500]))
def test_a_product_is_as_it_was_within_the_last_seconds(steps: list[tuple[str, Any]], most: int) -> None:
    """Against every state that the table had: what is read held at some instant of the last ``KEEP_SECONDS``, at one
    request at the most, and at none if all was asked just before."""
    kept_products.MOST, before = most, kept_products.MOST
    try:
        _play(steps, room=most > len(IDS) + 2)
    finally:
        kept_products.MOST = before


def _play(steps: list[tuple[str, Any]], *, room: bool) -> None:
    table, now = MemoryTable(indexes=INDEXES["products"]), 100.0
    products, kept = Products(table), KeptProducts(Products(table), lambda: now)
    history: list[tuple[float, dict[str, str]]] = [(0.0, {})]
    asked: dict[str, float] = {}
    for number, (what, value) in enumerate(steps):
        if what == "wait":
            now += value
        elif what == "put":
            said = {"id": value, "name": f"name {number}", "price": "10", "currency": "TRY"}
            products.put([read_product(said)], MORNING + timedelta(seconds=number))
            history.append((now, {**history[-1][1], value: said["name"]}))
        else:
            table.usage.reset()
            found = {id_: one.product.name for id_, one in kept.read(value).items()}
            assert table.usage.by_operation.get("get_many", 0) <= 1
            if room and all(now - asked.get(id_, -1e9) < KEEP_SECONDS for id_ in value):
                assert table.usage.requests == 0
            asked |= {id_: now for id_ in value if now - asked.get(id_, -1e9) >= KEEP_SECONDS}
            for id_ in value:
                assert found.get(id_) in _states(history, id_, now)


def _states(history: list[tuple[float, dict[str, str]]], id_: str, now: float) -> set[str | None]:
    """What a product was within the last seconds: the changes since, and how it was before them."""
    ends = [at for at, _ in history[1:]] + [float("inf")]
    return {said.get(id_) for (_, said), end in zip(history, ends, strict=True) if end > now - KEEP_SECONDS}


def test_ten_messages_about_the_same_products_share_one_request() -> None:
    people = MailingList(10)
    send(people.worker("email", elapsed=lambda: 0.0), people.requests("email"))
    assert people.memory["products"].usage.by_operation == {"get_many": 1}


def test_a_shop_without_a_catalogue_is_asked_for_it_now_and_then() -> None:
    """Once in so many seconds, in the four lists of names; its first product is found with the next look, and then
    nothing but products is asked for."""
    table, now = MemoryTable(indexes=INDEXES["products"]), 0.0
    reader = ProductsIfAny(table, lambda: now, 900)
    assert [reader.read(["p1"]) for _ in range(3)] == [{}, {}, {}]
    assert table.usage.by_operation == {"query": 4}
    Products(table).put([read_product({"id": "p1", "name": "Elbise", "price": "10", "currency": "TRY"})], MORNING)
    now = 899.0
    assert reader.read(["p1"]) == {}
    now = 900.0
    assert set(reader.read(["p1", "p2"])) == {"p1"}
    table.usage.reset()
    now = 9_000.0
    assert set(reader.read(["p1"])) == {"p1"}
    assert table.usage.by_operation == {"get_many": 1}
