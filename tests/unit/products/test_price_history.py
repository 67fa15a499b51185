"""Prices of 90 days against brute force: one price for each hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.products.price_history import KEEP, MOST, Price, lowest_before_reduction, with_price

pytestmark = pytest.mark.unit
START = datetime(2026, 8, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
changes = st.lists(st.tuples(st.integers(1, 24 * 40), st.integers(1, 9)), min_size=1, max_size=12)


def history(steps: list[tuple[int, int]]) -> tuple[tuple[Price, ...], dict[int, int]]:
    """The kept prices, and the price of every hour."""
    kept: tuple[Price, ...] = ()
    hour, hourly, amount = 0, dict[int, int](), None
    for wait, price in steps:
        for passed in range(wait if hourly or amount else 0):
            hourly[hour + passed] = amount  # type: ignore[assignment]
        hour += wait if amount else 0
        amount = price
        kept = with_price(kept, Price(START + hour * HOUR, Decimal(price), "TRY"))
    hourly[hour] = amount  # type: ignore[assignment]
    return kept, hourly


@given(changes)
def test_the_lowest_price_is_that_of_every_hour_before(steps: list[tuple[int, int]]) -> None:
    """Of a reduction, the lowest of the 30 days before it, whatever the prices were; of a rise, nothing."""
    kept, hourly = history(steps)
    last = max(hourly)
    began = last
    while began - 1 in hourly and hourly[began - 1] == hourly[last]:
        began -= 1
    before = [hourly[hour] for hour in range(began - 30 * 24, began) if hour in hourly]
    expected = min(before) if before and hourly[last] < before[-1] else None
    assert lowest_before_reduction(kept, START + last * HOUR) == expected


@given(changes)
def test_ninety_days_are_kept_and_no_more(steps: list[tuple[int, int]]) -> None:
    """The price of each of the last 90 days can be told, and of what ended before, nothing is left."""
    kept, hourly = history(steps)
    last = kept[-1].since
    for hour, amount in hourly.items():
        when = START + hour * HOUR
        if last - KEEP <= when <= last:
            assert [price.amount for price in kept if price.since <= when][-1] == amount
    assert len([price for price in kept if price.since <= last - KEEP]) <= 1


def test_a_price_that_changes_often_keeps_the_newest() -> None:
    """More than two hundred changes drop the oldest; the same price again, and an older one, change nothing."""
    kept: tuple[Price, ...] = ()
    for number in range(MOST + 50):
        kept = with_price(kept, Price(START + number * timedelta(minutes=1), Decimal(number % 2 + 1), "TRY"))
    assert len(kept) == MOST
    assert with_price(kept, Price(kept[-1].since + HOUR, kept[-1].amount, "TRY")) == kept
    assert with_price(kept, Price(kept[0].since, Decimal(99), "TRY")) == kept


def test_another_currency_is_no_reduction() -> None:
    """An amount in another currency is not compared."""
    kept = with_price((), Price(START, Decimal(100), "TRY"))
    kept = with_price(kept, Price(START + HOUR, Decimal(3), "EUR"))
    assert lowest_before_reduction(kept, START + 2 * HOUR) is None
