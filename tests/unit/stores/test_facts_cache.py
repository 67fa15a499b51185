"""Facts by their bytes: the cache changes nothing but the time that it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.deployment import Deployment
from benchmarks.shopper import Shopper
from shared.adapters.memory import MemoryTable
from shared.domain.facts.encoding import UnknownFormat, decode, encode
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.fold import fold
from shared.ports import Conflict
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.facts_cache import LONGEST, FactsCache, facts_bytes
from tests.support.cases import cases
from tests.support.world import event
from tests.unit.domain.facts.histories import KEEP, hostile, of, said, seen

pytestmark = pytest.mark.unit


@cases(60)
@given(st.lists(said(), max_size=12))
def test_bytes_hold_everything(events: list) -> None:  # type: ignore[type-arg]
    """Whatever a shop sends, orjson's bytes give back equal facts and the same profile, and no part changes its type:
    so the facts that were written may stand for those that would be read."""
    facts = of(events)
    again = decode(facts_bytes(facts))
    assert again == facts == decode(encode(facts))
    assert seen(again) == seen(facts)
    assert encode(again) == encode(facts)


@given(hostile)
def test_any_trait_survives(value: object) -> None:
    """Numbers beyond 64 bits, half of a surrogate pair and nested values come back as they were, by type too."""
    facts = fold(Facts(), [event("identify", ["user:1"], traits={"x": value})], KEEP)
    again = decode(facts_bytes(facts))
    assert again == facts
    assert encode(again) == encode(facts)  # JSON tells 1, 1.0 and true apart, == does not


@cases(40)
@given(st.lists(said(), max_size=12))
def test_a_person_of_one_identifier_needs_no_join(events: list) -> None:  # type: ignore[type-arg]
    """Facts that were folded are what joining them alone gives."""
    facts = of(events)
    assert encode(join(facts)) == encode(facts)
    assert seen(join(facts)) == seen(facts)


def test_the_same_bytes_are_decoded_once() -> None:
    """What was read or written is the same object again; the oldest goes when there are too many."""
    cache = FactsCache(entries=2)
    first, second, third = (facts_bytes(Facts(name=f"user:{number}")) for number in (1, 2, 3))
    known = cache.read(first)
    assert cache.read(first) is known
    cache.read(second)
    cache.read(first)
    cache.read(third)
    assert list(cache.known()) == [first, third]
    assert cache.read(first) is known


def test_large_facts_are_not_kept() -> None:
    """The memory of the environment is bounded, whoever writes what."""
    cache = FactsCache()
    large = b"\x01" + b"x" * LONGEST
    cache.remember(large, Facts())
    assert cache.known() == {}


def test_broken_bytes_are_not_remembered() -> None:
    """They are an error each time."""
    cache = FactsCache()
    for _ in range(2):
        with pytest.raises(UnknownFormat):
            cache.read(b"\x07nothing")
    assert cache.known() == {}


def test_a_lost_race_remembers_nothing() -> None:
    """What was not stored stays unknown until somebody reads it."""
    store = CustomerStore(MemoryTable())
    store.put_facts("u.1", StoredFacts(Facts(name="user:1"), 1, 1), previous=0)
    with pytest.raises(Conflict):
        store.put_facts("u.1", StoredFacts(Facts(name="user:2"), 1, 1), previous=0)
    assert [facts.name for facts in store.facts_cache.known().values()] == ["user:1"]


def test_nobody_changes_what_is_shared() -> None:
    """After shoppers have browsed, bought and signed in, everything that is kept is still what its bytes say."""
    deployment = Deployment()
    for number in range(4):
        shopper = Shopper(seed=number, user=f"u-{number}")
        for message in shopper.messages(60):
            deployment.send([message])
            deployment.deliver()
    kept = deployment.segment.store.facts_cache.known()
    assert len(kept) > 50
    for data, facts in kept.items():
        assert facts_bytes(facts) == data
        assert decode(data) == facts


def test_spilled_orders_leave_the_shared_facts_alone() -> None:
    """Orders beyond 100 are read into facts of their own: what is shared keeps none of them."""
    orders = [
        event("Order Completed", ["user:1"], order_id=f"o-{number}", total="1.00", currency="TRY")
        for number in range(130)
    ]
    facts = fold(Facts(), orders, KEEP)
    store = CustomerStore(MemoryTable())
    store.put_facts("u.1", StoredFacts(facts, 1, 1), previous=0)
    for _ in range(2):
        read = store.control("u.1").facts
        assert read is not None
        assert read.facts == facts
    for data, known in store.facts_cache.known().items():
        assert facts_bytes(known) == data
