"""A campaign to several segments minus others: each person once, nobody who is left out; against brute force."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.schedule.campaign_walk import PAGE
from shared.domain.campaigns.campaign import Walk
from shared.domain.identity.keys import time_text
from shared.domain.profile.customer_item import Customer
from shared.domain.segments.definition import SegmentDefinition
from shared.stores.campaigns import Campaigns
from tests.support.cases import UNIT, cases
from tests.unit.campaigns.world import SALE, SEGMENT, START, TEMPLATE, Store, local, numbers_in

pytestmark = UNIT

NAMES = ("high-value", "engaged", "new", "at-risk")
NEVER = {"trait": {"name": "none", "is": "such"}}
SEVERAL = {"segment": None, "segments": ["high-value", "engaged"], "except": ["at-risk"]}
memberships = st.lists(st.frozensets(st.sampled_from(NAMES)), min_size=1, max_size=8)


def shop() -> Store:
    """Segments whose members a test says; their rules hold for nobody."""
    store = Store()
    more = [SegmentDefinition.model_validate({"segment": name, "who": NEVER}) for name in NAMES[1:]]
    release = store.release
    release = type(release)(0, release.shop, segments=(SEGMENT, *more), templates=(TEMPLATE,))
    store.release = store.releases.publish(release)
    return store


def person(store: Store, number: int, segments: frozenset[str] | set[str]) -> str:
    """Somebody in these segments, as segmentation leaves him: the listing and the customer say the same."""
    key = store.person(number, email=f"p{number}@example.com")
    store.store.delete_member(key, "high-value")
    joins(store, key, segments)
    return key


def joins(store: Store, key: str, segments: frozenset[str] | set[str]) -> None:
    found = store.store.control(key).customer
    version = found.version if found is not None else 0
    since = dict.fromkeys(segments, int(store.clock.time.timestamp() * 1000))
    customer = Customer(version=version + 1, release=1, state="live", segments=since)
    store.store.put_customer(key, customer, previous=version)
    for name in NAMES:
        store.store.delete_member(key, name)
    for name in segments:
        store.store.put_member(key, name, time_text(store.clock.time))


def plan(store: Store, **changes: Any) -> None:
    definition = {name: value for name, value in (SALE | SEVERAL | changes).items() if value not in (None, [])}
    status, answer = store.ask("POST", body={"definition": definition})
    assert status == 201, answer


@given(
    people=memberships,
    included=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    excluded=st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    local_time=st.booleans(),
)
@cases(8)
def test_who_is_in_one_and_in_none_of_the_others_gets_it_once(
    people: list[frozenset[str]], included: list[str], excluded: list[str], *, local_time: bool
) -> None:
    """Any memberships, any segments: the union minus the others, each person once; and the counts say so."""
    left_out = [name for name in excluded if name not in included]
    store = shop()
    for number, segments in enumerate(people):
        person(store, number, segments)
    plan(store, segments=included, **{"except": left_out}, local_time=local_time or None)
    store.until(local(24 * 4))
    wanted = {n for n, segments in enumerate(people) if segments & set(included) and not segments & set(left_out)}
    assert Counter(store.addresses) == {f"p{n}@example.com": 1 for n in wanted}
    shown = store.shown()
    assert (shown["state"], shown["handed_over"], shown["sent"], shown["uncounted"]) == (
        "done",
        len(wanted),
        len(wanted),
        0,
    )
    assert shown["left_out"] == sum(
        sum(name in segments for name in included) for segments in people if segments & set(left_out)
    )


@given(before=memberships, after=memberships)
@cases(8)
def test_who_enters_a_segment_that_is_left_out_before_the_call_gets_none(
    before: list[frozenset[str]], after: list[frozenset[str]]
) -> None:
    """All were handed over; then memberships change while the messages lie in the queue. Whoever is in it now gets
    none, whatever he was; whoever was in it when his page was read gets none either."""
    store = shop()
    keys = [person(store, number, segments) for number, segments in enumerate(before)]
    plan(store)
    store.until(local(10, 30))
    store.clock.time = local(10, 30)
    store.tick()
    while store.work.bodies:
        bodies, store.work.bodies = store.work.bodies, []
        store.worker(bodies)
    for key, segments in zip(keys, after, strict=False):
        joins(store, key, segments)
    now = [*after[: len(before)], *before[len(after) :]]
    store.settle()
    first = {"high-value", "engaged"}
    wanted = {
        n
        for n, (then, segments) in enumerate(zip(before, now, strict=True))
        if then & first and "at-risk" not in then | segments
    }
    assert {f"p{n}@example.com" for n in wanted} <= set(store.addresses)
    forbidden = {f"p{n}@example.com" for n, segments in enumerate(now) if "at-risk" in segments}
    assert not forbidden & set(store.addresses)
    store.until(local(20))
    assert max(Counter(store.addresses).values(), default=1) == 1
    assert not forbidden & set(store.addresses)


def test_the_rule_counts_where_the_membership_lags_behind() -> None:
    """An order of this second makes her a member of what is left out; segmentation has not decided it yet."""
    store = shop()
    rule = SegmentDefinition.model_validate({"segment": "at-risk", "who": {"trait": {"name": "language", "is": "tr"}}})
    store.release = store.releases.publish(
        type(store.release)(0, store.release.shop, segments=(SEGMENT, rule), templates=(TEMPLATE,))
    )
    person(store, 1, {"high-value"})
    plan(store, segments=["high-value"])
    store.until(local(12))
    assert (store.addresses, store.reasons()) == ([], ["excluded_segment"])


def test_a_crash_between_two_pages_leaves_nobody_out_and_counts_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the second segment is handed over and noted, its worker dies before the walk is saved: it comes again,
    and is not taken for people whom an earlier page had handed over."""
    store = shop()
    numbers = numbers_in(3, 12)
    for place, number in enumerate(numbers):
        person(store, number, {"high-value", "engaged"} if place < 4 else {"engaged"})
    plan(store)
    put, died = Campaigns.put_walk, Counter[int]()

    def put_walk(self: Campaigns, name: str, walk: Walk) -> Walk:
        if walk.shard == 3 and walk.walked > 4 and not died[0]:
            died[0] += 1
            raise OSError("killed")
        return put(self, name, walk)

    monkeypatch.setattr(Campaigns, "put_walk", put_walk)
    store.until(local(12))
    assert died[0] == 1
    assert Counter(store.addresses) == {f"p{n}@example.com": 1 for n in numbers}
    assert (store.shown()["handed_over"], store.shown()["uncounted"]) == (12, 0)


