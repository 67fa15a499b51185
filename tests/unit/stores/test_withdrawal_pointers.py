"""Pointers to withdrawals: each is found by its source and hour, page by page, and never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.stores.withdrawal_pointers import (
    KEEP,
    MOST_QUERIES,
    SHARDS,
    Pointer,
    Pointers,
    first_mark,
    hour_of,
    shard_of_mark,
)
from tests.support.cases import UNIT, cases

pytestmark = UNIT
START = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)
MINUTES = st.integers(0, 60 * 30)


def record(
    owner: str, minutes: int, source: str = "web", *, address: str = "", public: bool = True, granted: bool = False
) -> ConsentRecord:
    at = START + timedelta(minutes=minutes)
    said = Consent("email", "marketing", granted, at, at, False, source, "m", address, public=public)
    return ConsentRecord((owner, address) if address not in {"", owner} else (owner,), said)


RECORDS = st.builds(
    record,
    st.sampled_from([f"u.{n}" for n in range(12)]),
    MINUTES,
    st.sampled_from(["web", "app"]),
    address=st.sampled_from(["", "e.1", "e.2"]),
    public=st.booleans(),
    granted=st.booleans(),
)


def walked(pointers: Pointers, begin: datetime, end: datetime, most: int) -> list[Pointer]:
    """All shards; what one gives out is in no other one."""
    found: list[Pointer] = []
    owners: dict[str, int] = {}
    for shard in range(SHARDS):
        mark: str | None = first_mark(shard)
        while mark is not None:
            assert shard_of_mark(mark) == shard
            page, mark = pointers.page("web", begin, end, behind=mark, most=most)
            assert len(page) <= most
            assert all(owners.setdefault(one.owner, shard) == shard for one in page)
            found += page
    return found


@cases(150)
@given(records=st.lists(RECORDS, max_size=30), begin=MINUTES, lasts=MINUTES, most=st.sampled_from([1, 2, 7, 100]))
def test_a_walk_finds_each_of_its_hours_once(records: list[ConsentRecord], begin: int, lasts: int, most: int) -> None:
    """Withdrawals of public sources only; all that an hour holds of a customer and address is one pointer."""
    pointers = Pointers(MemoryTable())
    pointers.put(records)
    pointers.put(records)
    since = START + timedelta(minutes=begin)
    until = since + timedelta(minutes=lasts)
    expected = {
        (one.partitions[0], one.consent.address_key, hour_of(one.consent.received_at))
        for one in records
        if one.consent.public and not one.consent.granted and one.consent.source == "web"
        and hour_of(since) <= one.consent.received_at < hour_of(until) + timedelta(hours=1)
    }  # fmt: skip
    found = [(one.owner, one.address, one.hour) for one in walked(pointers, since, until, most)]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_what_it_holds_and_what_it_costs() -> None:
    """Digests of the customer and the address alone, for 90 days; 30 withdrawals of a request are two requests."""
    table = MemoryTable()
    pointers, calls = Pointers(table), []
    put = table.put_many
    table.put_many = lambda items: (calls.append(len(items)), put(items))[1]  # type: ignore[method-assign,func-returns-value]
    pointers.put([record(f"u.{n}", 3, address="e.1") for n in range(30)])
    assert calls == [30]
    item = table.items()[0]
    assert set(item) == {"pk", "sk", "expires"}
    assert item["sk"].startswith("22#u.")
    assert item["pk"].startswith("withdrawals#web#2026-11-29#")
    assert item["expires"] == int((hour_of(START) + KEEP).timestamp())
    pointers.put([record("u.1", 3, granted=True), record("u.1", 3, public=False)])
    assert calls == [30]


def test_who_owns_the_address_himself_is_named_once() -> None:
    pointers = Pointers(MemoryTable())
    pointers.put([record("e.1", 0, address="e.1")])
    assert [(one.owner, one.address) for one in walked(pointers, START, START, 9)] == [("e.1", "")]


def test_a_page_asks_a_bounded_number_of_times() -> None:
    """A shard of ten weeks without withdrawals is asked for in two pages."""
    pointers = Pointers(MemoryTable())
    begin, end = START - timedelta(days=70), START
    found, mark = pointers.page("web", begin, end, behind=first_mark(0), most=100)
    assert found == []
    assert mark is not None
    assert MOST_QUERIES < 71 <= 2 * MOST_QUERIES
    assert pointers.page("web", begin, end, behind=mark, most=100) == ([], None)


@pytest.mark.parametrize("mark", ["", "x", "2026-11-29", "2026-11-29#x#", "2026-11-29#8#", "2026-11-29#-1#"])
def test_a_broken_mark_is_refused(mark: str) -> None:
    with pytest.raises(ValueError, match=r"unpack|invalid literal|no such shard"):
        Pointers(MemoryTable()).page("web", START, START, behind=mark, most=1)
