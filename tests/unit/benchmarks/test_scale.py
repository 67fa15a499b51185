"""The simulation of a Black Friday: nothing is made or lost on the way, and each limit does what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale.backlog import Backlog
from benchmarks.scale.black_friday import HOUR, BlackFriday, Day
from benchmarks.scale.bottlenecks import first_of, limits_of, shop_of
from benchmarks.scale.limits import DOUBLING, NEW_TABLE_WRITES, deployed, prepared
from benchmarks.scale.measured import NotMeasured, costs, measured
from benchmarks.scale.page import WAYS, page
from benchmarks.scale.tables import Table

pytestmark = pytest.mark.unit
PAGE = Path(__file__).parents[3] / "docs" / "scale.md"
SMALL = Day(hours=2, quiet=200, peak=2_000, rush_begins=0, rush_hours=1, campaign=36_000, campaign_begins=0,
            campaign_hours=1)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=30))
def test_a_backlog_gives_what_came_first(steps: list[tuple[int, int]]) -> None:
    """Against a list of single things."""
    backlog, oracle = Backlog(), list[int]()
    for second, (coming, going) in enumerate(steps):
        backlog.add(second, coming)
        oracle += [second] * coming
        assert backlog.take(going) == min(going, len(oracle))
        del oracle[:going]
        assert backlog.size == len(oracle)
        assert backlog.age(second) == (second - oracle[0] if oracle else 0)


def test_a_table_doubles_in_half_an_hour() -> None:
    """It takes its warm units at once, twice a peak that is half an hour ago, and never more than the quota."""
    table = Table(warm=NEW_TABLE_WRITES, quota=20_000)
    granted = [table.grant(second, 50_000) * 50_000 for second in range(4 * DOUBLING)]
    assert granted[0] == granted[DOUBLING - 1] == NEW_TABLE_WRITES
    assert granted[DOUBLING + 60] == 2 * NEW_TABLE_WRITES
    assert granted[2 * DOUBLING + 120] == 4 * NEW_TABLE_WRITES
    assert granted[-1] == 20_000
    assert table.throttled == 4 * DOUBLING


def test_a_group_of_keys_takes_a_thousand_each() -> None:
    """However much the whole table takes."""
    table = Table(warm=100_000, quota=100_000)
    assert table.grant(0, 10_000, [(8, 8_000)]) == 1
    assert table.grant(1, 20_000, [(8, 16_000), (8, 100)]) == 0.5
    assert table.throttled == 1


@pytest.mark.parametrize("limits", [deployed(), prepared(), replace(deployed(), api=50, notify=2, stream=1)])
def test_nothing_is_made_or_lost(limits: object) -> None:
    """What came was stored or waits; what was stored was decided or waits; each message was sent or waits."""
    assert isinstance(limits, type(deployed()))
    found = BlackFriday(SMALL, limits, costs()).run()
    came = sum(SMALL.events(second) for second in range(SMALL.hours * HOUR))
    caused = SMALL.answers * found.sent - found.unanswered
    assert found.decided <= found.events
    assert found.decided + found.undecided == pytest.approx(came + caused)
    assert found.sent + found.unsent == pytest.approx(SMALL.campaign)


def test_a_prepared_shop_is_in_time_and_another_is_not() -> None:
    """The same day: with SES's first rate a campaign waits; with the raised settings it is out when it should be."""
    day = replace(SMALL, peak=200, campaign=360_000, hours=1)
    late, timely = (BlackFriday(day, limits, costs()).run() for limits in (deployed(), prepared()))
    assert late.sent == pytest.approx(0.8 * 14 * HOUR, rel=0.01)
    assert late.lag["sent"] > HOUR / 2
    assert timely.unsent < 1
    assert timely.lag["sent"] <= 1


def test_more_customers_meet_a_limit_sooner() -> None:
    """Every share grows with the shop, and preparing lowers each that a setting or a quota can lower."""
    small, large = (limits_of(shop_of(count), deployed(), costs()) for count in (1_000_000, 100_000_000))
    shares = {one.what: one.used for one in small}
    assert all(one.used == pytest.approx(100 * shares[one.what]) for one in large)
    after = {one.what: one.used for one in limits_of(shop_of(100_000_000), prepared(), costs())}
    for one in large:
        assert after[one.what] < one.used or one.kind == "our code"
    assert max(after.values()) < 1
    assert {first_of(large, way).way for way in WAYS} == set(WAYS)


def test_costs_are_those_of_the_benchmark() -> None:
    """A row that the table no longer has is said, not guessed."""
    assert costs().message_writes == measured("messages", "e-mail: write units") > 1
    with pytest.raises(NotMeasured, match="no row"):
        measured("messages", "by pigeon")


@pytest.mark.long
def test_the_page_is_what_is_computed() -> None:
    """`make scale` writes it anew."""
    assert PAGE.read_text("utf-8") == page()
