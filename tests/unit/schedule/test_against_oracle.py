"""Random cart timelines: schedule says what brute force says; duplicates and delays never say more."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.definitions.shop import Shop
from tests.support.cases import UNIT, cases
from tests.unit.schedule.oracle import MINUTE, Happening, Oracle
from tests.unit.schedule.world import World

pytestmark = UNIT
EMAIL = frozenset({"email"})
DAYS = 16
ZONES = ("Europe/Istanbul", "America/New_York", "Asia/Kathmandu")
START = datetime(2026, 10, 25, tzinfo=UTC)
"""New York's clocks go back a week later."""

products = st.sampled_from(["p1", "p2"])
happenings = st.one_of(
    st.tuples(st.just("add"), products),
    st.tuples(st.just("add"), products),
    st.tuples(st.just("remove"), products),
    st.tuples(st.just("order"), st.sampled_from(["*", "p1", "other"])),
    st.tuples(st.sampled_from(["lose", "reach"]), st.just("")),
)
gaps = st.one_of(st.integers(1, 90), st.integers(1, 30 * 60), st.sampled_from([60, 24 * 60, 72 * 60, 7 * 24 * 60]))
timelines = st.lists(st.tuples(gaps, happenings), min_size=1, max_size=9)


def times(timeline: list[tuple[int, tuple[str, str]]]) -> list[Happening]:
    minute, found = 0, []
    for gap, (what, product) in timeline:
        minute += gap
        if minute < DAYS * 24 * 60:
            found.append((minute, what, product))
    return found


def happen(world: World, happening: Happening) -> None:
    minute, what, product = happening
    at = START + minute * MINUTE
    if what == "add":
        world.add(at, product)
    elif what == "remove":
        world.remove(at, product)
    elif what in ("lose", "reach"):
        world.now = max(world.now, at)
        world.reachable = EMAIL if what == "reach" else frozenset()
    else:
        bought = ("p1", "p2") if product == "*" else (product,)
        world.order(at, *bought, order_id=f"o{minute}")


@cases(26, 10_000)
@given(timelines, st.sampled_from(ZONES), st.booleans())
@example([(16 * 60 + 30, ("add", "p1"))], "Europe/Istanbul", True)
@example(
    [(7 * 60, ("lose", "")), (1, ("add", "p1")), (360, ("reach", "")), (1, ("add", "p2"))], "Europe/Istanbul", False
)
def test_schedule_sends_what_brute_force_sends(
    timeline: list[tuple[int, tuple[str, str]]], zone: str, capped: bool
) -> None:
    """An order before a due time means no send from then on, else one per stage, moved only by the send hours and by a
    cap of one message a day."""
    found = times(timeline)
    world = World(shop=Shop(name="Kervan", time_zone=zone), reachable=EMAIL, now=START)
    world.per_local_day = 1 if capped else None
    for happening in found:
        world.until(START + happening[0] * MINUTE)
        happen(world, happening)
    world.until(START + timedelta(days=DAYS + 10))
    expected = Oracle(START, zone, capped).play(found, (DAYS + 10) * 24 * 60)
    assert [(step, at) for step, _, at in world.sent] == expected


@cases(13)
@given(timelines, st.randoms(use_true_random=False))
def test_duplicates_delays_and_crashes_never_send_twice_or_after_an_order(
    timeline: list[tuple[int, tuple[str, str]]], random: object
) -> None:
    """Timers that come twice, hours late, or again after a crash between the hand-over and its record: per enrollment
    each step goes out once per channel at most, and nothing goes out after an order while its enrollment lasts."""
    world = World(shop=Shop(name="Kervan"), now=START)
    for happening in times(timeline):
        troubled(world, START + happening[0] * MINUTE, random)
        happen(world, happening)
        if happening[1] not in ("lose", "reach"):
            world.tell()
        if happening[1] == "order":
            assert not any(enrollment.live for enrollment in world.enrollments)
    troubled(world, START + timedelta(days=DAYS + 10), random)
    ends = {
        enrollment.id: enrollment.end.at
        for enrollment in world.enrollments
        if enrollment.end and enrollment.end.reason != "completed"
    }
    messages = [item for partition in world.messages._items.values() for item in partition.values()]
    for item in messages:
        if "sent_ms" in item and item["enrollment"] in ends:
            assert item["sent_ms"] <= ends[item["enrollment"]].timestamp() * 1000
    assert len(world.deliveries) == len([item for item in messages if "sent_ms" in item])
    assert all(count == 1 for count in Counter(delivery.id for delivery in world.deliveries).values())
    assert world.failures.bodies == []


def troubled(world: World, moment: datetime, random: object) -> None:
    """Time passes with timers armed again, ticks left out, and writes of enrollments that are lost."""
    choose = random.random  # type: ignore[attr-defined]
    put = world.store.put_enrollment
    for _ in range(400):
        due = world.next_due()
        if due is None or due >= moment:
            break
        late = timedelta(hours=6) if choose() < 0.15 else timedelta()
        world.now = max(world.now, min(due + late, moment))
        if choose() < 0.3:
            for enrollment in world.enrollments:
                world.timers.arm("journey", world.now, enrollment.home, enrollment.ref, 99)
        if choose() < 0.2:
            world.store.put_enrollment = crash  # type: ignore[method-assign]
            with suppress(ConnectionError):
                world.tick()
            world.store.put_enrollment = put  # type: ignore[method-assign]
            world.notify()
        world.tick()
    world.now = max(world.now, moment)


def crash(*_: object, **__: object) -> None:
    raise ConnectionError("the function was killed here")
