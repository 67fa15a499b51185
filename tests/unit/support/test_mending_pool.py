"""After identifiers were linked or released, the pool comes right by itself."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.support.mend_pool import PK, ROWS, SK, STATES, PoolSweep
from shared.queries.customer_conversations import conversations_of
from tests.unit.support.world import EMAIL, INSTAGRAM, PHONE, Support

pytestmark = pytest.mark.unit
PEOPLE = (EMAIL, INSTAGRAM, PHONE)
Step = tuple[Literal["write", "answer", "link", "release"], str, str]


def sweep(support: Support, left: int = 1_000_000) -> int:
    remaining = [left]

    def time_left() -> bool:
        remaining[0] -= 1
        return remaining[0] >= 0

    return PoolSweep(support.conversations, support.agents).run(time_left)


def everything(support: Support) -> None:
    """As many minutes as a small pool takes, twice: what is put right once may bring another into a list."""
    for _ in range(2 * len(STATES)):
        sweep(support)


def test_two_rows_become_one_and_two_again() -> None:
    """A conversation that was hidden by a link is not lost when the link is released."""
    support = Support()
    first = support.taken(INSTAGRAM, "i1").conversation
    support.later(minutes=1)
    second = support.taken(EMAIL, "m1").conversation
    assert support.pool() == [first, second]
    support.link(EMAIL, INSTAGRAM)
    everything(support)
    assert support.pool() == [first]
    support.later(minutes=1)
    support.release(EMAIL, INSTAGRAM)
    everything(support)
    assert sorted(support.pool()) == sorted([first, second])


def test_an_empty_pool_is_not_written_to() -> None:
    support = Support()
    assert sweep(support) == 0
    assert support.table.get(PK, SK) is None


def test_a_large_pool_is_looked_at_in_turn() -> None:
    """Page by page, each once in a round; a cursor that cannot be read begins the list anew."""
    support = Support()
    for number in range(2 * ROWS + 5):
        support.taken(f"email:c{number}@example.com", f"m{number}")
        support.later(seconds=1)
    assert [sweep(support) for _ in range(4)] == [ROWS, ROWS, 5, ROWS]
    support.table.put({"pk": PK, "sk": SK, "state": "open", "cursor": "broken"})
    assert sweep(support) == ROWS
    support.table.put({"pk": PK, "sk": SK, "state": "gone", "cursor": ""})
    assert sweep(support) == ROWS


def test_who_runs_out_of_time_comes_again() -> None:
    support = Support()
    for number in range(5):
        support.taken(f"email:c{number}@example.com", f"m{number}")
    assert (sweep(support, left=2), sweep(support)) == (2, 5)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["write", "answer", "link", "release"]), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)
        ),
        max_size=12,
    )
)
def test_every_customer_has_one_row(steps: list[Step]) -> None:
    """Against the groups themselves: of each group of live conversations its first is in a list, and no other."""
    support = Support()
    for number, (what, one, other) in enumerate(steps):
        support.later(minutes=1)
        if what == "write":
            support.taken(one, f"m{number}")
        elif what == "answer" and support.pool():
            asked = support.pool()[0]
            support.answer(asked, f"k{number}", channel=support.shown(asked)[0].channel)
        elif what in ("link", "release") and PEOPLE.index(one) < PEOPLE.index(other):
            (support.link if what == "link" else support.release)(other, one)
    everything(support)
    wanted = set()
    for conversation, _ in support.all_messages():
        found = conversations_of(support.customers, support.conversations, conversation.home, also=conversation)
        wanted.add(found.group(conversation.id)[0].id)
    assert {*support.pool("open"), *support.pool("waiting")} == wanted
