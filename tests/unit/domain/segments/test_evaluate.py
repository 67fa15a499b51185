"""Segments: the truth now, and exactly how long it holds; brute force over instants agrees."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError

from shared.domain.definitions.shop import Shop
from shared.domain.facts.facts import Facts
from shared.domain.profile.profile import Order, OrderState, Profile
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluate import Evaluation, evaluate
from shared.domain.segments.memberships import memberships
from tests.support.cases import UNIT, cases
from tests.support.world import NOW, SEGMENTS

pytestmark = UNIT

SHOP = Shop(name="Test")
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
NEW, AT_RISK = SEGMENTS


def segment(who: Any, name: str = "s") -> SegmentDefinition:
    return SegmentDefinition.model_validate({"segment": name, "who": who})


def bought(*ages: timedelta, state: OrderState = "completed") -> Profile:
    """Somebody with orders so long ago (negative: in the future)."""
    orders = [
        Order(f"o{place}", NOW - age, Decimal(10), "TRY", "web", state, Decimal(0)) for place, age in enumerate(ages)
    ]
    empty = profile_of("u.1", ("u.1",), (), Facts())
    return replace(empty, orders=tuple(sorted(orders, key=lambda one: one.at)))


def ask(definition: SegmentDefinition, profile: Profile, now: datetime = NOW) -> Evaluation:
    return evaluate(definition, profile, SHOP, now)


def brute(who: dict[str, Any], profile: Profile, now: datetime) -> bool:
    """The language read naively, from the definition as it was written."""
    [(name, said)] = who.items()
    if name == "all":
        return all(brute(part, profile, now) for part in said)
    if name == "any":
        return any(brute(part, profile, now) for part in said)
    if name == "not":
        return not brute(said, profile, now)
    ages = [now - one.at for one in profile.orders if one.state not in SHOP.orders_ignore]

    def days(text: str) -> timedelta:
        return int(text[:-1]) * DAY

    def inside(age: timedelta, within: str) -> bool:
        return timedelta() <= age < days(within)

    counted = [
        age for age in ages if ("within" not in said and age >= timedelta()) or inside(age, said.get("within", "0d"))
    ]
    answers = []
    if "at_least" in said:
        answers.append(len(counted) >= said["at_least"])
    if "at_most" in said:
        answers.append(len(counted) <= said["at_most"])
    if "exactly" in said:
        answers.append(len(counted) == said["exactly"])
    if "more_than" in said:
        answers.append(len(counted) > said["more_than"])
    if "first" in said:
        answers.append(bool(ages) and inside(max(ages), said["first"]["within"]))
    if "last" in said:
        answers.append(any(inside(age, said["last"]["within"]) for age in ages))
    return all(answers)


windows = st.sampled_from(["1d", "3d", "5d"])
bounds = st.dictionaries(
    st.sampled_from(["at_least", "at_most", "exactly", "more_than"]), st.integers(0, 3), min_size=1, max_size=2
)
singles = st.one_of(
    bounds,
    st.builds(lambda said, within: {**said, "within": within}, bounds, windows),
    windows.map(lambda within: {"first": {"within": within}}),
    windows.map(lambda within: {"last": {"within": within}}),
)
nodes = singles.map(lambda said: {"orders": said})
rules = st.recursive(
    nodes,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
ages = st.lists(st.sampled_from([timedelta(hours=12 * half) for half in range(-4, 14)]), max_size=5)


@st.composite
def people(draw: st.DrawFn) -> Profile:
    profile = bought(*draw(ages))
    states: list[OrderState] = ["completed", "completed", "cancelled", "fully_refunded"]
    return replace(
        profile, orders=tuple(replace(order, state=draw(st.sampled_from(states))) for order in profile.orders)
    )


INSTANTS = [NOW + timedelta(hours=6 * step) for step in range(-8, 60)]


@cases(50)
@given(rules, people())
def test_evaluation_is_brute_force_at_any_instant(who: dict[str, Any], profile: Profile) -> None:
    """On random rules, people and instants, before and after their orders, the evaluator agrees with counting."""
    definition = segment(who)
    for now in INSTANTS:
        assert ask(definition, profile, now).value == brute(who, profile, now)


@cases(50)
@given(rules, people())
def test_the_truth_holds_as_long_as_it_says(who: dict[str, Any], profile: Profile) -> None:
    """Nothing changes before ``valid_until`` with no new event; who looks again then never misses a change."""
    definition = segment(who)
    truth = ask(definition, profile)
    assert truth.valid_until is None or truth.valid_until > NOW
    for now in INSTANTS:
        for instant in (now, now - TICK):
            if instant >= NOW and (truth.valid_until is None or instant < truth.valid_until):
                assert brute(who, profile, instant) == truth.value


@cases(50)
@given(nodes.filter(lambda who: len(who["orders"].keys() & {"first", "last"}) == 0), people())
def test_one_node_knows_the_very_instant(who: dict[str, Any], profile: Profile) -> None:
    """For a single rule ``valid_until`` is the first true change: the other value at it, this one a tick before."""
    truth = ask(segment(who), profile)
    if truth.valid_until is not None:
        assert brute(who, profile, truth.valid_until) != truth.value
        assert brute(who, profile, truth.valid_until - TICK) == truth.value


def test_an_order_exactly_90_days_old_is_outside() -> None:
    """The window is half-open: at-risk begins at 90 days to the millisecond, and the evaluator says so before."""
    profile = bought(90 * DAY - TICK)
    assert ask(AT_RISK, profile) == Evaluation(False, NOW + TICK)
    assert ask(AT_RISK, profile, NOW + TICK) == Evaluation(True, None)
    assert ask(AT_RISK, bought(90 * DAY)).value is True


def test_new_ends_at_30_days() -> None:
    """New from the first order for 30 days; a second order does not prolong it."""
    assert ask(NEW, bought(10 * DAY)) == Evaluation(True, NOW + 20 * DAY)
    assert ask(NEW, bought(40 * DAY, 10 * DAY)) == Evaluation(False, None)
    assert ask(NEW, bought()) == Evaluation(False, None)


def test_who_never_bought_is_not_at_risk() -> None:
    """At-risk needs an order, and orders that were cancelled or refunded whole are none."""
    assert ask(AT_RISK, bought()).value is False
    assert ask(AT_RISK, bought(100 * DAY, state="cancelled")).value is False
    assert ask(AT_RISK, bought(100 * DAY, state="fully_refunded")).value is False
    assert evaluate(AT_RISK, bought(100 * DAY, state="cancelled"), Shop(name="x", orders_ignore=()), NOW).value is True


def test_an_order_in_the_future_counts_from_itself_on() -> None:
    """A till whose clock is ahead: not bought yet, and the evaluator knows when."""
    assert ask(NEW, bought(-DAY)) == Evaluation(False, NOW + DAY)
    assert ask(segment({"orders": {"exactly": 0}}), bought(-DAY)) == Evaluation(True, NOW + DAY)


def test_a_false_conjunction_waits_for_its_last_part() -> None:
    """No timer for a part that may rise while another cannot yet: a flip that fires is able to change something."""
    rule = segment({"all": [{"orders": {"at_least": 1}}, {"orders": {"at_least": 2}}]})
    assert ask(rule, bought(-DAY, -3 * DAY)) == Evaluation(False, NOW + 3 * DAY)
    assert ask(rule, bought(-DAY)) == Evaluation(False, None)


def test_bounds_combine() -> None:
    """Between two and three orders within 5 days; at most none; all bounds of one rule must hold."""
    rule = segment({"orders": {"at_least": 2, "at_most": 3, "within": "5d"}})
    assert [ask(rule, bought(*(DAY for _ in range(count)))).value for count in range(5)] == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_memberships_keep_since_and_name_changes() -> None:
    """Who stays keeps his time; entering and leaving are named; a segment that is no more is left."""
    found = memberships((NEW, AT_RISK), bought(10 * DAY), SHOP, NOW, {"new": 5, "gone": 6, "at-risk": 7})
    assert dict(found.segments) == {"new": 5}
    assert (found.entered, found.left) == ((), ("at-risk", "gone"))
    assert found.next_flip == NOW + 20 * DAY
    assert memberships((NEW,), bought(DAY), SHOP, NOW, {}).entered == ("new",)


MISTAKES = [
    ({"orders": {}}, ("who", "orders"), "say how many orders"),
    ({"orders": {"within": "90d"}}, ("who", "orders"), "say how many orders"),
    ({"orders": {"first": {"within": "1d"}, "within": "90d"}}, ("who", "orders"), "within needs a number"),
    ({"orders": {"at_least": 1, "within": "3 months"}}, ("who", "orders", "within"), "months differ in length"),
    ({"orders": {"at_least": -1}}, ("who", "orders", "at_least"), "greater than or equal to 0"),
    ({"orders": {"atleast": 1}}, ("who", "orders", "atleast"), "Extra inputs"),
    ({"order": {"at_least": 1}}, ("who",), "write one of orders, event, .*, all, any, not here"),
    ({"all": []}, ("who", "all"), "at least 1 item"),
    ({"all": [{"orders": {"at_least": 1}}, {"not": {"nobody": 1}}]}, ("all", 1, "not"), "write one of"),
    ("everybody", ("who",), "write one of"),
]


@pytest.mark.parametrize(("who", "path", "remedy"), MISTAKES)
def test_errors_name_the_place_and_the_remedy(who: Any, path: tuple[str | int, ...], remedy: str) -> None:
    """A mistake in a definition is reported where it is, with what to write instead."""
    with pytest.raises(ValidationError, match=remedy) as wrong:
        segment(who)
    places = [error["loc"] for error in wrong.value.errors()]
    assert any(set(path) <= set(place) for place in places), places
