"""Who may write: keys, their digests, and how long an answer is believed."""

from __future__ import annotations

import json

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.events.event import Source
from shared.domain.identity.identifiers import IdentifierType
from shared.stores.sources import KEEP_AT_MOST, Sources, add_source, new_key
from tests.unit.ingest.world import NOW, STORE, WEB

pytestmark = pytest.mark.unit


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


def test_a_source_comes_back_as_it_was(table: MemoryTable) -> None:
    """Name, channel, trust, claims and permission survive the table; the key itself is nowhere in it."""
    source = Source("form", "web", trusted=False, may_claim=frozenset({IdentifierType.EMAIL}), may_grant_consent=True)
    add_source(table, "the-key", source, created_at=NOW)
    found = Sources(table, Time()).find("the-key")
    assert found is not None
    assert (found.source, found.kind) == (source, "write")
    assert "the-key" not in json.dumps(table._items)


def test_answers_are_believed_for_a_minute(table: MemoryTable) -> None:
    """A key costs one read a minute; taken back, it is dead within a minute."""
    time = Time()
    sources = Sources(table, time)
    add_source(table, "k", WEB, created_at=NOW)
    table.usage.reset()
    assert all(sources.find("k") for _ in range(50))
    assert table.usage.requests == 1
    assert Sources(table, time).disable("k")
    assert sources.find("k") is not None
    time.now = 60.0
    assert sources.find("k") is None


def test_unknown_keys_are_remembered_shortly_and_boundedly(table: MemoryTable) -> None:
    """A guessed key costs one read in ten seconds, a flood of them a bounded memory; a new key works soon."""
    time = Time()
    sources = Sources(table, time)
    for _ in range(3):
        assert sources.find("k") is None
    assert table.usage.requests == 1
    add_source(table, "k", WEB, created_at=NOW)
    time.now = 10.0
    assert sources.find("k") is not None
    for place in range(KEEP_AT_MOST * 2):
        sources.find(f"guess-{place}")
    assert len(sources._known) <= KEEP_AT_MOST


@pytest.mark.parametrize("key", ["", "x" * 257])
def test_what_cannot_be_a_key_costs_nothing(table: MemoryTable, key: str) -> None:
    """An empty or endless key is not looked up."""
    assert Sources(table, Time()).find(key) is None
    assert table.usage.requests == 0


def test_registering_again_changes_the_source(table: MemoryTable) -> None:
    """The same key twice is one source, the later word holds, the date of birth stays."""
    add_source(table, "k", WEB, created_at=NOW)
    add_source(table, "k", STORE, created_at=NOW.replace(year=2027))
    found = Sources(table, Time()).find("k")
    assert found is not None
    assert found.source == STORE
    assert {item["created_at"] for items in table._items.values() for item in items.values()} == {1795341600000}


def test_taking_back_what_nobody_holds(table: MemoryTable) -> None:
    """An unknown key cannot be taken back."""
    assert not Sources(table, Time()).disable("k")


def test_keys_cannot_be_guessed() -> None:
    """Keys are long, different, and safe in a header and in a URL."""
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(len(key) >= 32 and key.replace("-", "").replace("_", "").isalnum() for key in keys)
