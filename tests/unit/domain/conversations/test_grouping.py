"""Which conversations are shown as one: held against connected components, found by brute force."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.conversations.conversation import Conversation, State
from shared.domain.conversations.grouping import group_of, groups, settled
from tests.support.cases import UNIT, cases
from tests.unit.ingest.world import NOW

pytestmark = UNIT
IDS = ["a", "b", "c", "d", "e", "f"]


@st.composite
def conversations(draw: st.DrawFn) -> list[Conversation]:
    found = []
    for id_ in draw(st.lists(st.sampled_from(IDS), unique=True)):
        state = draw(st.sampled_from([State.OPEN, State.WAITING, State.SNOOZED, State.CLOSED, State.CLOSED]))
        opened = NOW + timedelta(minutes=draw(st.integers(0, 3)))
        one = Conversation(id_, f"e.{id_}", f"email:{id_}@x.org", "email", opened, 1, state)
        spam = state is State.CLOSED and draw(st.booleans()) and draw(st.booleans())
        waiting = opened if state is State.OPEN else None
        shown_with = draw(st.sampled_from(["", *IDS]))
        apart = not spam and draw(st.booleans()) and draw(st.booleans())
        found.append(replace(one, shown_with=shown_with, spam=spam, waiting_since=waiting, apart=apart))
    return found


def components(found: list[Conversation]) -> set[frozenset[str]]:
    """All that is live hangs together; a closed one hangs on what it was shown with. What is apart hangs on nothing."""
    sets = [{one.id} for one in found]
    live = {one.id for one in found if one.live and not one.apart}
    ties = [live] if live else []
    known = {one.id for one in found if not one.apart}
    joined = (one for one in found if not one.live and not one.spam and not one.apart)
    ties += [{one.id, one.shown_with} for one in joined if one.shown_with in known]
    for tie in ties:
        touching = [one for one in sets if one & tie]
        sets = [one for one in sets if not one & tie] + [set().union(*touching)]
    return {frozenset(one) for one in sets}


@given(conversations(), st.randoms(use_true_random=False))
@cases(100)
def test_groups_are_the_connected_components(found: list[Conversation], rng: object) -> None:
    """Each conversation is in one group, whatever the order; the oldest live one is the first of the live group."""
    made = groups(found)
    assert {frozenset(one.id for one in group) for group in made} == components(found)
    assert sum(len(group) for group in made) == len(found)
    shuffled = list(found)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert groups(shuffled) == made
    live = sorted((one for one in found if one.live and not one.apart), key=lambda one: (one.opened_at, one.id))
    if live:
        assert [group[0] for group in made if group[0].live and not group[0].apart] == [live[0]]


@given(conversations())
@cases(66)
def test_settling_hides_all_but_the_first_and_asks_if_anybody_asks(found: list[Conversation]) -> None:
    """After it only the first live one is in the pool, and open if one of them was. Settled again, nothing changes."""
    group = next((group for group in groups(found) if group[0].live), None)
    if group is None:
        return
    changed = {one.id: one for one in settled(group)}
    after = tuple(changed.get(one.id, one) for one in group)
    live = [one for one in after if one.live]
    assert [one.id for one in live if not one.shown_with] == [group[0].id]
    assert {one.id for one in live} == {one.id for one in group if one.live}
    asking = [one for one in group if one.live and one.state is State.OPEN]
    if asking:
        assert after[0].state is State.OPEN
        assert after[0].waiting_since == min(one.waiting_since for one in asking if one.waiting_since)
    else:
        assert after[0].state is group[0].state
    assert settled(after) == ()


def one(id_: str, minutes: int = 0, state: State = State.OPEN, shown_with: str = "") -> Conversation:
    opened = NOW + timedelta(minutes=minutes)
    return Conversation(id_, f"e.{id_}", f"email:{id_}@x.org", "email", opened, 1, state, shown_with=shown_with)


def test_the_members_of_a_group_stand_by_age_behind_the_first() -> None:
    """Also behind a first that is younger than a closed one which was shown with it. Groups stand by age as well."""
    first, closed = one("f", 2), one("a", 0, State.CLOSED, "f")
    apart, alone = replace(one("d", 3), apart=True), one("z", 1, State.CLOSED)
    known = [apart, one("b", 3), closed, first, alone]
    assert [[found.id for found in group] for group in groups(known)] == [["z"], ["f", "a", "b"], ["d"]]
    assert [found.id for found in group_of(known, "a")] == ["f", "a", "b"]
    assert group_of(known, "nobody") == ()


def test_notes_that_lead_in_a_circle_end_at_the_smallest_id() -> None:
    """Whoever leads into the circle is with it; what is shown with something live is with that."""
    ring = [one(id_, 0, State.CLOSED, to) for id_, to in (("c", "d"), ("d", "b"), ("b", "c"), ("a", "d"))]
    assert [[found.id for found in group] for group in groups(ring)] == [["b", "a", "c", "d"]]
    ring[2] = replace(ring[2], state=State.OPEN)
    assert [[found.id for found in group] for group in groups(ring)] == [["b", "a", "c", "d"]]
    ring[2] = replace(ring[2], state=State.CLOSED, spam=True)
    assert [group[0].id for group in groups(ring)] == ["b"]


def test_settling_writes_only_what_is_stored_otherwise() -> None:
    """A first that slept is open if another asks, since that one waits; a closed group is left as it is."""
    asks = replace(one("b", 1, shown_with="a"), waiting_since=NOW + timedelta(minutes=5))
    slept = replace(one("a", 0, State.SNOOZED, "x"), snoozed_until=NOW)
    opened = replace(slept, state=State.OPEN, snoozed_until=None, shown_with="", waiting_since=asks.waiting_since)
    assert settled((slept, asks)) == (opened,)
    assert settled((slept, replace(asks, shown_with=""))) == (opened, asks)
    assert settled((replace(slept, shown_with=""),)) == ()
    waits = replace(slept, waiting_since=NOW)
    nobody = replace(asks, waiting_since=None)
    assert settled((waits, nobody))[0].waiting_since == NOW
    done = one("d", 2, State.CLOSED, "x")
    assert settled((done, replace(done, id="e"))) == ()
    assert settled((one("a"), done)) == ()
