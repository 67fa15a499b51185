"""What a connected shop's number means for a level, step by step; the property is in ``test_shop_numbers.py``."""

from __future__ import annotations

import pytest

from shared.domain.stock.level import MOST, NO_RULES, Level, StockRules
from shared.domain.stock.level_log import Entry
from shared.domain.stock.movement import LevelStep, Place, Step
from shared.domain.stock.shop_view import (
    MOST_HANDED_OUT,
    NO_SHOP,
    SHOP_STEP,
    UNDATED,
    HoldState,
    Moved,
    OrderHold,
    OrderStep,
    ShopView,
    moved,
    settled,
    told,
)

pytestmark = pytest.mark.unit
HERE = Place("a", "kadikoy")
BACKORDER = StockRules(backorder=True)


def step(kind: Step, quantity: int = 2) -> LevelStep:
    return LevelStep(kind, HERE, quantity)


def hold(name: str, state: HoldState, at: int = 50, quantity: int = 2) -> OrderHold:
    return OrderHold(name, quantity, at, state)


COUNTED, WAITING, GONE = hold("c", "counted"), hold("w", "waiting"), hold("g", "handed_out")
VIEW = ShopView(100, 3, (COUNTED, WAITING, GONE), untracked=True)


@pytest.mark.parametrize("kind", ["sale", "count", "reserve", "collect"])
def test_no_step_means_anything_where_no_shop_counts(kind: Step) -> None:
    assert moved(NO_SHOP, step(kind), OrderStep("c", 1)) == Moved(NO_SHOP)


def test_a_count_of_our_own_is_newer_than_the_shops_number() -> None:
    """No order is in it: what was reserved waits for the shop's next number, what has left is forgotten."""
    waiting = (COUNTED._replace(state="waiting"), WAITING)
    assert moved(VIEW, step("count"), None) == Moved(ShopView(UNDATED, 0, waiting))


@pytest.mark.parametrize(
    ("kind", "untracked"),
    [("receipt", False), ("transfer_in", False), ("return", True), ("sale", True), ("release", True)],
)
def test_who_takes_pieces_in_counts_them_again(kind: Step, untracked: bool) -> None:
    """A piece that comes back is no sign of that; and nothing else changes without an order."""
    assert moved(VIEW, step(kind), None) == Moved(ShopView(100, 3, VIEW.holds, untracked))


@pytest.mark.parametrize(
    ("ordered_ms", "state", "shift"), [(99, "counted", 2), (100, "counted", 2), (101, "waiting", 0)]
)
def test_pieces_of_an_order_are_added_if_the_shop_took_them_off(ordered_ms: int, state: HoldState, shift: int) -> None:
    """They are in its number if it is of the order's time or later."""
    found = moved(ShopView(100, 3, (GONE,)), step("reserve"), OrderStep("o", ordered_ms))
    assert found == Moved(ShopView(100, 3, (GONE, hold("o", state, ordered_ms))), shift)


def test_a_reservation_of_no_order_is_none_of_the_shops() -> None:
    assert moved(VIEW, step("reserve"), OrderStep("o")) == Moved(VIEW)


@pytest.mark.parametrize(
    ("kind", "order", "holds", "shift", "ours"),
    [
        ("release", "c", (WAITING, GONE), -2, True),
        ("release", "w", (COUNTED, GONE), 0, True),
        ("collect", "c", (WAITING, GONE), -2, False),
        ("collect", "w", (COUNTED, GONE, WAITING._replace(state="handed_out")), -2, False),
    ],
)
def test_the_end_of_an_orders_reservation(
    kind: Step, order: str, holds: tuple[OrderHold, ...], shift: int, ours: bool
) -> None:
    """What the shop has taken off is no sale of ours. What it has not is kept, until a number of after the order."""
    expected = Moved(ShopView(100, 3, holds, untracked=True), shift, ours)
    assert moved(VIEW, step(kind), OrderStep(order)) == expected


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (step("release", 3), "c"),  # another quantity
        (step("release"), "g"),  # it left already
        (step("collect"), "unknown"),
        (step("sale"), "c"),
    ],
)
def test_another_step_ends_no_orders_reservation(wanted: LevelStep, order: str) -> None:
    assert moved(VIEW, wanted, OrderStep(order)) == Moved(VIEW)


