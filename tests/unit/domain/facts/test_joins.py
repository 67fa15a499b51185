"""Parts of the facts that are joined: the order of the parts changes nothing, ties included, and bounds are exact."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.events.event import Event
from shared.domain.facts.cart import MAX_ADDS, CartFacts
from shared.domain.facts.encoding import encode
from shared.domain.facts.facts import Facts, Visit
from shared.domain.facts.newest import Entry, Newest, canonical, floor_of
from shared.domain.facts.orders import OrderFacts, better, counted_refunds, refunds
from shared.domain.facts.provisional import taken_from_cart
from shared.domain.facts.touches import MAX_CLICKS, MAX_TOUCHES, EngagementFacts, Touch, messages, newest_touches
from tests.support.cases import also_long, cases
from tests.unit.domain.facts.histories import add, at, of, said

pytestmark = pytest.mark.unit
DAY = 86_400_000
times = st.none() | st.integers(0, 3)
ranked = st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("ab"), st.sampled_from([1, 2, "x", None]))


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    fields = draw(st.dictionaries(st.sampled_from(["total", "status"]), ranked))
    return OrderFacts(draw(times), draw(times), draw(times), draw(times), dict(fields))


def joined(*parts: OrderFacts) -> OrderFacts:
    whole = OrderFacts()
    for part in parts:
        whole.absorb(part)
    return whole


@also_long
@cases(80)
@given(st.permutations(range(3)), st.tuples(orders(), orders(), orders()))
def test_an_order_is_joined_from_its_parts(turn: list[int], parts: tuple[OrderFacts, ...]) -> None:
    """The earliest of each time, and of each field the best; of two with one stamp the same one, whichever is first."""
    whole = joined(*(parts[place] for place in turn))
    for name in ("completed", "cancelled", "shipped", "delivered"):
        said = [at for part in parts if (at := getattr(part, name)) is not None]
        assert getattr(whole, name) == min(said, default=None), name
    for name, value in whole.fields.items():
        said = [part.fields[name] for part in parts if name in part.fields]
        assert value == max(said, key=lambda one: (one[:3], canonical(one[3])))
    assert whole.fields.keys() == {name for part in parts for name in part.fields}


def test_of_two_values_of_one_moment_the_same_one_stands() -> None:
    """Of an order's field, whichever is heard first: the greater text, not the first that came."""
    values = [(1, 5, "e", value) for value in (None, 1, 2, "x", [1], {"a": 1})]
    for one, other in permutations(values, 2):
        assert better(one, other) == max(one, other, key=lambda said: canonical(said[3]))
    assert better((1, 5, "e", "a"), (1, 5, "f", "A")) == better((1, 5, "f", "A"), (1, 5, "e", "a")) == (1, 5, "f", "A")


touches = st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abcde")), max_size=12)
many = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60).map(str)), min_size=MAX_TOUCHES, max_size=80)


def kept(what: str, done: list[Touch]) -> tuple[Touch, ...]:
    """The newest of each message, of these the newest."""
    per_message = MAX_CLICKS if what.endswith("clicked") else 1
    newest = sorted(set(done), reverse=True)
    before: Counter[str] = Counter()
    found = []
    for touch in newest:
        if before[touch[1]] < per_message:
            found.append(touch)
        before[touch[1]] += 1
    return tuple(found[:MAX_TOUCHES])


@cases(150)
@given(st.sampled_from(["opened", "clicked", "machine clicked"]), touches | many, st.integers(0, 80))
def test_touches_are_kept_within_both_bounds(what: str, done: list[Touch], cut: int) -> None:
    """In one part or two, whichever comes first."""
    assert newest_touches(what, done) == kept(what, done)
    kind = ("email", "marketing", what)
    for one, other in ((done[:cut], done[cut:]), (done[cut:], done[:cut])):
        whole = EngagementFacts()
        for part in (one, other):
            whole.absorb(EngagementFacts(touches={kind: newest_touches(what, part)} if part else {}))
        assert whole.touches.get(kind, ()) == kept(what, done)


@pytest.mark.parametrize("more", [-1, 0, 1, 9])
def test_beyond_the_bound_the_newest_touches_stay(more: int) -> None:
    """Whatever the number of messages: as many as the bound says, the newest of them."""
    done = [(minute, f"m{minute}") for minute in range(MAX_TOUCHES + more)]
    assert newest_touches("opened", done) == tuple(reversed(done[-MAX_TOUCHES:]))


@pytest.mark.parametrize(("apart", "counted"), [(14 * DAY, 1), (14 * DAY + 1, 2)])
def test_a_return_and_its_refund_are_one_for_14_days(apart: int, counted: int) -> None:
    """The fourteenth day belongs to them, to the millisecond."""
    told = refunds()
    told.put("store-return-1", (0, "a", "10.00"))
    told.put("r1", (apart, "b", "10"))
    assert len(counted_refunds(told)) == counted


