"""Stock against brute force: any requests, in any order, each any number of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory import MemoryTable
from shared.domain.stock.level import NO_RULES, Level, StockRules
from shared.domain.stock.movement import Place
from shared.domain.stock.request import Line, StockRequest
from shared.ports import Conflict, Throttled
from shared.stores.stock import KeyReused, ReservationEnded, StockStore, UnknownReservation
from shared.stores.stock_changes import LineRefused
from shared.stores.stock_shards import SHARDS
from tests.support.cases import also_long, cases
from tests.unit.stock.stock_oracle import StockOracle

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
RULES = {"web": StockRules(safety=1), "kadıköy": NO_RULES, "depot": StockRules(backorder=True)}
SKUS = ("jacket-m", "jacket-l")
PLACES = [(sku, location) for sku in SKUS for location in RULES]


def rules_of(location: str) -> StockRules:
    return RULES[location]


def line(kind: str, sku: str = "jacket-m", location: str = "kadıköy", quantity: int = 1, **more: str) -> Line:
    return Line(kind, sku, location, quantity, **more)  # type: ignore[arg-type]


def request(key: str, *lines: Line) -> StockRequest:
    return StockRequest(key, lines, NOW)


def store_of(table: MemoryTable | None = None) -> StockStore:
    return StockStore(table or MemoryTable())


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """Any line; a count may find nothing."""
    kind = draw(st.sampled_from(("sale", "return", "receipt", "transfer", "count")))
    location = draw(st.sampled_from(sorted(RULES)))
    arrival = {"receipt": ("", "expected", "arrived"), "transfer": ("", "expected")}.get(kind, ("",))
    return line(
        kind,
        draw(st.sampled_from(SKUS)),
        location,
        draw(st.integers(0 if kind == "count" else 1, 6)),
        to=draw(st.sampled_from([other for other in sorted(RULES) if other != location])) if kind == "transfer" else "",
        arrival=draw(st.sampled_from(arrival)),
    )


requests = st.one_of(
    st.tuples(st.just("apply"), st.lists(lines(), min_size=1, max_size=4)),
    st.tuples(
        st.just("reserve"),
        st.lists(
            st.builds(
                line, st.just("reserve"), st.sampled_from(SKUS), st.sampled_from(sorted(RULES)), st.integers(1, 3)
            ),
            min_size=1,
            max_size=3,
        ),
    ),
    st.tuples(st.sampled_from(("collected", "released")), st.integers(0, 5)),
)


@also_long
@cases(100)
@given(st.lists(st.tuples(requests, st.integers(0, 2)), max_size=14))
def test_stock_is_what_brute_force_says(asked: list[tuple[tuple[str, object], int]]) -> None:
    """Each request, sent once or several times, is taken exactly when counting by hand takes it, and every level, every
    sum of movements and every open reservation is right after it."""
    oracle, store = StockOracle(RULES), store_of()
    reservations: list[str] = []
    for place, ((kind, what), repeats) in enumerate(asked):
        key = f"r{place}"
        for _ in range(repeats + 1):
            if kind in ("apply", "reserve"):
                assert isinstance(what, list)
                expected = oracle.apply(key, what)
                try:
                    if kind == "apply":
                        store.apply(request(key, *what), rules_of)
                    else:
                        store.reserve(request(key, *what), NOW + timedelta(hours=1), rules_of)
                        reservations.append(key)
                    taken = True
                except LineRefused:
                    taken = False
                assert taken == expected
            elif reservations and isinstance(what, int):
                id_ = reservations[what % len(reservations)]
                was = oracle.done.get(key) == id_
                expected = was or oracle.end(id_, sold=kind == "collected")
                try:
                    store.end(id_, kind, key, NOW, rules_of)  # type: ignore[arg-type]
                    taken = True
                except (LineRefused, ReservationEnded):
                    taken = False
                assert taken == expected
                if taken:
                    oracle.done[key] = id_
        check(store, oracle)


def check(store: StockStore, oracle: StockOracle) -> None:
    found = {level.place: level.level for sku in SKUS for level in store.levels(sku)}
    for sku, location in PLACES:
        level = found.get(Place(sku, location), Level())
        assert level == oracle.level(sku, location)
        assert store.audit(Place(sku, location)) == []
        assert level.reserved >= 0
        assert level.available >= 0 or RULES[location].backorder


def test_the_last_piece_is_sold_once() -> None:
    """Who comes second is told so, with the line; who comes again with the same key is told that he has it."""
    store = store_of()
    store.apply(request("in", line("receipt")), rules_of)
    assert store.apply(request("a", line("sale")), rules_of).levels == (Level(0),)
    with pytest.raises(LineRefused) as refused:
        store.apply(request("b", line("receipt", "jacket-l"), line("sale")), rules_of)
    assert (refused.value.index, refused.value.place.sku, refused.value.reason) == (1, "jacket-m", "out_of_stock")
    assert store.levels("jacket-l") == []
    again = store.apply(request("a", line("sale")), rules_of)
    assert (again.levels, again.repeated) == ((Level(0),), True)


def test_a_key_belongs_to_one_request() -> None:
    """The same key with another line is an error, and so is a reservation's key for a movement."""
    store = store_of()
    store.apply(request("k", line("receipt", quantity=5)), rules_of)
    with pytest.raises(KeyReused):
        store.apply(request("k", line("receipt", quantity=6)), rules_of)
    with pytest.raises(KeyReused):
        store.reserve(request("k", line("reserve")), NOW, rules_of)
    assert store.levels("jacket-m")[0].level == Level(5)