def test_only_the_newest_that_were_handed_out_are_kept() -> None:
    """A shop that tells nothing more fills no item; those that wait are never dropped."""
    gone = tuple(hold(f"g{at}", "handed_out") for at in range(MOST_HANDED_OUT))
    view = ShopView(100, 0, (WAITING, *gone, COUNTED))
    one_more = moved(view, step("collect"), OrderStep("w")).view.holds
    assert one_more == (*gone[1:], COUNTED, WAITING._replace(state="handed_out"))
    at_most = ShopView(100, 0, (WAITING, *gone[1:], COUNTED))
    assert len(moved(at_most, step("collect"), OrderStep("w")).view.holds) == MOST_HANDED_OUT + 1


@pytest.mark.parametrize(
    ("level", "shift", "rules", "added", "short"),
    [
        (Level(10, 4), 0, NO_RULES, -3, 0),
        (Level(10, 4), 2, NO_RULES, -1, 0),
        (Level(10, 9), 0, NO_RULES, -1, 2),
        (Level(10, 9), 0, BACKORDER, -3, 0),
        (Level(MOST, 1), 9, NO_RULES, 0, 0),
    ],
)
def test_where_the_shops_number_leaves_a_level(
    level: Level, shift: int, rules: StockRules, added: int, short: int
) -> None:
    """Three pieces were short before. It stays at what is reserved, and says how many are short then."""
    assert settled(level, VIEW, shift, rules) == (Level(added), ShopView(100, short, VIEW.holds, untracked=True))


def test_nothing_is_added_where_no_shop_counts() -> None:
    assert settled(Level(10, 11), NO_SHOP, 5, NO_RULES) == (Level(), NO_SHOP)


def entry(kind: str, at_ms: int, change: int) -> Entry:
    return Entry(kind, "k", Level(change), at_ms)


def test_the_shops_number_counts_with_what_was_moved_since() -> None:
    """A sale of its own time or later is not in it; what followed of an earlier number is no movement."""
    entries = [entry("sale", 199, -1), entry("sale", 200, -3), entry(SHOP_STEP, 201, 50), entry("return", 202, 1)]
    assert told(Level(10), ShopView(100, 7, (), untracked=True), 20, 200, entries, NO_RULES) == (
        Level(8), ShopView(200, 0, (), untracked=False),
    )  # fmt: skip


def test_pieces_that_nobody_counts_any_more() -> None:
    """Nothing is left of a number; what is reserved stays."""
    assert told(Level(10, 4), VIEW, None, 49, [], NO_RULES) == (
        Level(-6), ShopView(49, 6, (COUNTED._replace(state="waiting"), WAITING, GONE), untracked=True),
    )  # fmt: skip


@pytest.mark.parametrize(("at_ms", "refused"), [(199, False), (200, True), (201, True)])
def test_a_newer_count_of_our_own_stands(at_ms: int, refused: bool) -> None:
    """What the shop said before it tells nothing new."""
    assert (told(Level(10), VIEW, 20, 200, [entry("count", at_ms, 5)], NO_RULES) is None) is refused


@pytest.mark.parametrize(
    ("one", "after", "added"),
    [
        (hold("o", "waiting", 199), hold("o", "counted", 199), 12),
        (hold("o", "waiting", 200), hold("o", "counted", 200), 12),
        (hold("o", "waiting", 201), hold("o", "waiting", 201), 10),
        (hold("o", "counted", 201), hold("o", "waiting", 201), 10),
        (hold("o", "handed_out", 199), None, 10),
        (hold("o", "handed_out", 200), None, 10),
        (hold("o", "handed_out", 201), hold("o", "handed_out", 201), 8),
    ],
)
def test_an_order_beside_a_number(one: OrderHold, after: OrderHold | None, added: int) -> None:
    """It is in a number of its own time or later: its pieces are added while they lie here, and taken off after."""
    holds = () if after is None else (after,)
    assert told(Level(10), ShopView(100, 0, (one,)), 20, 200, [], NO_RULES) == (Level(added), ShopView(200, 0, holds))
