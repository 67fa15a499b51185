"""What channels say may be anything: one customer's oddity costs nobody else a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.schedule import on_customer
from shared.domain.definitions.release import Release
from shared.domain.journeys.enrollment import End, Enrollment, Trigger, to_item
from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ends, ist, journey, of, send, sent
from tests.unit.schedule.test_handlers import environment, image, record
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit
UNTIL_IT_ENDS = {"wait": {"until": {"property": "ends_at"}}}


def test_one_step_that_cannot_be_written_costs_the_page_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two enrollments of one shard are due in one page; what one of them arms is no time: the other is sent."""
    odd, other = (
        journey(journey=name, start={"event": name.title()}, steps=[send(name, at="1h"), send(f"{name}2", at="30h")])
        for name in ("odd", "other")
    )
    world = World(journeys=(odd, other), reachable=EMAIL)
    world.event("Odd", ist(2, 10))
    world.event("Other", ist(2, 10))
    item = world.timers.item

    def item_of(kind: Any, due: datetime, home: str, ref: str, revision: int, step: str = "") -> dict[str, Any]:
        if ref.startswith("odd"):
            raise OverflowError("year 10000 is out of range")
        return item(kind, due, home, ref, revision, step)

    monkeypatch.setattr(world.timers, "item", item_of)
    world.until(ist(2, 12))
    assert [step for step, _ in sent(world)] == ["other"]
    [body] = world.failures.bodies
    assert '"ref": "odd#' in body


@pytest.mark.parametrize("ends_at", ["9999-12-31T23:59:59.999999Z", "3026-11-02T18:00:00Z", "9999-12-31"])
def test_an_offer_that_never_ends_is_waited_for_by_nobody(ends_at: str) -> None:
    """The enrollment would stand in the way of every later one; the next offer is an offer like any other."""
    offer = journey(
        journey="offer", group="g", start={"event": "Offer Started"}, steps=[{"wait": "1h"}, UNTIL_IT_ENDS, send("a")]
    )  # fmt: skip
    low = journey(journey="low", group="g", start={"event": "Signed Up"}, steps=[send("hello", at="1h")])
    world = World(journeys=(offer, low), reachable=EMAIL)
    world.event("Offer Started", ist(2, 10), ends_at=ends_at)
    world.until(ist(2, 12))
    assert ends(world) == ["no_moment"]
    world.event("Offer Started", ist(3, 10), ends_at="2026-11-03T15:00:00+03:00")
    world.until(ist(4, 10))
    world.event("Signed Up", ist(4, 10))
    world.until(ist(5, 10))
    assert sent(world) == [("a", ist(3, 15)), ("hello", ist(4, 11))]
    assert world.failures.bodies == []


@pytest.mark.parametrize("said", ["2026-11-02 18:00:00+03:00", "2026-11-02 18:00", " 2026-11-02T18:00:00+03:00 "])
def test_an_instant_as_databases_write_it(said: str) -> None:
    """With a space, without an offset: it is an instant all the same, and kept as it was written."""
    world = of({"wait": {"until": {"property": "ends_at", "before": "2h"}}}, send("last"))
    world.event("Signed Up", ist(2, 10), ends_at=said)
    world.until(ist(5, 10))
    assert sent(world) == [("last", ist(2, 16))]


def test_what_is_no_instant_is_not_kept_with_the_enrollment() -> None:
    """Whatever text a page puts there."""
    world = of({"wait": "1h"}, UNTIL_IT_ENDS, send("a"))
    world.event("Signed Up", ist(2, 10), ends_at="Ayşe, Bağdat Caddesi 1")
    assert [dict(enrollment.trigger.values) for enrollment in world.enrollments] == [{}]