def test_a_report_takes_nothing_out_of_the_cart_beside_a_trusted_order() -> None:
    """The trusted order itself says what left the cart."""
    entry = (1, "e", {"at": 1, "products": [["shirt", 1, None, None]], "whole_cart": 1})
    assert taken_from_cart(OrderFacts(completed=1), entry) is None
    assert taken_from_cart(OrderFacts(), None) is None
    taken = taken_from_cart(OrderFacts(), entry)
    assert taken is not None
    assert taken.cleared == (1, "e")


@also_long
@cases(40)
@given(st.lists(said(), max_size=12))
def test_a_copy_is_the_same_and_stands_alone(events: list[Event]) -> None:
    """What is folded into the copy leaves the first as it was."""
    first = of(events)
    kept = encode(first)
    other = first.copy()
    assert encode(other) == kept
    other.absorb(of([at(1, "Case Opened", case_id="c9"), add(2, "scarf"), at(3, "Order Completed", order_id="o9")]))
    assert encode(first) == kept != encode(other)


def test_what_a_product_looks_like_stays_until_it_is_said_anew() -> None:
    """A quantity without details keeps them, with details replaces them, and a removal forgets them."""
    cart = CartFacts()
    cart.add("shirt", (1, "a"), 1, {"name": "Shirt"})
    for stamp, quantity, details, left in (
        ((2, "b"), 2, None, {"name": "Shirt"}),
        ((3, "c"), 2, {}, {"name": "Shirt"}),
        ((4, "d"), 3, {"name": "Blue shirt"}, {"name": "Blue shirt"}),
        ((5, "e"), 0, {"name": "Red shirt"}, {}),
    ):
        cart.set("shirt", stamp, quantity, details)
        found = cart.lines["shirt"].details
        assert found is not None
        assert found[2] == left


def test_what_a_product_looked_like_before_the_cart_was_cleared_is_gone_for_good() -> None:
    """Put in again it has no details until they are said anew."""
    cart = CartFacts()
    cart.add("shirt", (1, "a"), 1, {"name": "Shirt"})
    cart.cleared = (2, "b")
    cart.set("shirt", (3, "c"), 2, None)
    cart.trim()
    assert (cart.lines["shirt"].quantity, cart.lines["shirt"].details) == (2, None)
    cart.set("shirt", (4, "d"), 2, {"name": "Blue shirt"})
    assert cart.lines["shirt"].details == (4, "d", {"name": "Blue shirt"})


def test_what_came_of_messages_is_joined() -> None:
    """Parts that know of arrivals only, or of touches only: each is there afterwards, once, in any order."""
    kind, stream = ("email", "marketing", "opened"), ("email", "marketing")
    sent, again = messages(), messages()
    sent.put("m1", (1, "e1", None))
    again.put("m2", (2, "e2", None))
    parts = [
        EngagementFacts({stream: sent}),
        EngagementFacts({stream: again}),
        EngagementFacts(touches={kind: ((1, "m1"),)}),
        EngagementFacts(touches={kind: ((2, "m2"), (1, "m1"))}),
    ]
    for turn in permutations(parts):
        whole = Facts()
        for part in turn:
            whole.absorb(Facts(engagement=part))
        assert whole.engagement.touches == {kind: ((2, "m2"), (1, "m1"))}
        assert {name: there.entries.keys() for name, there in whole.engagement.received.items()} == {
            stream: {"m1", "m2"}
        }


@pytest.mark.parametrize("more", range(-2, 4))
def test_the_floor_leaves_exactly_as_many_as_may_stay(more: int) -> None:
    """However many come at once."""
    stamps = [(minute, f"e{minute}") for minute in (3, 1, 5, 2, 4, 0, 6)]
    cap = len(stamps) - more
    floor = floor_of(iter(stamps), cap)
    assert (floor is None) == (more <= 0)
    assert len([one for one in stamps if floor is None or one > floor]) == min(cap, len(stamps))


def test_an_older_value_replaces_no_newer_one() -> None:
    """Within one fold too, whatever the order of events."""
    said = [(1, "a", "old"), (2, "b", "new"), (2, "a", "middle")]
    for turn in permutations(said):
        kept = Newest(4)
        for entry in turn:
            kept.put("key", entry)
        assert kept.entries == {"key": (2, "b", "new")}


def test_a_tie_does_not_hang_on_the_order_of_fields() -> None:
    """Two values with the same fields are one text, whatever their letters."""
    assert canonical({"a": 1, "ş": [2]}) == canonical({"ş": [2], "a": 1}) == '{"a":1,"\\u015f":[2]}'


