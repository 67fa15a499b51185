"""Stock on the fake and on DynamoDB (moto): the same levels, refusals and repetitions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.stock.level import NO_RULES, Level, StockRules
from shared.domain.stock.movement import Place
from shared.ports import Table
from shared.stores.stock import KeyReused, ReservationEnded, StockStore
from shared.stores.stock_changes import LineRefused
from tests.contract.plain_table import KINDS, plain_table
from tests.unit.stock.test_stock_store import NOW, line, request

pytestmark = pytest.mark.contract


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[StockStore]:
    table: Table
    for table in plain_table(request.param):
        yield StockStore(table)


def rules(_location: str) -> StockRules:
    return NO_RULES


def test_stock_on_a_table(store: StockStore) -> None:
    """Receipts beyond one part of the log; a sale repeated, another refused; a reservation that ends once."""
    for number in range(8):
        store.apply(request(f"in-{number}", line("receipt")), rules)
    assert store.apply(request("s", line("sale", quantity=3)), rules).levels == (Level(5),)
    assert store.apply(request("s", line("sale", quantity=3)), rules).repeated
    with pytest.raises(KeyReused):
        store.apply(request("s", line("sale", quantity=4)), rules)
    with pytest.raises(LineRefused):
        store.apply(request("t", line("receipt", "other"), line("sale", quantity=6)), rules)
    assert store.levels("other") == []
    store.reserve(request("r", line("reserve", quantity=2)), NOW + timedelta(hours=1), rules)
    store.end("r", "collected", "till", NOW, rules)
    with pytest.raises(ReservationEnded):
        store.end("r", "expired", "expiry", NOW + timedelta(hours=1), rules)
    assert store.levels("jacket-m")[0].level == Level(3)
    assert store.audit(Place("jacket-m", "kadıköy")) == []


def test_as_many_levels_as_a_transaction_holds(store: StockStore) -> None:
    """Ninety-seven levels change at once."""
    store.apply(request("many", *[line("receipt", f"sku-{number}") for number in range(97)]), rules)
    assert store.levels("sku-96")[0].level == Level(1)
