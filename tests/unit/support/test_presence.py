"""Agents see who else looks at a conversation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory import MemoryTable
from shared.stores.lookers import LASTS, SAID_AGAIN, Lookers
from tests.unit.ingest.world import NOW
from tests.unit.support.world import EMAIL, INSTAGRAM, Support

pytestmark = pytest.mark.unit


def look(support: Support, id_: str, agent: str) -> Any:
    status, body = support.ask("POST", f"/v1/conversations/{id_}/presence", {"agent": agent})
    assert status == 200
    return body["others"]


def test_who_else_looks_is_named_and_forgotten() -> None:
    """In the order of names, nobody is told of himself, and silence for half a minute is leaving."""
    support = Support()
    one = support.taken(EMAIL, "m1").conversation
    assert look(support, one, "deniz") == []
    assert look(support, one, "ali") == ["deniz"]
    assert look(support, one, "Zeynep") == ["ali", "deniz"]
    support.later(seconds=29)
    assert look(support, one, "ali") == ["Zeynep", "deniz"]
    support.later(seconds=1)
    assert look(support, one, "deniz") == ["ali"]
    assert [message.text for _, message in support.all_messages()] == ["Where is S-1?"]


def test_conversations_that_are_shown_as_one_are_one() -> None:
    """Whichever number an agent opened."""
    support = Support()
    first = support.taken(INSTAGRAM, "i1").conversation
    support.link(EMAIL, INSTAGRAM)
    second = support.taken(EMAIL, "m1").conversation
    assert second != first
    assert look(support, first, "deniz") == []
    assert look(support, second, "ali") == ["deniz"]


@pytest.mark.parametrize("body", [{}, {"agent": ""}, {"agent": 7}, {"agent": "a", "x": 1}, {"agent": "a\nb"}])
def test_what_cannot_be_read_is_refused(body: dict[str, Any]) -> None:
    support = Support()
    one = support.taken(EMAIL, "m1").conversation
    assert support.ask("POST", f"/v1/conversations/{one}/presence", body)[0] == 400
    assert support.ask("POST", "/v1/conversations/none/presence", {"agent": "a"})[0] == 404


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40)), max_size=25))
def test_who_looks_is_who_said_so_lately(steps: list[tuple[str, int]]) -> None:
    """Against all that was said. A write is left out if the last is fresh, so somebody may be gone 15 seconds early."""
    lookers, now, said = Lookers(MemoryTable()), NOW, dict[str, list[Any]]()
    for agent, seconds in steps:
        now += seconds * (LASTS / 30)
        others = set(lookers.look("c", agent, now))
        lately = {name for name, times in said.items() if name != agent and now - times[-1] < LASTS}
        surely = {name for name in lately if now - said[name][-1] < LASTS - SAID_AGAIN}
        assert surely <= others <= lately
        said.setdefault(agent, []).append(now)


def test_a_page_that_asks_every_three_seconds_writes_seldom() -> None:
    """Once in 15 seconds; a question reads half a unit."""
    table = MemoryTable()
    lookers = Lookers(table)
    for number in range(20):
        lookers.look("c", "deniz", NOW + number * LASTS / 10)
    assert table.usage.by_operation["put"] == 4
    assert table.usage.write_units == 4
