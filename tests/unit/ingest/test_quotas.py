"""How much a source may send: nobody is refused below the limit, and no more is taken than the documents say."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.adapters.memory import MemoryTable
from shared.domain.events.quota import PUBLIC, UNLIMITED, Quota, Sent, over_quota, read_quota
from shared.ports import Throttled
from shared.stores.known_counts import SeenOwners
from shared.stores.source_counters import MOST_PENDING, SourceCounters
from shared.stores.sources import add_source, set_quota
from tests.unit.ingest.world import NOW, STORE_KEY, WEB, WEB_KEY, World

pytestmark = pytest.mark.unit


def limited(**limits: int) -> World:
    """A deployment whose web shop may send so much."""
    world = World()
    change(world, Quota(**limits))
    return world


def change(world: World, quota: Quota | None) -> None:
    [item] = [one for one in world.catalog.items() if one.get("name") == "web"]
    set_quota(world.catalog, item, quota)


def send(world: World, events: int, first: int = 0) -> int:
    """One batch of events, each of a person of its own; the status."""
    batch = [
        {"type": "track", "event": "Seen", "anonymousId": f"a{first + number}", "messageId": f"m{first + number}"}
        for number in range(events)
    ]
    return world.post("/v1/batch", {"batch": batch}, key=WEB_KEY)[0]


def test_who_reached_the_limit_is_told_when_to_come_again() -> None:
    """429 with the seconds to the next minute; nothing of the request is stored; then the source may send again."""
    world = limited(events_per_minute=5)
    world.clock.advance(timedelta(seconds=20))
    assert [send(world, 2, 10 * number) for number in range(4)] == [200, 200, 200, 429]
    stored = len(world.customers.items())
    answer = world.answer(_post({"event": "Seen", "anonymousId": "x"}))
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (429, "40")
    assert len(world.customers.items()) == stored == 6
    world.clock.advance(timedelta(seconds=40))
    assert send(world, 2, 100) == 200


def _post(body: Any) -> dict[str, Any]:
    from tests.unit.ingest.world import basic, http_event

    return http_event("POST", "/v1/track", body, basic(WEB_KEY))


def test_the_day_has_a_limit_too() -> None:
    """It counts the hours before, also those that another environment took; the next day begins at midnight by UTC."""
    world = limited(events_per_day=5)
    others = SourceCounters(world.metrics, lambda: 0.0)
    others.note(WEB, world.clock.now() - timedelta(hours=2), accepted=3)
    others.note(WEB, world.clock.now() - timedelta(days=1), accepted=100)
    others.flush()
    assert [send(world, 1, number) for number in range(4)] == [200, 200, 429, 429]
    answer = world.answer(_post({"event": "Seen", "anonymousId": "x"}))
    assert answer["headers"]["retry-after"] == str(14 * 3_600)
    world.clock.advance(timedelta(hours=14))
    assert send(world, 1, 50) == 200


def test_people_that_are_made_up_have_a_limit() -> None:
    """Of the same people any number of events may come."""
    world = limited(identifiers_per_minute=3)
    assert [send(world, 1, number) for number in (1, 2, 1, 2, 1, 3, 1)] == [200] * 6 + [429]
    world.clock.advance(timedelta(minutes=1))
    assert [send(world, 1, number) for number in (1, 2, 3, 1, 4)] == [200] * 5


def test_a_source_without_a_quota_of_its_own_has_that_of_its_trust() -> None:
    """Public ones are limited, trusted ones are not; a quota can be taken back."""
    assert read_quota(None, trusted=False) == PUBLIC
    assert read_quota(None, trusted=True) == UNLIMITED
    world = limited(events_per_minute=1)
    assert [send(world, 1, number) for number in range(2)] == [200, 429]
    change(world, None)
    world.clock.advance(timedelta(minutes=2))
    assert [send(world, 1, number) for number in range(3)] == [200] * 3
    change(world, UNLIMITED)
    world.clock.advance(timedelta(minutes=2))
    assert send(world, 1, 9) == 200


def test_changing_a_source_keeps_its_other_settings() -> None:
    """What it may claim and grant stays, and so does the key."""
    world = World()
    add_source(world.catalog, "k", replace(WEB, name="app", may_grant_consent=True), created_at=NOW)
    [item] = [one for one in world.catalog.items() if one.get("name") == "app"]
    set_quota(world.catalog, item, Quota(events_per_minute=7))
    found = world.environment.sources.find("k")
    assert found is not None
    assert found.source.may_grant_consent
    assert found.quota == Quota(events_per_minute=7)


def test_a_table_of_counters_that_does_not_answer_loses_no_event() -> None:
    """The environment holds the limit by itself."""
    world = limited(events_per_minute=5, events_per_day=1_000)

    def throttled(*_: Any, **__: Any) -> Any:
        raise Throttled

    world.metrics.add = world.metrics.query = throttled  # type: ignore[method-assign]
    assert [send(world, 2, 10 * number) for number in range(4)] == [200, 200, 200, 429]


def test_a_quota_costs_no_request() -> None:
    """A minute of single events costs the three writes of counters that it cost before; a limit of the day one read an
    hour."""
    for limits, requests in (({"events_per_minute": 10_000}, 3), ({"events_per_day": 10_000}, 4)):
        world = limited(**limits)
        for number in range(600):
            send(world, 1, number)
            world.clock.advance(timedelta(milliseconds=100))
        assert world.metrics.usage.requests == requests


def test_the_quota_and_the_busiest_minute_are_shown() -> None:
    """Beside what was refused for it."""
    world = limited(events_per_minute=3)
    for number in range(5):
        send(world, 2, 10 * number)
    world.post("/v1/track", {"event": "Seen", "userId": "1"}, key=STORE_KEY)
    web, store = (
        next(one for one in world.get("/v1/sources")[1]["items"] if one["name"] == name) for name in ("web", "store")
    )
    assert web["quota"] == {"events_per_minute": 3, "events_per_day": None, "identifiers_per_minute": None}
    assert (web["busiest_minute"], web["events"]) == (4, 4)
    assert web["refused"] == [{"reason": "over_quota", "count": 3}]
    assert store["quota"] is None


@given(
    st.integers(0, 10),
    st.integers(0, 10),
    st.integers(0, 10),
    st.builds(Quota, *[st.none() | st.integers(1, 10)] * 3),
    st.floats(0, 400 * 86_400),
)
def test_a_limit_is_reached_when_there_is_no_room_for_one_event(
    minute: int, day: int, identifiers: int, quota: Quota, later: float
) -> None:
    """And the time that is told is after the end of the minute or day, by less than a second."""
    now = NOW + timedelta(seconds=later)
    found = over_quota(quota, Sent(minute, day, identifiers), now)
    reached = {
        name
        for name, most, sent in (
            ("events_per_minute", quota.events_per_minute, minute),
            ("events_per_day", quota.events_per_day, day),
            ("identifiers_per_minute", quota.identifiers_per_minute, identifiers),
        )
        if most is not None and sent >= most
    }
    assert (found is None) == (not reached)
    if found is not None:
        assert found.limit in reached
        then = now + timedelta(seconds=found.retry_after)
        ended = then.date() > now.date() if found.limit == "events_per_day" else _minute(then) > _minute(now)
        early = then - timedelta(seconds=1)
        assert ended
        assert found.retry_after == 1 or (
            early.date() == now.date() if "day" in found.limit else _minute(early) == _minute(now)
        )


def _minute(when: datetime) -> datetime:
    return when.replace(second=0, microsecond=0)


@given(st.lists(st.lists(st.integers(0, 12), max_size=6), max_size=10), st.integers(1, 8))
def test_new_is_what_was_not_seen_lately(requests: list[list[int]], most: int) -> None:
    """Compared with a list of what was seen, the newest last."""
    seen, lately = SeenOwners(most), list[str]()
    for request in requests:
        owners = list(dict.fromkeys(map(str, request)))
        expected = 0
        for owner in owners:
            expected += owner not in lately
            lately = [*(one for one in lately if one != owner), owner][-most:]
        assert seen.new(owners) == expected


ENVIRONMENTS = 3
REQUESTS = st.lists(st.tuples(st.integers(0, ENVIRONMENTS - 1), st.integers(1, 400), st.floats(0, 25)), max_size=60)
"""Which environment takes it, how many events it holds, and the seconds since the one before."""


@given(REQUESTS, st.integers(1, 3_000), st.lists(st.booleans(), max_size=60))
def test_no_more_is_taken_than_documented_and_nobody_is_refused_early(
    requests: list[tuple[int, int, float]], limit: int, error: list[bool]
) -> None:
    """Over any split of requests over environments and times, and with writes of counters that fail: who is refused has
    reached the limit, by a count of all requests; and without failures a minute never holds more than the limit, one
    largest request and 500 events for each environment."""
    table, seconds, fails = MemoryTable(), [0.0], [False]
    add = table.add

    def added(*arguments: Any, **more: Any) -> dict[str, int]:
        if fails[0]:
            raise Throttled
        return add(*arguments, **more)

    table.add = added  # type: ignore[method-assign]
    environments = [SourceCounters(table, lambda: seconds[0]) for _ in range(ENVIRONMENTS)]
    quota = Quota(events_per_minute=limit)
    taken: Counter[datetime] = Counter()
    largest = max((events for _, events, _ in requests), default=0)
    for place, (environment, events, after) in enumerate(requests):
        seconds[0] += after
        fails[0] = place < len(error) and error[place]
        now = NOW + timedelta(seconds=seconds[0])
        counters, minute = environments[environment], now.replace(second=0, microsecond=0)
        if over_quota(quota, counters.sent(WEB, now, day=False), now) is not None:
            assert taken[minute] >= limit
            counters.note(WEB, now, refused=("over_quota",), quota=quota)
            continue
        counters.note(WEB, now, accepted=events, quota=quota)
        taken[minute] += events
    if not any(error):
        assert max(taken.values(), default=0) <= limit + ENVIRONMENTS * (MOST_PENDING + largest)
    else:
        assert max(taken.values(), default=0) <= ENVIRONMENTS * (limit + MOST_PENDING + largest)