@st.composite
def carts(draw: st.DrawFn) -> list[CartFacts]:
    """One word about the cart each: an add, a quantity, a removal, or all of it gone; ids may be used twice."""
    told = []
    for _ in range(draw(st.integers(0, 9))):
        one = CartFacts()
        stamp = (draw(st.integers(0, 4)), draw(st.sampled_from("abcdef")))
        product, quantity = draw(st.sampled_from(["p1", "p2", "p3", "p4"])), draw(st.integers(0, 2))
        match draw(st.sampled_from(["add", "add", "set", "clear"])):
            case "add":
                one.add(product, stamp, quantity + 1, {"name": draw(st.sampled_from(["x", "y"]))})
            case "set":
                one.set(product, stamp, quantity, draw(st.sampled_from([None, {"name": "z"}])))
            case _:
                one.cleared = stamp
        told.append(one)
    return told


@also_long
@cases(120)
@given(carts(), st.randoms(use_true_random=False))
def test_a_cart_beyond_its_bounds_is_the_same_in_any_order(told: list[CartFacts], chance: Random) -> None:
    """With room for two products and two adds of each: whatever is dropped, in whatever order and groups it came, the
    same is left, and a copy is the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.domain.facts.cart.MAX_LINES", 2)
        patch.setattr("shared.domain.facts.cart.MAX_ADDS", 2)
        results = []
        for _ in range(2):
            chance.shuffle(told)
            cut = chance.randint(0, len(told))
            halves = [CartFacts(), CartFacts()]
            for place, one in enumerate(told):
                halves[place >= cut].absorb(one)
            whole = halves[0].copy()
            assert whole == halves[0]
            whole.absorb(halves[1])
            again = whole.copy()
            again.absorb(halves[1])
            assert again == whole
            results.append(whole)
        assert results[0] == results[1]
        assert len(results[0].lines) <= 2


def test_a_bound_that_says_no_more_than_a_quantity_is_forgotten() -> None:
    """The oldest of too many adds is dropped, and a quantity is set with its very stamp, before it or after."""
    adds, quantity = CartFacts(), CartFacts()
    for number in range(MAX_ADDS + 1):
        adds.add("shirt", (number, f"e{number:02}"), 1, {})
    quantity.set("shirt", (0, "e00"), 5, None)
    results = []
    for one, other in ((adds, quantity), (quantity, adds)):
        whole = CartFacts()
        whole.absorb(one)
        whole.absorb(other)
        assert whole.lines["shirt"].quantity == 5 + MAX_ADDS
        results.append(whole)
    assert results[0] == results[1]


entries = st.tuples(
    st.sampled_from("abcd"), st.tuples(st.integers(0, 3), st.sampled_from("xy"), st.sampled_from([1, True, "1"]))
)


@cases(200)
@given(st.lists(entries, max_size=10), st.randoms(use_true_random=False))
def test_the_newest_of_each_key_are_kept_in_any_order(put: list[tuple[str, Entry]], chance: Random) -> None:
    """A copy has the floor too, so what was dropped does not come back into it."""
    results: list[Any] = []
    for _ in range(2):
        chance.shuffle(put)
        whole = Newest(2)
        for key, entry in put:
            one = Newest(2)
            one.put(key, entry)
            whole.absorb(one)
            assert whole.copy() == whole
            whole = whole.copy()
        results.append({key: (*entry[:2], canonical(entry[2])) for key, entry in whole.entries.items()})
        results.append(whole.floor)
    assert results[:2] == results[2:]


visits = st.sets(st.tuples(st.integers(0, 3), st.sampled_from(["web", "store"]), st.just("")), max_size=4)


@cases(60)
@given(visits, visits)
def test_visits_are_joined_whichever_are_known(here: set[Visit], there: set[Visit]) -> None:
    """Newest first, each once: whether the other part holds none, some or all of them."""
    facts = Facts(activity=tuple(sorted(here, reverse=True)))
    facts.absorb(Facts(activity=tuple(sorted(there, reverse=True))))
    assert facts.activity == tuple(sorted(here | there, reverse=True))


def test_a_copy_of_what_came_of_messages_is_the_same_and_stands_alone() -> None:
    """Which messages were received, and what was done with them."""
    stream, kind = ("email", "marketing"), ("email", "marketing", "opened")
    first, more = EngagementFacts({stream: messages()}, {kind: ((1, "m1"),)}), messages()
    first.received[stream].put("m1", (1, "e1", None))
    more.put("m2", (2, "e2", None))
    other = first.copy()
    assert other == first
    other.absorb(EngagementFacts({stream: more}, {kind: ((2, "m2"),)}))
    assert first.received[stream].entries.keys() == {"m1"}
    assert first.touches == {kind: ((1, "m1"),)}


def test_what_many_pushed_out_stays_out_whoever_absorbs_whom() -> None:
    """The mark below which nothing is taken again is joined too: an old key is taken by neither."""
    many, few = Newest(2), Newest(2)
    for when in (2, 3, 4):
        many.put(f"k{when}", (when, "e", None))
    many.trim()
    few.put("k1", (1, "e", None))
    one, other = few.copy(), many.copy()
    one.absorb(many)
    other.absorb(few)
    assert one == other
    assert (set(one.entries), one.floor) == ({"k3", "k4"}, (2, "e", "k2"))
