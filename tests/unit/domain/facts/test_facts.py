"""Facts are a join-semilattice: whatever the order, grouping and number of deliveries, they come out the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.event import Event
from shared.domain.facts import cart as cart_facts
from shared.domain.facts import cases as case_facts
from shared.domain.facts import facts as facts_module
from shared.domain.facts import orders as order_facts
from shared.domain.facts.encoding import UnknownFormat, decode, encode
from shared.domain.facts.facts import Facts, join
from shared.domain.facts.fold import facts_of
from tests.support.cases import UNIT, cases
from tests.support.world import event
from tests.unit.domain.facts.histories import KEEP, histories, of, said, seen

pytestmark = UNIT


@contextmanager
def tight() -> Iterator[None]:
    """Caps so small that short histories reach all of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cart_facts, "MAX_LINES", 2)
        patch.setattr(cart_facts, "MAX_ADDS", 2)
        patch.setattr(order_facts, "MAX_REFUNDS", 1)
        for name in ("MAX_CASES", "MAX_CLOSINGS"):
            patch.setattr(case_facts, name, 2)
        for name in ("MAX_TRAITS", "MAX_WISHES", "MAX_TOKENS", "MAX_ACTIVITY", "MAX_USED", "MAX_VALUES"):
            patch.setattr(facts_module, name, 2)
        yield


@cases(8)
@given(histories, histories, histories)
def test_join_is_associative_commutative_and_idempotent(one: list[Event], two: list[Event], three: list[Event]) -> None:
    """The three laws, byte for byte, on facts of random and hostile events."""
    a, b, c = of(one), of(two), of(three)
    assert encode(join(a, b)) == encode(join(b, a))
    assert encode(join(join(a, b), c)) == encode(join(a, join(b, c)))
    assert encode(join(a, a)) == encode(join(a)) == encode(a)
    assert encode(join(a, b, a)) == encode(join(a, b))


def check_any_way(events: list[Event], rng: random.Random) -> None:
    once = of(events)
    shuffled = [*events, *rng.choices(events, k=len(events))] if events else []
    rng.shuffle(shuffled)
    parts: list[Facts] = []
    while shuffled:
        size = rng.randint(1, 4)
        parts.append(of(shuffled[:size]))
        shuffled = shuffled[size:]
    rng.shuffle(parts)
    assert encode(join(*parts)) == encode(once)
    assert encode(join(*(facts_of(one, KEEP) for one in events))) == encode(once)


@cases(8)
@given(histories, st.randoms(use_true_random=False))
def test_a_fold_is_the_join_of_any_partition(events: list[Event], rng: random.Random) -> None:
    """Folding at once, one by one, or in shuffled groups with duplicates gives the same bytes."""
    check_any_way(events, rng)


@cases(8)
@given(st.lists(said(), min_size=6, max_size=16), st.randoms(use_true_random=False))
def test_the_bounds_do_not_depend_on_order(events: list[Event], rng: random.Random) -> None:
    """With caps so small that everything overflows, what stays depends on the set of events only."""
    with tight():
        check_any_way(events, rng)
        facts = of(events)
        assert len(facts.cart.lines) <= 2
        assert all(len(line.adds) <= 2 for line in facts.cart.lines.values())
        assert max(len(facts.trusted.entries), len(facts.public.entries), len(facts.wishlist.entries)) <= 2
        assert all(len(order.refunds.entries) <= 1 for order in facts.orders.values())
        opened = facts.cases or case_facts.CaseFacts()
        assert max(len(facts.used.entries), len(opened.opened.entries), len(opened.closed.entries)) <= 2
        assert all(len(there.entries) <= 2 for there in facts.keyed.values())
        assert decode(encode(facts)) == facts


@cases(8)
@given(histories)
def test_bytes_hold_everything(events: list[Event]) -> None:
    """Decoding gives back equal facts, which encode to equal bytes and show the same profile."""
    facts = of(events)
    again = decode(encode(facts))
    assert again == facts
    assert encode(again) == encode(facts)
    assert seen(again) == seen(facts)


def test_bytes_of_another_format_are_named() -> None:
    """What a newer release wrote, or what is broken, is one error with a name."""
    for data in (b"", b"\x02abc", b"\x01\xff\xff\xff"):
        with pytest.raises(UnknownFormat):
            decode(data)


def test_equal_instants_fall_the_same_way() -> None:
    """Two values of one event id and instant (1, true and 1.0 are equal to Python) are told apart by their text."""
    equals = [event("identify", ["user:u"], id="same", traits={"a": value}) for value in (1, True, 1.0, "1", None)]
    ordered = {encode(of(sorted(equals, key=lambda _: random.Random(seed).random()))) for seed in range(3)}
    turned = {encode(of(equals[turn:] + equals[:turn])) for turn in range(len(equals))}
    assert len(ordered | turned) == 1
