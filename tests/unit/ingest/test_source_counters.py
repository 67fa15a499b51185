"""What each source sent, refused and could not use, is counted and told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.settings import Settings
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Source
from shared.domain.events.refusals import RefusalCode
from shared.domain.events.source_counts import NO_EVENTS, SourceCounts, field_pattern, write_counts
from shared.domain.events.warnings import AMOUNTS, FieldWarning, WarningCode
from shared.ports import Throttled
from shared.stores.releases import Releases
from shared.stores.source_counters import (
    EVERY_SECONDS,
    KEEP,
    MOST_PENDING,
    SourceCounters,
    count_failed,
    first_hour,
    read_hours,
)
from tests.unit.ingest.world import NOW, STORE, STORE_KEY, WEB, WEB_KEY, World, http_event

pytestmark = pytest.mark.unit


def track(number: int, **properties: Any) -> dict[str, Any]:
    event = {"type": "track", "event": "Order Completed", "userId": "42", "messageId": f"m-{number}"}
    return event | {"properties": {"order_id": f"O-{number}", "total": 5} | properties}


def of_source(world: World, name: str | None) -> dict[str, Any]:
    status, answer = world.get("/v1/sources")
    assert status == 200
    return next(item for item in answer["items"] if item["name"] == name)


def test_refusals_and_warnings_are_told_by_reason_and_field() -> None:
    """One unreadable total, one total that can be read in two ways, one event without a name."""
    world = World()
    events = [track(1, total="99,90"), track(2, total="abc"), track(3, products=[{"sku": "p", "price": "1.299"}] * 2)]
    world.post("/v1/batch", {"batch": [*events, {"type": "track", "userId": "42"}]}, key=STORE_KEY)
    assert of_source(world, "store") == {
        "name": "store",
        "trust": "server",
        "events": 3,
        "provisional": 0,
        "withdrawn": 0,
        "failed": 0,
        "refused": [{"reason": "bad_name", "count": 1}],
        "warnings": [
            {"field": "properties.products[].price", "reason": "ambiguous_amount", "count": 2},
            {"field": "properties.total", "reason": "not_an_amount", "count": 1},
        ],
        "last_seen": "2026-11-22T10:00:00.000Z",
        "busiest_minute": 4,
        "quota": None,
    }


def test_nothing_that_was_sent_is_stored_with_the_counts() -> None:
    """Field names of the sender's own, values and ids stay out of the table."""
    world = World()
    secret = "ayse.yilmaz@example.com"
    body = track(1, total=secret, **{secret: secret}) | {"userId": secret, "traits": {"email": "broken " + secret}}
    world.post("/v1/track", body, key=STORE_KEY)
    world.post("/v1/track", {"event": secret, "userId": [secret]}, key=STORE_KEY)
    world.post("/v1/track", body, key=secret)
    assert len(world.metrics.items()) == 2
    assert "ayse" not in repr(world.metrics.items())


@pytest.mark.parametrize(
    ("body", "key", "name", "reason"),
    [
        ("not json", WEB_KEY, "web", "unreadable_request"),
        ('{"batch": 1}', WEB_KEY, "web", "unreadable_request"),
        ('{"pad": "' + "x" * 600_000 + '"}', WEB_KEY, "web", "request_too_large"),
        ("{}", "no-key-of-ours", None, "unknown_key"),
        ("{}", "admin-key", None, "unknown_key"),
    ],
)
def test_whole_requests_are_counted_too(body: str, key: str, name: str | None, reason: str) -> None:
    """A sender whose every request is refused finds out why; a key that is unknown has no name."""
    world = World()
    event = http_event("POST", "/v1/batch", None, {"authorization": f"Basic {_basic(key)}"})
    status, _ = world.send(event | {"body": body, "isBase64Encoded": False})
    assert status >= 400
    assert of_source(world, name)["refused"] == [{"reason": reason, "count": 1}]


def _basic(key: str) -> str:
    import base64

    return base64.b64encode(f"{key}:".encode()).decode()


def test_24_hours_are_this_hour_and_the_23_before_it() -> None:
    """An hour older does not count any more, but the source is listed as long as its hours are kept."""
    world = World()
    world.post("/v1/track", track(1), key=WEB_KEY)
    world.clock.advance(timedelta(hours=23))
    assert of_source(world, "web")["events"] == 1
    world.clock.advance(timedelta(hours=1))
    silent = of_source(world, "web")
    assert (silent["events"], silent["last_seen"]) == (0, "2026-11-22T10:00:00.000Z")
    world.clock.advance(KEEP)
    assert world.get("/v1/sources")[1]["items"] == []


