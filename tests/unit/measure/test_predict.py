"""Predictions become traits of customers, by the ordinary way of events, only where they beat the plain rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.measure.predict import SOURCE, Predicted, predict, traits_of
from functions.measure.report import Question
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.domain.measure.period import Period
from shared.domain.measure.predictions import WHAT, Known, Predictor
from shared.domain.measure.purchase_model import History, PurchaseModel
from shared.domain.measure.spend_model import SpendModel
from shared.stores.event_items import read_event
from tests.support.lake_tables import lake_of
from tests.support.world import KEYS, NOW, World, batches, event
from tests.unit.domain.measure.test_predictions import TRUE, life

pytestmark = pytest.mark.unit
ZONE = ZoneInfo("UTC")
LAST = date(2026, 11, 21)
ASKED = Question(Period(LAST, LAST, ZONE), "TRY", milliseconds(NOW))
KNOWN = 40
"""Customers whose items are there; the others were erased since, as far as the table knows."""


def home(number: int) -> str:
    return KEYS(parse_identifier(f"user:c{number}"))


def orders(customers: int, days: int = 600) -> list[dict[str, Any]]:
    random, rows = Random(11), []
    for n in range(customers):
        first, mean = random.uniform(1, days), random.lognormvariate(5, 0.6)
        for place, later in enumerate([0.0, *life(random, TRUE, first)]):
            at = milliseconds(NOW - timedelta(days=first - later) - timedelta(days=1))
            rows.append(
                {
                    "home": home(n), "order_id": f"{n}-{place}", "version": 1, "decided_at": at, "ordered_at": at,
                    "state": "completed", "channel": "web", "total": f"{mean * random.lognormvariate(0, 0.3):.2f}",
                    "refunded": "0.00", "currency": "TRY",
                }
            )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return orders(900)


@pytest.fixture
def world() -> World:
    made = World()
    made.send(*(event("Home", [f"user:c{n}"]) for n in range(KNOWN)))
    return made


def events_of(world: World) -> Iterator[Any]:
    for n in range(KNOWN):
        for item in world.table.query(home(n), prefix="t#").items:
            found = read_event(item)
            if found.source == SOURCE:
                yield n, found


def run(world: World, rows: list[dict[str, Any]], **more: Any) -> Predicted:
    return predict(lake_of({"orders": rows}), ASKED, world.store, NOW, **more)


def test_customers_get_a_trait_that_segments_can_ask(world: World, rows: list[dict[str, Any]]) -> None:
    """One event each, of those with two orders or more; folding it sets the trait; a repetition changes nothing."""
    done = run(world, rows)
    assert "order_90d" in done.told
    assert (done.after, 0 < done.written <= KNOWN) == ("", True)
    twice = {row["home"] for row in rows if row["order_id"].endswith("-1")}
    assert done.written + done.gone <= len(twice)
    first = list(events_of(world))
    assert len(first) == done.written
    assert {home(n) for n, _ in first} <= twice
    assert run(world, rows).written == done.written
    assert [found for _, found in events_of(world)] == [found for _, found in first]
    number, found = first[0]
    world.segmentation.fold(batches([found]), NOW + timedelta(hours=1))
    trait = world.tree(f"user:c{number}").profile().traits["predicted"].value
    assert 0 <= trait["order_90d"] <= 1
    assert trait["on"] == "2026-11-21"
    assert [what for what in WHAT if trait.get(what) is not None] == list(done.told)


def test_a_run_whose_time_is_over_goes_on_where_it_was(
    world: World, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both halves together write what one run writes, with the same events."""
    monkeypatch.setattr("functions.measure.predict.PAGE", 200)
    left = iter([True, True, False])
    one = run(world, rows, time_left=lambda: next(left))
    assert one.after
    two = run(world, rows, after=one.after)
    other = World()
    other.send(*(event("Home", [f"user:c{n}"]) for n in range(KNOWN)))
    whole = run(other, rows)
    assert one.written + two.written == whole.written
    assert one.gone + two.gone == whole.gone
    assert list(events_of(world)) == list(events_of(other))


def test_nothing_is_written_where_the_rule_is_as_good(world: World, rows: list[dict[str, Any]]) -> None:
    """Too few customers to test, or none at all."""
    few = [row for row in rows if int(row["order_id"].partition("-")[0]) < 60]
    for some in (few, []):
        assert run(world, some) == Predicted()
    assert list(events_of(world)) == []


def test_what_is_not_told_is_unset() -> None:
    """A prediction that was told before and no longer beats the rule goes with the next event."""
    predictor = Predictor(PurchaseModel(0.9, 40.0, 1.3, 4.0), SpendModel(6.0, 4.0, 150.0))
    known = Known(History(3, 100.0, 120.0), 200.0)
    told = traits_of(predictor, known, ("order_90d",), LAST)
    assert (told["next_order"], told["value_365d"], told["on"]) == (None, None, "2026-11-21")
    whole = traits_of(predictor, known, ("order_90d", "next_order", "value_365d"), LAST)
    assert whole["value_365d"] > 0
    assert whole["order_90d"] == told["order_90d"]
    day = LAST + timedelta(days=round(predictor.days_to_next_order(known)))
    assert datetime.fromisoformat(whole["next_order"]).date() == day
