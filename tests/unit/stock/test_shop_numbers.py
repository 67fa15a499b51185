"""What a connected shop says of a level and what is moved here give one answer, whatever comes first."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.connectors.translation import ItemSku, ShopLevel
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.stock.level import NO_RULES
from shared.domain.stock.movement import Place
from shared.domain.stock.request import Line, LineKind, StockRequest
from shared.domain.stock.reservation import State
from shared.stores.shop_stock import Settled, ShopStock
from shared.stores.stock import StockStore
from shared.stores.stock_changes import LineRefused
from tests.support.cases import UNIT, cases
from tests.unit.ingest.world import NOW

pytestmark = UNIT
HERE = Place("a", "kadikoy")
Do = Literal["sale", "return", "count", "reserve", "order", "collect", "release", "word", "late", "tick"]
DOS: tuple[Do, ...] = ("sale", "return", "count", "reserve", "order", "collect", "release", "word", "late", "tick")
BEGIN = milliseconds(NOW)


@dataclass
class Held:
    quantity: int
    ordered_ms: int | None
    ended_ms: int | None = None
    sold: bool = False


@dataclass
class Level:
    """The stock under test, and beside it a plain list of all that happened."""

    now: int = BEGIN
    words: list[tuple[int, int]] = field(default_factory=list)
    late: list[ShopLevel] = field(default_factory=list)
    plain: list[tuple[int, int]] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        self.table = MemoryTable(indexes=INDEXES["stock"])
        self.store = StockStore(self.table)
        self.shop = ShopStock(self.table, self.store, lambda _place: NO_RULES, lambda _attempt: None)
        self.shop.take_item("moda", ItemSku("1", "a", BEGIN), moment(BEGIN), Settled())

    def say(self, number: int) -> ShopLevel:
        return ShopLevel("1", HERE.location, number, self.now, number="655")

    def deliver(self, word: ShopLevel) -> None:
        self.shop.take_level("moda", word, moment(self.now), Settled())
        self.words.append((word.at_ms, -word.quantity))

    def key(self) -> str:
        self.made += 1
        return f"k{self.made}"

    def move(self, kind: LineKind, quantity: int) -> None:
        request = StockRequest(self.key(), (Line(kind, *HERE, quantity),), moment(self.now))
        try:
            self.store.apply(request, lambda _place: NO_RULES)
        except LineRefused:
            return
        if kind == "count":
            self.counts.append((self.now, quantity))
        else:
            self.plain.append((self.now, -quantity if kind == "sale" else quantity))

    def reserve(self, quantity: int, ordered_ms: int | None) -> None:
        key, until = self.key(), moment(self.now) + timedelta(days=3)
        at = None if ordered_ms is None else moment(ordered_ms)
        request = StockRequest(key, (Line("reserve", *HERE, quantity),), moment(self.now), ordered_at=at)
        try:
            self.store.reserve(request, until, lambda _place: NO_RULES)
        except LineRefused:
            return
        self.held[key] = Held(quantity, ordered_ms)

    def end(self, key: str, state: State) -> None:
        self.store.end(key, state, self.key(), moment(self.now), lambda _place: NO_RULES)
        self.held[key].ended_ms, self.held[key].sold = self.now, state == "collected"

    @property
    def open(self) -> list[str]:
        return [key for key, one in self.held.items() if one.ended_ms is None]

    def expected(self) -> tuple[int, int]:
        """On hand and reserved, by brute force over the history."""
        at, less = max(self.words)
        counted_at, counted = max(self.counts, default=(0, 0))
        base, since, ours = (counted, counted_at, True) if counted_at >= at else (-less, at, False)
        stands = base + sum(change for when, change in self.plain if when >= since)
        for one in self.held.values():
            known = one.ordered_ms is not None and one.ordered_ms <= at and not ours
            if one.ended_ms is None:
                stands += one.quantity if known else 0
            elif one.sold and not known and (one.ended_ms >= since or (one.ordered_ms is not None and not ours)):
                stands -= one.quantity
        reserved = sum(self.held[key].quantity for key in self.open)
        return max(stands, reserved), reserved


@given(
    dos=st.lists(st.tuples(st.sampled_from(DOS), st.integers(1, 4)), max_size=30),
    first=st.integers(0, 9),
    rng=st.randoms(use_true_random=False),
)
@cases(60, 5_000)
def test_the_level_is_the_newest_number_and_what_was_moved_since(
    dos: list[tuple[Do, int]], first: int, rng: random.Random
) -> None:
    """Numbers that come late, doubled and unchanged; sales, returns, counts, reservations and pick-ups between them."""
    level = Level()
    level.deliver(level.say(first))
    for do, many in dos:
        level.now += 1
        if do in {"sale", "return", "count"}:
            level.move(do, many)
        elif do == "reserve":
            level.reserve(many, None)
        elif do == "order":
            level.reserve(many, level.now - rng.randint(0, 4))
        elif do in {"collect", "release"} and level.open:
            level.end(rng.choice(level.open), "collected" if do == "collect" else "released")
        elif do == "word":
            level.deliver(level.say(rng.choice([first, many])))
        elif do == "late":
            level.late.append(level.say(many))
        elif do == "tick" and level.late:
            word = level.late.pop(rng.randrange(len(level.late)))
            level.deliver(word)
            level.deliver(word)
        [stored] = level.store.levels("a")
        assert (stored.level.on_hand, stored.level.reserved) == level.expected()
        assert level.store.audit(HERE) == []


@given(
    start=st.integers(0, 6),
    dos=st.lists(st.sampled_from(["order", "parcel", "restock", "pick up", "cancel", "word"]), max_size=25),
    rng=st.randoms(use_true_random=False),
)
@cases(20, 5_000)
def test_pick_ups_of_a_shops_orders_are_taken_off_once(start: int, dos: list[str], rng: random.Random) -> None:
    """A shop that is the only one to sell: as soon as all it said is here, we can sell what it can sell, and on hand is
    that with the pieces that wait. The last piece can be ordered for pick-up too."""
    level, can_sell, sent = Level(), start, list[ShopLevel]()
    level.deliver(level.say(start))
    for do in dos:
        level.now += 1_000
        before = can_sell
        if do in {"order", "parcel"} and can_sell:
            can_sell -= 1
        if do == "restock":
            can_sell += 3
        if do == "cancel" and level.open:
            level.end(level.open[0], "released")
            can_sell += 1
        if do == "pick up" and level.open:
            level.end(level.open[-1], "collected")
        if can_sell != before or do == "word":
            sent.append(level.say(can_sell))
        ordered = level.now
        if rng.random() < 0.6:
            rng.shuffle(sent)
            while sent:
                level.deliver(sent.pop())
        if do == "order" and can_sell != before:
            level.now += rng.randint(1, 500)
            held = len(level.held)
            level.reserve(1, ordered)
            assert sent or len(level.held) == held + 1, "what was ordered can be held"
    for word in sent:
        level.deliver(word)
    [stored] = level.store.levels("a")
    waiting = len(level.open)
    assert (stored.level.available, stored.level.on_hand) == (can_sell, can_sell + waiting)
    assert stored.level.available >= 0


def test_what_is_moved_at_the_instant_of_a_number_comes_after_it() -> None:
    """Of the same millisecond or one later, also if more was moved than a level keeps of its log."""
    for after, most in ((0, 1), (1, 1), (0, 40)):
        level = Level()
        level.deliver(level.say(60))
        level.now += 5
        late = level.say(50)
        level.now += after
        for _ in range(most):
            level.move("sale", 1)
        level.now += 1
        level.deliver(late)
        [stored] = level.store.levels("a")
        assert stored.level.on_hand == 50 - most


def test_a_number_of_before_an_order_that_was_handed_out_comes_late() -> None:
    """The piece is in that number, so it is taken off; it is not in the next one, so it is not."""
    level = Level()
    level.deliver(level.say(5))
    level.now += 10
    late = level.say(7)
    level.now += 10
    ordered = level.now
    level.reserve(2, ordered)
    level.now += 10
    level.end("k1", "collected")
    for word, left in ((late, 5), (ShopLevel("1", HERE.location, 4, ordered, number="655"), 4)):
        level.deliver(word)
        [stored] = level.store.levels("a")
        assert (stored.level.on_hand, stored.level.reserved) == (left, 0) == level.expected()
    assert stored.view.holds == ()


def test_a_count_of_ours_includes_what_waits_and_forgets_what_was_handed_out() -> None:
    level = Level()
    level.deliver(level.say(5))
    for key in ("k1", "k2"):
        level.now += 10
        level.reserve(1, level.now)
        assert key in level.held
    level.end("k1", "collected")
    level.now += 10
    level.move("count", 4)
    [stored] = level.store.levels("a")
    assert (stored.level.on_hand, [one.id for one in stored.view.holds]) == (4, ["k2"])
    level.now += 10
    level.deliver(level.say(3))
    [stored] = level.store.levels("a")
    assert (stored.level.on_hand, stored.level.available) == (4, 3)
