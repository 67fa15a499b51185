"""What somebody does in the shop, each against a second reading of the raw orders and views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.profile.behaviour import categories_bought, channels_bought, days_since_last, purchase_cycle
from shared.domain.profile.profile import Order, Profile
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, event, later

pytestmark = UNIT
ISTANBUL = ZoneInfo("Europe/Istanbul")
SHOP = Shop(name="Test")


def profile(events: Sequence[Event]) -> Profile:
    return profile_of("u.x", ("u.x",), (), fold(Facts(), events, features()))


def bought(order: str, at: datetime, *lines: tuple[str, int, str, str | None], channel: str = "web") -> Event:
    """Lines are product, quantity, price, category."""
    products = [
        {"product_id": product, "quantity": count, "price": price, "category": category}
        for product, count, price, category in lines
    ]
    total = sum((Decimal(price) * count for _, count, price, _ in lines), Decimal(0))
    return event(
        "Order Completed", ["user:1"], at=at, id=order, trusted=channel == "store", order_id=order, total=str(total),
        currency="TRY", products=products,
    )  # fmt: skip


INSTANTS = st.lists(st.integers(0, 400 * 24), max_size=8)


LINE = ("p", 1, "1", None)


def orders_at(hours: Sequence[int]) -> tuple[Order, ...]:
    return profile([bought(f"o{place}", later(hours=-hour), LINE) for place, hour in enumerate(hours)]).orders


@cases(40)
@given(INSTANTS)
@example([0, 240, 480])
@example([0, 1, 2])
def test_the_cycle_is_the_median_gap_between_days_with_orders(hours: list[int]) -> None:
    """Of different local days; at least two gaps, else nobody knows a cycle."""
    days = [day for day, _ in groupby(sorted(later(hours=-hour).astimezone(ISTANBUL).toordinal() for hour in hours))]
    gaps = [days[place + 1] - days[place] for place in range(len(days) - 1)]
    assert purchase_cycle(orders_at(hours), ISTANBUL) == (median(gaps) if len(gaps) >= 2 else None)


def test_a_long_pause_does_not_move_the_cycle() -> None:
    """Somebody who buys every ten days and was away for a year still buys every ten days."""
    hours = [24 * day for day in (0, 10, 20, 30, 400, 410)]
    assert purchase_cycle(orders_at(hours), ISTANBUL) == 10.0


def test_days_since_the_last_order_are_whole_days() -> None:
    """Half-open: 24 h after the order it is one day; without an order it is nothing."""
    [order] = orders_at([0])
    assert [days_since_last([order], later(hours=hours)) for hours in (-1, 0, 23, 24, 49)] == [0, 0, 0, 1, 2]
    assert days_since_last([], NOW) is None


LINE_STRATEGY = st.tuples(
    st.sampled_from("abc"), st.integers(1, 3), st.sampled_from(["10", "2.5"]), st.sampled_from([None, "x", "y"])
)
LINES = st.lists(LINE_STRATEGY, max_size=3, unique_by=lambda line: line[0])
ORDERS = st.lists(st.tuples(st.integers(0, 99), LINES, st.sampled_from(["web", "store"])), max_size=5)


@cases(40)
@given(ORDERS)
def test_categories_and_channels_are_those_of_the_raw_orders(raw: list[tuple[int, list[Any], str]]) -> None:
    """Orders, amounts and times per category and per channel, by orders, then amount, then the newest first order."""
    events = [
        bought(f"o{place}", later(days=-days), *lines, channel=channel)
        for place, (days, lines, channel) in enumerate(raw)
    ]
    categories: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    channels: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for days, lines, channel in raw:
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for _, count, price, category in lines:
            if category:
                amounts[category] += Decimal(price) * count
        for category, amount in amounts.items():
            categories[category].append((later(days=-days), amount))
        channels[channel].append((later(days=-days), sum((Decimal(line[2]) * line[1] for line in lines), Decimal(0))))

    def ranked(found: dict[str, list[tuple[datetime, Decimal]]]) -> list[tuple[Any, ...]]:
        rows = [
            (name, len(parts), sum(amount for _, amount in parts), min(parts)[0], max(parts)[0])
            for name, parts in found.items()
        ]
        return sorted(rows, key=lambda row: (-row[1], -row[2], -row[3].timestamp(), row[0]))

    orders = profile(events).orders
    for found, expected in (
        (categories_bought(orders, "TRY"), ranked(categories)),
        (channels_bought(orders, "TRY"), ranked(channels)),
    ):
        assert [(one.name, one.orders, one.amount, one.first_at, one.last_at) for one in found] == expected


def test_what_was_looked_at_lately_is_newest_first() -> None:
    """The last ten different products and five categories, each once, with the time of the last look."""
    views = [
        event("Product Viewed", ["user:1"], at=later(minutes=number), id=f"v{number}", product_id=f"p{number % 12}",
              name=f"N{number % 12}", category=f"c{number % 7}")
        for number in range(30)
    ]  # fmt: skip
    found = profile(views)
    assert [seen.product_id for seen in found.viewed] == [f"p{number % 12}" for number in range(29, 19, -1)]
    assert [name for name, _ in found.categories_viewed] == [f"c{number % 7}" for number in range(29, 24, -1)]
    assert (found.viewed[0].name, found.viewed[0].at) == ("N5", later(minutes=29))
