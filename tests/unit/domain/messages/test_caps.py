"""Frequency caps against a brute-force count of what was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.definitions.shop import Cap
from shared.domain.messages.caps import Capped, Place, check, check_personal, release, reserve
from shared.domain.messages.message import Reason
from tests.support.cases import also_long, cases

pytestmark = pytest.mark.unit

START = datetime(2026, 10, 20, tzinfo=UTC)
ZONES = [ZoneInfo(name) for name in ("Europe/Istanbul", "Europe/Berlin", "America/New_York", "Pacific/Apia")]

moves = st.lists(
    st.tuples(st.integers(0, 40 * 60), st.integers(0, 5), st.sampled_from(["push", "email", "sms"]), st.booleans()),
    max_size=40,
)


def oracle(sent: list[tuple[datetime, str, str]], caps: dict[str, Cap], unit: str, tags: tuple[str, ...], now: datetime,
           zone: ZoneInfo) -> bool:  # fmt: skip
    """May it go, by counting the log: (time, unit, tag) of everything that was not given back."""
    for tag in tags:
        cap = caps.get(tag)
        if cap is None or any((u, t) == (unit, tag) for _, u, t in sent):
            continue
        times = {u: min(at for at, other, t in sent if (other, t) == (u, tag)) for _, u, t in sent if t == tag}
        today = [at for at in times.values() if at.astimezone(zone).date() == now.astimezone(zone).date()]
        week = [at for at in times.values() if now - at < timedelta(days=7)]
        if cap.per_local_day is not None and len(today) >= cap.per_local_day:
            return False
        if cap.per_7d is not None and len(week) >= cap.per_7d:
            return False
    return True


@also_long
@cases(50)
@given(
    moves=moves,
    zone=st.sampled_from(ZONES),
    per_day=st.none() | st.integers(0, 3),
    per_week=st.none() | st.integers(0, 4),
    sms=st.none() | st.integers(0, 2),
)
def test_caps_agree_with_counting(
    moves: list[tuple[int, int, str, bool]], zone: ZoneInfo, per_day: int | None, per_week: int | None, sms: int | None
) -> None:
    """Over any history of sends, failures and fallbacks, a place is found exactly when the log has room; and before the
    instant that a refusal names there is none."""
    caps = {"marketing": Cap(per_local_day=per_day, per_7d=per_week), "sms": Cap(per_7d=sms)}
    taken: frozenset[Place] = frozenset()
    log: list[tuple[datetime, str, str, str]] = []
    now = START
    for minutes, number, channel, fails in moves:
        now += timedelta(minutes=minutes)
        unit, tags = f"step-{number}", ("marketing", channel)
        log = [entry for entry in log if entry[0] > now - timedelta(days=9)]
        sent = [(at, u, t) for at, u, t, _ in log]
        capped = check((p for p in taken if p.at > now - timedelta(days=9)), caps, unit, tags, now, zone)
        assert (capped is None) == oracle(sent, caps, unit, tags, now, zone)
        if capped is not None:
            first_room(capped, [(at, u, t) for at, u, t in sent], caps, unit, tags, zone)
            continue
        taken = reserve(taken, unit, tags, channel, now)
        have = {(u, t) for _, u, t, _ in log}
        log += [(now, unit, tag, channel) for tag in tags if (unit, tag) not in have]
        if fails:
            taken = release(taken, unit, channel)
            log = [entry for entry in log if (entry[1], entry[3]) != (unit, channel)]


def first_room(
    capped: Capped, sent: list[tuple[datetime, str, str]], caps: dict[str, Cap], unit: str, tags: tuple[str, ...],
    zone: ZoneInfo,
) -> None:  # fmt: skip
    """Just before ``until`` the log is still full; a cap of zero never opens."""
    if capped.until is None:
        assert any(cap.per_local_day == 0 or cap.per_7d == 0 for tag in tags if (cap := caps.get(tag)))
        return
    assert not oracle(sent, caps, unit, tags, capped.until - timedelta(microseconds=1), zone)


def test_exactly_seven_days_ago_is_outside() -> None:
    """Half-open: a message exactly 7 x 24 h old does not count any more."""
    taken = reserve(frozenset(), "a", ("marketing",), "email", START)
    caps = {"marketing": Cap(per_7d=1)}
    zone = ZONES[0]
    almost = START + timedelta(days=7) - timedelta(milliseconds=1)
    assert check(taken, caps, "b", ("marketing",), almost, zone) == Capped(
        Reason.WEEKLY_CAP, START + timedelta(days=7), "marketing"
    )
    assert check(taken, caps, "b", ("marketing",), START + timedelta(days=7), zone) is None


def test_a_day_is_the_customers_day() -> None:
    """23:30 and 00:30 in Istanbul are two days, though the same in UTC."""
    zone = ZoneInfo("Europe/Istanbul")
    late = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    taken = reserve(frozenset(), "a", ("marketing",), "email", late)
    caps = {"marketing": Cap(per_local_day=1)}
    capped = check(taken, caps, "b", ("marketing",), late + timedelta(minutes=10), zone)
    assert capped == Capped(Reason.DAILY_CAP, datetime(2026, 11, 22, 21, 0, tzinfo=UTC), "marketing")
    assert check(taken, caps, "b", ("marketing",), late + timedelta(hours=1), zone) is None


def place(unit: str, hours: float, tag: str = "marketing", message: str = "") -> Place:
    return Place(unit, tag, START + timedelta(hours=hours), "email", message)


@pytest.mark.parametrize(("hours", "waits"), [(48, False), (47.9, True), (1, True)])
def test_a_cap_chosen_by_the_customer_is_so_many_times_24_hours(hours: float, waits: bool) -> None:
    """Two days after the last message there is room, to the second; who waits is told until when, and for what."""
    now = START + timedelta(hours=hours)
    taken = [place("a", -30, message="m0"), place("b", 0, message="m1"), place("c", 1, tag="email", message="m2")]
    capped = check_personal(taken, 2, "d", "marketing", now)
    assert (capped is not None) is waits
    if capped is not None:
        assert (capped.reason, capped.until, capped.tag) == (
            Reason.PERSONAL_CAP, START + timedelta(days=2), "marketing",
        )  # fmt: skip
        assert [one["id"] for one in capped.found] == ["m1", "m0"]


def test_without_a_wish_or_with_a_place_nothing_waits() -> None:
    """The next channel of the same step takes no second place; a place under another tag does not count."""
    taken = [place("a", 0)]
    assert check_personal(taken, 0, "b", "marketing", START) is None
    assert check_personal(taken, 7, "a", "marketing", START) is None
    assert check_personal(taken, 7, "b", "sms", START) is None
    assert check_personal(taken, 7, "b", "marketing", START) is not None


def test_the_longest_wait_is_named() -> None:
    """A cap of zero never opens, so it is named before one that opens tomorrow, whichever is asked first."""
    caps = {"marketing": Cap(per_local_day=1), "sms": Cap(per_7d=0), "email": Cap(per_7d=1)}
    taken = [place("a", 0), place("a", 0, tag="email")]
    for tags in (("marketing", "sms"), ("sms", "marketing")):
        capped = check(taken, caps, "b", tags, START, ZoneInfo("UTC"))
        assert capped is not None
        assert (capped.tag, capped.until) == ("sms", None)
    for tags in (("marketing", "email"), ("email", "marketing")):
        capped = check(taken, caps, "b", tags, START, ZoneInfo("UTC"))
        assert capped is not None
        assert (capped.tag, capped.until) == ("email", START + timedelta(days=7))


def test_a_refusal_shows_the_newest_messages_that_took_the_places_of_its_tag() -> None:
    """Each with its channel and the id of its message; what another tag counts is not among them. A cap of zero never
    has a place."""
    utc = ZoneInfo("UTC")
    taken = reserve((), "u1", ("marketing", "email"), "email", START, "m1")
    taken = reserve(taken, "u2", ("sms",), "sms", START + timedelta(minutes=1), "m2")
    full = check(taken, {"marketing": Cap(per_local_day=1)}, "u3", ("marketing",), START + timedelta(hours=1), utc)
    assert full == Capped(Reason.DAILY_CAP, START + timedelta(days=1), "marketing")
    assert [dict(one) for one in full.found] == [
        {"kind": "message", "id": "m1", "at": "2026-10-20T00:00:00.000Z", "channel": "email"}
    ]
    never = check((), {"marketing": Cap(per_local_day=0)}, "u3", ("marketing",), START, utc)
    assert never == Capped(Reason.DAILY_CAP, None, "marketing")


def test_a_unit_that_two_roots_hold_counts_from_the_earlier() -> None:
    """Whatever order the places come in."""
    twice = [Place("u1", "marketing", START + timedelta(hours=at), "email") for at in (1, 2)]
    for places in (twice, twice[::-1]):
        found = check(
            places, {"marketing": Cap(per_7d=1)}, "u2", ("marketing",), START + timedelta(days=1), ZoneInfo("UTC")
        )
        assert found == Capped(Reason.WEEKLY_CAP, START + timedelta(days=7, hours=1), "marketing")


def test_a_unit_names_its_message_once() -> None:
    """At its first place, with its channel; a later channel of the same unit adds no name, other units do not count."""
    first = reserve((), "u1", ("marketing", "push"), "push", START, "m1")
    assert {(one.tag, one.message, one.channel) for one in first} == {("marketing", "m1", "push"), ("push", "", "push")}
    later = reserve(first, "u1", ("marketing", "email"), "email", START + timedelta(hours=1), "m2")
    assert {one.message for one in later} == {"m1", ""}
    other = reserve(later, "u2", ("marketing",), "email", START + timedelta(hours=2), "m3")
    assert Place("u2", "marketing", START + timedelta(hours=2), "email", "m3") in other
