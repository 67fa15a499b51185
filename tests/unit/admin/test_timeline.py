"""The timeline: one order over all identifiers, events and messages; pages are cuts of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.adapters.usage import Usage
from shared.domain.identity.keys import event_id, event_sort_key
from shared.operators.merging import EXAMINED, Lane, merged_page
from shared.operators.timeline import FILTERS
from shared.operators.timeline_lanes import UNTIMED_AT_MOST
from tests.support.cases import also_long, cases
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import NOW, STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit

PATH = "/v1/customers/user:42/timeline"
PARTITIONS = [f"{letter}.{'k' * 22}" for letter in "uepa"]

places = st.builds(
    lambda minute, name, trusted: event_sort_key(
        None if minute < 0 else NOW + timedelta(minutes=minute), name, trusted=trusted
    ),
    st.integers(-1, 6),
    st.sampled_from(["m1", "m2", "m3", "ç d", "x" * 101]),
    st.booleans(),
)
logs = st.lists(st.tuples(st.sampled_from(PARTITIONS), places), max_size=60, unique=True)


def lanes(table: MemoryTable) -> list[Lane]:
    def lane(partition: str) -> Lane:
        def read(low: str | None, high: str | None, limit: int, cursor: str | None) -> Any:
            return table.query(
                partition,
                at_least=f"t#{low or ''}",
                below=f"t#{high}" if high else "t$",
                limit=limit,
                newest_first=True,
                cursor=cursor,
            )

        return Lane("event", partition, read, lambda item: str(item["sk"])[2:])

    return [lane(partition) for partition in PARTITIONS]


def filled(rows: list[tuple[str, str]]) -> MemoryTable:
    table = MemoryTable(Usage(), indexes=INDEXES["messages"])
    for partition, sort_key in rows:
        table.put({"pk": partition, "sk": sort_key})
    return table


def walk(table: MemoryTable, limit: int, meanwhile: list[tuple[str, str]], kept: int = 1) -> list[tuple[str, str]]:
    """All pages; one new item arrives after each. ``kept``: only every so manieth item passes the filter."""
    found: list[tuple[str, str]] = []
    cursor = None
    count = 0

    def read(_kind: str, partition: str, item: dict[str, Any]) -> tuple[str, str] | None:
        nonlocal count
        count += 1
        return (partition, item["sk"]) if count % kept == 0 else None

    while True:
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        entries, cursor = merged_page("t", lanes(table), query, read)
        assert len(entries) <= limit
        found += entries
        if cursor is None:
            return found
        if meanwhile:
            partition, sort_key = meanwhile.pop()
            table.put({"pk": partition, "sk": sort_key})


@settings(max_examples=150, deadline=None)
@given(rows=logs, limit=st.integers(1, 12))
def test_pages_are_the_sorted_whole(rows: list[tuple[str, str]], limit: int) -> None:
    """Whatever lies in the logs, the pages together are the merged log: in order, nothing lost, nothing twice."""
    expected = sorted(rows, key=lambda row: (row[1], row[0]), reverse=True)
    assert walk(filled(rows), limit, []) == expected


@also_long
@cases(50)
@given(rows=logs, limit=st.integers(1, 12), late=logs)
def test_pages_are_stable_while_events_arrive(
    rows: list[tuple[str, str]], limit: int, late: list[tuple[str, str]]
) -> None:
    """Events that arrive between two pages make nobody miss or meet twice what was there before."""
    found = walk(filled(rows), limit, list(late))
    assert len(set(found)) == len(found)
    assert set(rows) <= set(found) <= {*rows, *late}
    assert found == sorted(found, key=lambda row: (row[1], row[0]), reverse=True)


@settings(max_examples=60, deadline=None)
@given(rows=logs, limit=st.integers(1, 4), kept=st.integers(1, 60))
def test_filtered_pages_lose_nothing(rows: list[tuple[str, str]], limit: int, kept: int) -> None:
    """A page whose filter leaves almost everything out ends early with a cursor behind which the rest follows."""
    expected = sorted(rows, key=lambda row: (row[1], row[0]), reverse=True)
    if limit * EXAMINED >= len(rows):
        assert walk(filled(rows), limit, [], kept) == expected[kept - 1 :: kept]
    else:
        assert set(walk(filled(rows), limit, [], 1)) == set(rows)


def test_a_page_costs_what_is_on_it() -> None:
    """A log a hundred times as long is read with the same requests and units."""
    costs = []
    for length in (100, 10_000):
        rows = [(PARTITIONS[n % 4], f"t#{NOW:%Y-%m-%dT}{n:012d}") for n in range(length)]
        table = filled(rows)
        table.usage.reset()
        entries, cursor = merged_page("t", lanes(table), {"limit": "20"}, lambda _kind, _key, item: item)
        assert (len(entries), bool(cursor)) == (20, True)
        costs.append((table.usage.requests, table.usage.read_units))
    assert costs[0] == costs[1]


def test_messages_lie_among_the_events() -> None:
    """A message is in the timeline with its outcome, in one order with what happened, under its kind."""
    mail = Mail()
    mail.world.clock.advance(timedelta(minutes=-1))
    told(mail.world, event="Product Added", properties={"product_id": "p1"})
    mail.world.clock.advance(timedelta(minutes=5))
    told(mail.world, event="Cart Viewed")
    fold(mail.world)
    items = mail.world.get(PATH)[1]["items"]
    assert [(item["kind"], item["event"]) for item in items] == [
        ("event", "Cart Viewed"), ("message", "Message Calling"), ("event", "Product Added"),
    ]  # fmt: skip
    assert items[1]["message"]["message_id"] == mail.id
    assert items[1]["identifier"] == "user:42"
    assert {*items[0]} < {*items[1]}


def test_reports_about_a_message_are_in_the_timeline() -> None:
    """An event that a provider reported about a message names no identifier: it shows under the message's home."""
    mail = Mail()
    told(mail.world, event="Cart Viewed")
    assert mail.feedback.record(mail.report("delivery"), NOW)
    fold(mail.world)
    (report,) = mail.world.get(PATH, query={"name": "Email Delivered"})[1]["items"]
    assert (report["identifier"], report["identifiers"], report["channel"]) == ("user:42", [], "email")