def test_a_busy_environment_writes_three_times_a_minute() -> None:
    """A request of each 100 ms for a minute: the counters cost three writes."""
    world = World()
    for number in range(600):
        world.post("/v1/track", track(number), key=WEB_KEY)
        world.clock.advance(timedelta(milliseconds=100))
    assert world.metrics.usage.requests == 60 / EVERY_SECONDS


def test_a_table_in_trouble_costs_the_sender_nothing_and_no_count() -> None:
    """The event is taken; its count is written when the table answers again."""
    world = World()
    add = world.metrics.add

    def throttled(*_: Any, **__: Any) -> dict[str, int]:
        raise Throttled

    world.metrics.add = throttled  # type: ignore[method-assign]
    assert world.post("/v1/track", track(1), key=WEB_KEY)[0] == 200
    world.metrics.add = add  # type: ignore[method-assign]
    world.clock.advance(timedelta(seconds=EVERY_SECONDS))
    world.post("/v1/track", track(2), key=WEB_KEY)
    assert of_source(world, "web")["events"] == 2


def test_what_was_left_behind_in_a_sleeping_environment_does_not_turn_the_time_back() -> None:
    """One environment counts at 10:00 and sleeps; another sees the source at 10:40; the first wakes up and writes."""
    table, seconds = MemoryTable(), [0.0]
    first, second = (SourceCounters(table, lambda: seconds[0]) for _ in range(2))
    first.note(STORE, NOW, 1)
    first.note(WEB, NOW, 1)  # within 20 seconds of the write before: it waits
    later = NOW + timedelta(minutes=40)
    second.note(WEB, later, 1)
    seconds[0] = 3_000.0
    first.note(STORE, later + timedelta(minutes=10), 1)
    (web,) = (hour.counts for hour in read_hours(table, later) if hour.source == "web")
    assert (web.events, web.last_seen) == (2, later)


@pytest.mark.parametrize(("stage", "told"), [("local", 10), ("prod", 1)])
def test_on_the_laptop_counts_are_there_at_once(stage: str, told: int) -> None:
    """Ten events within a second are read at once there, because nobody waits for his own trial; in AWS they follow."""
    names = ("CUSTOMERS", "MESSAGES", "CATALOG", "METRICS", "SECRET", "SUPPORT_QUEUE")
    settings = Settings.read({f"KERVAN_{name}": "none" for name in names} | {"KERVAN_STAGE": stage})
    table = MemoryTable()
    counters = SourceCounters(table, lambda: 0.0, every=settings.counting_seconds)
    for _ in range(10):
        counters.note(WEB, NOW, 1)
    assert [hour.counts.events for hour in read_hours(table, NOW)] == [told]


def test_a_field_that_nobody_knows_is_counted_as_other() -> None:
    """A name that a sender chose never gets into the counters, even if a warning should carry it."""
    assert field_pattern("properties.ayse@example.com") == "other"
    assert field_pattern("properties.products.17.price") == "properties.products[].price"


@pytest.mark.parametrize(("orders_from", "provisional"), [("trusted", 2), ("any", 0)])
def test_orders_that_wait_for_a_trusted_word_are_told(orders_from: Literal["trusted", "any"], provisional: int) -> None:
    """A page reports an order and a price drop: provisional where only trusted sources report such things."""
    world = World()
    Releases(world.catalog).publish(Release(0, Shop(name="Moda", orders_from=orders_from)))
    drop = {"type": "track", "event": "Product Price Dropped", "userId": "42", "properties": {"product_id": "p"}}
    seen = {"type": "track", "event": "Product Viewed", "userId": "42", "properties": {"product_id": "p"}}
    for key in (WEB_KEY, STORE_KEY):
        world.post("/v1/batch", {"batch": [track(1), drop, seen, {"type": "track"}]}, key=key)
    web, store = of_source(world, "web"), of_source(world, "store")
    assert (web["events"], web["provisional"], store["provisional"]) == (3, provisional, 0)


def test_events_that_failed_later_are_told() -> None:
    """The sender was told 200; the stream could not process the event."""
    world = World()
    world.post("/v1/track", track(1), key=STORE_KEY)
    count_failed(world.metrics, STORE, world.clock.now())
    count_failed(world.metrics, None, world.clock.now())
    assert (of_source(world, "store")["events"], of_source(world, "store")["failed"]) == (1, 1)
    assert (of_source(world, None)["failed"], of_source(world, None)["last_seen"]) == (1, None)


def test_every_reason_is_documented() -> None:
    """docs/api.md explains each code that a sender may find."""
    from tests.unit.ingest.test_api_document import DOCUMENT

    for code in (*get_args(RefusalCode), *get_args(WarningCode)):
        assert f"`{code}`" in DOCUMENT, code