def test_safety_stock_is_not_promised_but_sold_at_the_till() -> None:
    """A reservation leaves the safety stock of its location; a sale takes it."""
    store = store_of()
    store.apply(request("in", line("receipt", location="web", quantity=2)), rules_of)
    with pytest.raises(LineRefused):
        store.reserve(request("r2", line("reserve", location="web", quantity=2)), NOW, rules_of)
    store.apply(request("s2", line("sale", location="web", quantity=2)), rules_of)
    assert store.levels("jacket-m")[0].level == Level(0)


def test_a_reservation_ends_once() -> None:
    """What was collected is not released afterwards, and the other way round; the same request again is known."""
    store = store_of()
    store.apply(request("in", line("receipt", quantity=3)), rules_of)
    store.reserve(request("r", line("reserve", quantity=2)), NOW + timedelta(hours=1), rules_of)
    first = store.end("r", "collected", "till-1", NOW, rules_of)
    assert store.end("r", "collected", "till-1", NOW, rules_of) == first
    for state, key in (("collected", "till-2"), ("expired", "expiry")):
        with pytest.raises(ReservationEnded):
            store.end("r", state, key, NOW, rules_of)  # type: ignore[arg-type]
    with pytest.raises(UnknownReservation):
        store.end("in", "released", "x", NOW, rules_of)
    assert store.levels("jacket-m")[0].level == Level(1)


def test_a_hundred_lines_are_one_change() -> None:
    """A hundred lines on 97 levels are applied at once; after the last line that is refused nothing has happened."""
    store = store_of()
    many = [line("receipt", f"sku-{place % 97}", quantity=place + 1) for place in range(100)]
    store.apply(request("many", *many), rules_of)
    assert store.levels("sku-0")[0].level == Level(1 + 98)
    sold = [line("sale", f"sku-{place}", quantity=500 if place == 89 else 1) for place in range(90)]
    with pytest.raises(LineRefused) as refused:
        store.apply(request("sold", *sold), rules_of)
    assert refused.value.index == 89
    assert store.levels("sku-50")[0].level == Level(51)


def test_the_log_survives_any_number_of_movements() -> None:
    """Fifty movements of a level are found again one by one, and a change of the level alone is noticed."""
    table = MemoryTable()
    store = store_of(table)
    for number in range(50):
        store.apply(request(f"k{number}", line("receipt", quantity=number + 1)), rules_of)
    place = Place("jacket-m", "kadıköy")
    stored = store.levels("jacket-m")[0]
    entries = [entry for chapter in [*store.chapters(place), stored.chapter] for entry in chapter.entries]
    assert [entry.key for entry in entries] == [f"k{number}" for number in range(50)]
    assert store.audit(place) == []
    item = stored.item()
    table.put(item | {"on_hand": item["on_hand"] + 1})
    assert store.audit(place) == ["level_differs"]
    older = next(found for found in table.items() if found["sk"].startswith("log#"))
    table.put(item)
    table.delete(older["pk"], older["sk"])
    assert "entries_missing" in store.audit(place)


def test_who_never_gets_his_turn_is_told_to_come_again() -> None:
    """If others change the level each time, nothing is applied, and the caller hears that he may send it again."""

    class Contended(MemoryTable):
        def transact(self, writes: object) -> None:
            raise Conflict("another came first")

    waited: list[int] = []
    store = StockStore(Contended(), waited.append)
    with pytest.raises(Throttled):
        store.apply(request("k", line("receipt")), rules_of)
    assert waited == list(range(len(waited)))
    assert len(waited) > 5


def test_a_movement_costs_one_read_and_four_writes() -> None:
    """One read unit and four write units for a line; every sixth writes a part of the log for one more."""
    table = MemoryTable()
    store = store_of(table)
    store.apply(request("first", line("receipt", quantity=100)), rules_of)
    table.usage.reset()
    for number in range(60):
        store.apply(request(f"till-4711-{number}", line("sale")), rules_of)
    assert (table.usage.requests, table.usage.read_units, table.usage.write_units) == (130, 60.0, 250.0)


def test_what_does_not_lower_the_stock_is_always_allowed() -> None:
    """After backorder was switched off a level below zero still rises, and still falls no further."""
    store = store_of()
    store.apply(request("sold", line("sale", quantity=3)), lambda _: StockRules(backorder=True))
    store.apply(request("back", line("return")), rules_of)
    store.apply(request("counted", line("count", quantity=0)), rules_of)
    store.apply(request("again", line("sale", quantity=2)), lambda _: StockRules(backorder=True))
    store.apply(request("in", line("receipt")), rules_of)
    assert store.levels("jacket-m")[0].level == Level(-1)
    with pytest.raises(LineRefused):
        store.apply(request("more", line("sale")), rules_of)


def test_what_is_over_is_not_collected() -> None:
    """At the instant of its end a reservation can be collected no more, even if nobody has ended it yet."""
    store = store_of()
    store.apply(request("in", line("receipt")), rules_of)
    store.reserve(request("r", line("reserve")), NOW, rules_of)
    with pytest.raises(ReservationEnded) as ended:
        store.end("r", "collected", "till", NOW, rules_of)
    assert ended.value.state == "expired"
    store.end("r", "expired", "expiry", NOW, rules_of)
    assert store.levels("jacket-m")[0].level == Level(1)


def test_all_levels_are_found_by_sampling() -> None:
    """The index lists every level once, and a start in the middle leaves out what lies before it."""
    store = StockStore(MemoryTable(indexes=("levels",)))
    store.apply(request("in", *[line("receipt", f"sku-{place}") for place in range(60)]), rules_of)
    everywhere = [place for shard in range(SHARDS) for place in store.sample(shard, "0", 100)]
    assert sorted(everywhere) == sorted(Place(f"sku-{place}", "kadıköy") for place in range(60))
    assert len([place for shard in range(SHARDS) for place in store.sample(shard, "8", 100)]) < 60