def test_who_enters_behind_the_page_that_was_read_is_found_by_the_next_segment_or_the_last_look() -> None:
    """Membership in an earlier segment is not taken for having got it: she enters it when its pages were read."""
    store = shop()
    numbers = numbers_in(5, PAGE + 3)
    for number in numbers:
        person(store, number, {"engaged"})
    late = person(store, numbers_in(5, PAGE + 4)[-1], {"engaged"})
    plan(store)
    store.until(local(10, 30))
    store.clock.time = local(10, 30)
    store.tick()
    read = store.store.members_page

    def members_page(segment: str, shard: int, **options: Any) -> Any:
        page = read(segment, shard, **options)
        if segment == "high-value" and shard == 5:
            store.store.put_member(late, "high-value", time_text(START))  # dated back: behind no look
        return page

    object.__setattr__(store.campaign_timers._walk, "_customers", _With(store.store, members_page))
    store.settle()
    store.until(local(12))
    assert len(set(store.addresses)) == len(store.addresses) == PAGE + 4


class _With:
    """A store with another ``members_page``."""

    def __init__(self, store: Any, members_page: Any) -> None:
        self._store, self.members_page = store, members_page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"segment": "high-value"}, "either segment"),
        ({"segments": []}, "either segment"),
        ({"segments": ["high-value", "high-value"]}, "named twice"),
        ({"except": ["high-value"]}, "named twice"),
        ({"segments": ["high-value", "nobody"]}, "no segment nobody"),
        ({"except": ["nobody"]}, "no segment nobody"),
        ({"stop_at": {"bounces": 0}}, "greater than 0"),
    ],
)
def test_mistakes_are_told(changes: dict[str, Any], said: str) -> None:
    definition = {name: value for name, value in (SALE | SEVERAL | changes).items() if value not in (None, [])}
    _, checked = shop().ask("POST", "check", body={"definition": definition})
    assert said in str(checked["problems"])


def test_the_check_counts_each_person_once_and_without_those_who_are_left_out() -> None:
    store = shop()
    for number, segments in enumerate([{"high-value"}, {"high-value", "engaged"}, {"engaged", "at-risk"}, {"new"}]):
        person(store, number, segments)
    definition = {name: value for name, value in (SALE | SEVERAL).items() if value is not None}
    _, checked = store.ask("POST", "check", body={"definition": definition})
    assert checked["reach"]["members"] == 2
    assert "high-value or engaged but nobody in at-risk" in checked["says"]["en"]
    assert "high-value ya da engaged segmentindeki, at-risk segmentinde olmayan herkese" in checked["says"]["tr"]
