"""Anniversaries on the customer's own calendar, and members of other segments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.segments.evaluate import Evaluation
from shared.domain.segments.evaluate_anniversary import day_begins, return_in
from shared.domain.segments.midnight_offset import offset_of
from tests.support.segment_asking import (
    DAY,
    ISTANBUL,
    OFFSET,
    TICK,
    ask,
    bought,
    order,
    said,
)
from tests.support.world import NOW

pytestmark = pytest.mark.unit


def local(day: date, zone: ZoneInfo = ISTANBUL) -> datetime:
    """When a customer's day begins there."""
    return day_begins(day, zone) + OFFSET


def test_a_birthday_is_a_day_a_week_a_month_on_the_customers_own_calendar() -> None:
    """Each from its first moment, a little after midnight, to its last."""
    profile = said(birthday="1990-11-26")
    spans = {"day": (26, 27), "week": (23, 30), "month": (1, None)}
    for this, (first, end) in spans.items():
        who = {"anniversary": {"this": this}}
        begin = local(date(2026, 11, first))
        over = local(date(2026, 12, 1) if end is None else date(2026, 11, end))
        assert ask(who, profile, begin - TICK) == Evaluation(False, begin)
        assert ask(who, profile, begin) == Evaluation(True, over)
        assert ask(who, profile, over).value is False
    ahead = {"anniversary": {"ahead": "7d"}}
    assert ask(ahead, profile, local(date(2026, 11, 20))) == Evaluation(True, local(date(2026, 11, 27)))


def test_29_february_returns_on_1_march_in_common_years() -> None:
    """And the week over New Year belongs to both years."""
    leap = said(birthday="29.02.2000")
    assert ask({"anniversary": {"this": "day"}}, leap) == Evaluation(False, local(date(2027, 3, 1)))
    assert ask({"anniversary": {"this": "day"}}, leap, local(date(2028, 1, 1))) == Evaluation(
        False, local(date(2028, 2, 29))
    )
    assert [return_in(date(2000, 2, 29), year).month for year in (2026, 2027, 2028)] == [3, 3, 2]
    eve = said(birthday="1985-01-01")
    assert ask({"anniversary": {"this": "week"}}, eve) == Evaluation(False, local(date(2026, 12, 28)))


def test_a_day_that_is_to_come_or_nobodys_passes_nothing() -> None:
    """A birthday ahead begins to count on its day, one of 121 years ago no more; a word is no day."""
    today = {"anniversary": {"this": "day"}}
    assert ask(today, said(birthday="2026-12-24")) == Evaluation(False, local(date(2026, 12, 24)))
    assert ask(today, said(birthday="1905-11-22")) == Evaluation(False, None)
    assert ask(today, said(birthday="in May")) == Evaluation(False, None)
    member = {"anniversary": {"trait": "member_since", "this": "month"}}
    assert ask(member, said(member_since="2020-11-02T10:00:00Z")) == Evaluation(True, local(date(2026, 12, 1)))
    assert ask(member, said(member_since="2027-11-02")) == Evaluation(False, local(date(2027, 11, 2)))


def test_days_begin_right_where_clocks_change() -> None:
    """Where midnight is skipped the day begins with the clock's jump; where it comes twice, with the first."""
    beirut, havana = ZoneInfo("Asia/Beirut"), ZoneInfo("America/Havana")
    assert day_begins(date(2026, 3, 29), beirut).astimezone(beirut).time().hour == 1
    assert day_begins(date(2026, 11, 1), havana) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    profile = said(birthday="1990-03-29", time_zone="Asia/Beirut")
    began = day_begins(date(2026, 3, 29), beirut) + OFFSET
    assert ask({"anniversary": {"this": "day"}}, profile, began - TICK) == Evaluation(False, began)


def test_members_of_another_segment_as_its_rule_is_now() -> None:
    """With its window; a segment that is not there holds nobody."""
    profile = bought(order("a", NOW - DAY))
    recent = {"orders": {"at_least": 1, "within": "2d"}}
    assert ask({"in_segment": "recent"}, profile, recent=recent) == Evaluation(True, NOW + DAY)
    assert ask({"not": {"in_segment": "recent"}}, profile, recent=recent) == Evaluation(False, NOW + DAY)
    assert ask({"in_segment": "nowhere"}, profile) == Evaluation(False, None)


def test_offsets_spread_over_half_an_hour() -> None:
    """Always the same for one customer; among a thousand every third of the span is met."""
    offsets = [offset_of(f"u.{number}") for number in range(1_000)]
    assert offsets == [offset_of(f"u.{number}") for number in range(1_000)]
    assert {int(offset / timedelta(minutes=10)) for offset in offsets} == {0, 1, 2}
    assert max(offsets) < timedelta(minutes=30)