@pytest.fixture(scope="module")
def shop() -> World:
    """Ayşe on the web and in the store, three minutes."""
    world = World()
    told(world, WEB_KEY, anonymousId="a-1", type="page", name="Home")
    told(world, STORE_KEY, event="Order Completed", properties={"order_id": "o1", "total": 5})
    told(world, WEB_KEY, event="Product Viewed", properties={"product_id": "p1"})
    told(world, WEB_KEY, event="Untimed", timestamp=None, messageId="untimed")
    fold(world)
    return world


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Untimed", "Product Viewed", "Order Completed", "Page Viewed"]),
        ({"type": "page"}, ["Page Viewed"]),
        ({"type": "message"}, []),
        ({"kind": "message"}, []),
        ({"kind": "event", "type": "message"}, []),
        ({"name": "Product Viewed"}, ["Product Viewed"]),
        ({"channel": "store"}, ["Order Completed"]),
        ({"channel": "web", "type": "track"}, ["Untimed", "Product Viewed"]),
        ({"id": "untimed"}, ["Untimed"]),
        ({"id": event_id("untimed", trusted=False)}, ["Untimed"]),
        ({"id": event_id("untimed", trusted=True)}, []),
        ({"from": "2026-11-22T10:01:00Z"}, ["Untimed", "Product Viewed", "Order Completed"]),
        ({"from": "2026-11-22T10:01:00Z", "to": "2026-11-22T10:02:00Z"}, ["Order Completed"]),
        ({"from": "2026-11-22T13:02:00 03:00"}, ["Untimed", "Product Viewed"]),
        ({"to": "2026-11-22T10:01:00.000Z"}, ["Page Viewed"]),
        ({"from": "2026-11-23", "to": "2026-11-22"}, []),
    ],
)
def test_filters(shop: World, query: dict[str, str], names: list[str]) -> None:
    """Kind, type, name, channel and a half-open span; what has no time of its own lies where it was received."""
    assert [item["event"] for item in shop.get(PATH, query=query)[1]["items"]] == names
    paged: list[str] = []
    cursor = None
    while True:
        page = shop.get(PATH, query=query | {"limit": "1"} | ({"cursor": cursor} if cursor else {}))[1]
        paged += [item["event"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert paged == names


@pytest.mark.parametrize(
    "query", [{"kind": "all"}, {"type": "click"}, {"from": "yesterday"}, {"to": "1e400"}, {"since": "2026-11-22"}]
)
def test_odd_filters_are_refused(shop: World, query: dict[str, str]) -> None:
    """A filter that does not exist is an error: an empty answer would say that nothing happened."""
    status, answer = shop.get(PATH, query=query)
    assert (status, answer["error"]) == (400, "malformed")


@pytest.mark.parametrize(
    "mark",
    [
        "[]", '["timeline"]', '["messages","2026-11-22T10:00:00.000Z#m#s","event","u.kkkkkkkkkkkkkkkkkkkkkk"]',
        '["timeline","2026-11-22T10:00:00.000Z#m#s","event","customers"]', '["timeline",1,"event","u"]', '{"a":1}',
        '["timeline","2026-11-22T10:00:00.000Z#\\ud800","event","u.kkkkkkkkkkkkkkkkkkkkkk"]', '"t#2026"', "null", "0",
        '["timeline","x","event","u.kkkkkkkkkkkkkkkkkkkkkk"]',
    ],
)  # fmt: skip
def test_hostile_cursors_are_refused(shop: World, mark: str) -> None:
    """Whatever is put into a cursor, it is one of ours or 400."""
    import base64

    cursor = base64.urlsafe_b64encode(mark.encode("utf-8", "surrogatepass")).decode()
    assert shop.get(PATH, query={"cursor": cursor})[0] == (200 if mark == "null" else 400)


@also_long
@cases(33)
@given(
    st.dictionaries(
        st.sampled_from(sorted(FILTERS)), st.text(max_size=30) | st.sampled_from(["event", "track", "0", "9999-12-31"])
    )
)
def test_any_query_is_answered(query: dict[str, str]) -> None:
    """Any values of any filters are an answer or 400, never an exception."""
    world = World()
    told(world, event="Cart Viewed")
    assert world.get(PATH, query=query)[0] in {200, 400}


def test_a_contested_browser_tells_what_was_before_the_second_user(shop: World) -> None:
    """What happened in a shared browser since the second sign-in is in nobody's timeline, with or without a time."""
    world = World()
    told(world, WEB_KEY, userId=None, anonymousId="kiosk", event="Before")
    told(world, WEB_KEY, anonymousId="kiosk", event="First")
    told(world, WEB_KEY, userId="43", anonymousId="kiosk", event="Second")
    told(world, WEB_KEY, userId=None, anonymousId="kiosk", event="After")
    told(world, WEB_KEY, userId=None, anonymousId="kiosk", event="After untimed", timestamp=None)
    fold(world)
    assert [item["event"] for item in world.get(PATH)[1]["items"]] == ["First", "Before"]
    assert [item["event"] for item in world.get("/v1/customers/user:43/timeline")[1]["items"]] == ["Second"]


def test_a_flood_of_events_without_a_time_comes_last() -> None:
    """Beyond so many of one identifier they are read page by page at the end, each once, and are in no span of time."""
    world = World()
    told(world, event="Timed")
    batch = [
        {"type": "track", "event": f"Untimed {n}", "userId": "42", "messageId": f"m{n}"}
        for n in range(UNTIMED_AT_MOST + 5)
    ]
    assert world.post("/v1/batch", {"batch": batch})[1]["accepted"] == len(batch)
    names: list[str] = []
    cursor = None
    while True:
        page = world.get(PATH, query={"limit": "70"} | ({"cursor": cursor} if cursor else {}))[1]
        names += [item["event"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert names[0] == "Timed"
    assert len(names) == len(set(names)) == len(batch) + 1
    assert [item["event"] for item in world.get(PATH, query={"from": "2026-01-01"})[1]["items"]] == ["Timed"]