def test_the_document_shows_the_fields_of_the_answer() -> None:
    """Every field of an item is in the example of docs/api.md, and the other way round."""
    from tests.unit.ingest.test_api_document import fields, shown

    world = World()
    world.post("/v1/batch", {"batch": [track(1, total="abc"), {"type": "track"}]}, key=STORE_KEY)
    assert shown("What sources send") == fields(world.get("/v1/sources")[1])


@dataclass(frozen=True)
class Sent:
    """One request: at which second, by which environment, and what came of it."""

    after: float
    environment: int
    accepted: int
    guarded: int
    refused: tuple[RefusalCode, ...]
    warnings: tuple[FieldWarning, ...]
    withdrawn: int


FIELDS = [f"properties.products.{place}.{name}" for place in (0, 17) for name in AMOUNTS]
WARNINGS = st.builds(
    lambda field, code: FieldWarning(field, "a sentence", code),
    st.sampled_from(FIELDS),
    st.sampled_from(get_args(WarningCode)),
)
SENT = st.builds(
    Sent,
    st.sampled_from([0.0, 0.2, 3.0, 40.0, 4_000.0]),
    st.integers(0, 2),
    st.integers(0, MOST_PENDING + 1),
    st.integers(0, 3),
    st.lists(st.sampled_from(get_args(RefusalCode)), max_size=3).map(tuple),
    st.lists(WARNINGS, max_size=3).map(tuple),
    st.integers(0, 3),
)


@given(st.lists(SENT, max_size=25), st.permutations(range(3)))
def test_counts_are_those_of_brute_force_whatever_environment_takes_what(
    requests: list[Sent], order: list[int]
) -> None:
    """After the last flush, in any order, nothing is lost, nothing counts twice, and the last time is the last;
    before it little is missing."""
    table, seconds = MemoryTable(), [0.0]
    environments = [SourceCounters(table, lambda: seconds[0]) for _ in range(3)]
    expected = SourceCounts()
    for one in requests:
        seconds[0] += one.after
        now = NOW + timedelta(seconds=seconds[0])
        environments[one.environment].note(
            WEB, now, one.accepted, one.refused, one.warnings, one.guarded, withdrawn=one.withdrawn
        )
        count_failed(table, WEB, now)
        expected.failed += 1
        expected.events += one.accepted
        expected.guarded += one.guarded
        expected.withdrawn += one.withdrawn
        expected.last_seen = now.replace(second=0, microsecond=0)
        expected.refused += Counter(one.refused)
        expected.minutes[now.minute] += one.accepted + sum(code not in NO_EVENTS for code in one.refused)
        expected.warned += Counter((field_pattern(said.field), said.code) for said in one.warnings)
        assert expected.events - sum(hour.counts.events for hour in read_hours(table, now)) < 3 * MOST_PENDING
    for environment in (environments[place] for place in order):
        environment.flush()
    found = SourceCounts()
    for hour in read_hours(table, NOW + timedelta(seconds=seconds[0])):
        assert (hour.source, hour.trust) == ("web", "public")
        found.add(hour.counts)
    assert write_counts(found) == write_counts(expected)
    assert found.last_seen == expected.last_seen


def test_the_first_hour_is_a_whole_one() -> None:
    """24 hours begin at a full hour, in UTC."""
    assert first_hour(datetime(2026, 11, 27, 6, 59, tzinfo=UTC)) == datetime(2026, 11, 26, 7, tzinfo=UTC)


def test_sources_of_one_name_and_another_trust_are_two() -> None:
    """A shop may call its page's key and its server's key the same."""
    table = MemoryTable()
    counters = SourceCounters(table, lambda: 0.0)
    for trusted in (True, False):
        counters.note(Source("shop", "web", trusted=trusted), NOW, 1)
    counters.flush()
    assert sorted((hour.source, hour.trust) for hour in read_hours(table, NOW)) == [
        ("shop", "public"),
        ("shop", "server"),
    ]


def test_a_flood_of_mistakes_costs_a_write_a_second() -> None:
    """Each of the first twenty is seen at once; a thousand in ten seconds are thirty writes."""
    world = World()
    for number in range(20):
        world.post("/v1/track", track(number, total="abc"), key=WEB_KEY)
    assert of_source(world, "web")["warnings"][0]["count"] == 20
    for number in range(1_000):
        world.post("/v1/track", track(number, total="abc"), key=WEB_KEY)
        world.clock.advance(timedelta(milliseconds=10))
    assert 29 <= world.metrics.usage.requests - 1 <= 32