def test_a_journey_that_cannot_begin_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is confirmed although another journey breaks over it; the failure queue gets the record's key."""
    bad = journey(journey="a-bad-one", start={"event": "Order Completed"}, one_per="order_id", steps=[send("call")])
    world = World(journeys=(bad, journey(POST_PURCHASE)), reachable=EMAIL)
    begin = world.scheduling._begin

    def breaks(release: Any, definition: Any, *more: Any) -> Any:
        if definition.journey == "a-bad-one":
            raise ArithmeticError
        return begin(release, definition, *more)

    monkeypatch.setattr(world.scheduling, "_begin", breaks)
    monkeypatch.setattr(world, "tell", lambda: told(world))
    world.order(ist(2, 10), order_id="A")
    world.until(ist(3, 10))
    assert [step for step, _ in sent(world)] == ["confirmed"]
    [body] = world.failures.bodies
    assert world.key in body


def told(world: World) -> None:
    old, new = world.change
    before = image(world.key, old) if old else None
    answer = on_customer.respond({"Records": [record(1, image(world.key, new), before)]}, environment(world))
    assert answer == {"batchItemFailures": []}


def test_a_release_that_cannot_be_read_is_asked_for_every_ten_minutes() -> None:
    """Nothing is decided without it, and the alarm on errors goes on; but not with every tick, and new enrollments
    begin."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.releases.publish(Release(0, world.shop, journeys=world.journeys))
    text = world.catalog.get("release#1", "part#000")
    assert text is not None
    world.catalog.delete("release#1", "part#000")
    world.releases._parsed.clear()
    world.releases._read_at = None
    errors = 0
    for minute in range(60):
        world.now = ist(2, 10) + timedelta(minutes=minute)
        errors += len(world.tick().errors)
    assert 4 <= errors <= 7
    world.order(world.now, order_id="B")
    world.until(world.now + timedelta(minutes=1))
    assert [step for step, _ in sent(world)] == ["confirmed"]
    world.catalog.put(text)
    world.until(world.now + timedelta(minutes=15))
    assert [step for step, _ in sent(world)] == ["confirmed"] * 2


def test_the_last_millisecond_of_the_calendar_can_be_armed() -> None:
    """There is none after it to round up to."""
    world = World()
    world.timers.arm("journey", datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), world.key, "x#y")
    assert world.next_due() is not None


def test_one_enrollment_that_cannot_be_stored_costs_its_page_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up with its key; the enrollment beside it is written and goes on."""
    ends_soon = journey(journey="odd", start={"event": "Odd"}, steps=[send("odd")])
    other = journey(journey="other", start={"event": "Other"}, steps=[send("one"), send("two", at="1h")])
    world = World(journeys=(ends_soon, other), reachable=EMAIL)
    world.event("Odd", ist(2, 10))
    world.event("Other", ist(2, 10))
    store = world.scheduling.store

    def breaks(before: Any, after: Any, customer: Any) -> Any:
        if after.journey == "odd":
            raise KeyError("owner")
        return store(before, after, customer)

    monkeypatch.setattr(world.scheduling, "store", breaks)
    world.until(ist(2, 12))
    assert [step for step, _ in sent(world) if step != "odd"] == ["one", "two"]
    assert len(world.failures.bodies) == 1


def test_a_release_that_is_gone_keeps_no_event_from_being_heard() -> None:
    """An enrollment of long ago pins it: whether that one said something is not known, so re-entry is waited for."""
    definition = journey(journey="a", start={"event": "A"}, reenter={"after": "30d"}, steps=[send("a1")])
    world = World(journeys=(definition, journey(POST_PURCHASE)), reachable=EMAIL)
    trigger = Trigger("A", world.key, "t#x", ist(1, 10))
    old = Enrollment("a", "old", world.key, 99, trigger, ist(1, 10), end=End("superseded", ist(2, 9)), version=1)
    world.store.put_enrollment(world.key, to_item(old), expect={"pk": None})
    world.event("A", ist(2, 10))
    world.order(ist(2, 10, 1), order_id="A")
    world.until(ist(3, 10))
    assert [step for step, _ in sent(world)] == ["confirmed"]
