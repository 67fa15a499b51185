"""A commercial send that never goes out is told when the journey is checked, whatever stands between the two."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from shared.domain.definitions.left_out_sends import left_out_sends
from shared.domain.journeys.plan import plan_of
from shared.domain.journeys.step_definition import Step

pytestmark = pytest.mark.unit

STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])
GOLD = {"trait": {"name": "plan", "is": "gold"}}
AT_TEN = {"wait": {"until": "10:00"}}


def send(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "send": "welcome", "fresh_for": "24h", "purpose": "marketing", "channels": ["email"], **more}


def branch(then: list[dict[str, Any]], otherwise: list[dict[str, Any]]) -> dict[str, Any]:
    return {"branch": {"if": GOLD, "then": then, "else": otherwise}}


def told(*steps: dict[str, Any]) -> list[tuple[str, str]]:
    return [(earlier.id, later.id) for earlier, later in left_out_sends(plan_of(STEPS.validate_python(steps)))]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((branch([send("c")], [{"wait": "2d"}]), send("b")), [("c", "b")]),
        ((send("a"), branch([send("c")], [send("d")])), [("a", "c")]),
        ((send("a"), branch([{"note": "x"}], [{"set": {"y": 1}}]), send("b")), [("a", "b")]),
        ((AT_TEN, send("a"), AT_TEN, send("b")), [("a", "b")]),
        ((send("a"), send("u", unless=GOLD), send("b")), [("a", "b"), ("u", "b")]),
        (({"wait": "2h"}, branch([send("c", at="1h")], []), send("b", at="90m")), [("c", "b")]),
    ],
)  # fmt: skip
def test_a_send_that_is_left_out_on_every_path_is_told(
    steps: tuple[dict[str, Any], ...], expected: list[tuple[str, str]]
) -> None:
    """Before and after a branch, at the same hour twice, and with a conditional send between them."""
    assert told(*steps) == expected


@pytest.mark.parametrize(
    "steps",
    [
        (send("a"), branch([send("c")], [{"wait": "2d"}])),
        (send("a"), branch([send("c"), {"wait": "1d"}], [{"end": "no"}]), send("b")),
        (send("a"), branch([send("c")], [])),
        (AT_TEN, send("a"), {"wait": {"until": "11:00"}}, send("b")),
        (AT_TEN, send("a"), {"wait": "1h"}, AT_TEN, send("b")),
        (send("a"), {"holdout": {"percent": 10}}, send("b")),
        (send("a"), {"wait_for": {"event": "X", "at_most": "1d", "otherwise": "continue"}}, send("b")),
    ],
)
def test_a_send_that_some_get_is_fine(steps: tuple[dict[str, Any], ...]) -> None:
    """One path has no other send just then, so its author may mean it."""
    assert told(*steps) == []


def test_many_branches_in_a_row_are_looked_through_once() -> None:
    """Two paths at each of thirty branches are a thousand million paths."""
    empty = branch([{"note": "x"}], [{"note": "y"}])
    assert told(send("a"), *([empty] * 30), send("b")) == [("a", "b")]


TIMES: list[dict[str, Any]] = [{"wait": "1h"}, {"note": "n"}, {"end": "done"}]
EXACT = st.one_of(
    st.sampled_from([send("?"), send("?"), send("?", unless=GOLD)]),
    st.sampled_from(
        [*TIMES, {"id": "?", "send": "order", "fresh_for": "24h", "purpose": "transactional", "channels": ["email"]}]
    ),
)
CLOCKS = st.sampled_from(
    [
        send("?", at="1h"), send("?", at="2h"), AT_TEN, {"wait": {"until": "11:00"}},
        {"wait_for": {"event": "X", "at_most": "1d", "otherwise": "continue"}},
    ]
)  # fmt: skip


def trees(step: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.recursive(
        st.lists(step, min_size=1, max_size=4),
        lambda inner: st.lists(st.one_of(step, st.builds(branch, inner, inner)), min_size=1, max_size=4),
        max_leaves=8,
    ).map(lambda steps: named(steps, count()))


def named(steps: list[dict[str, Any]], number: Iterator[int]) -> list[dict[str, Any]]:
    """The same steps, each send with a name of its own."""
    found = []
    for step in steps:
        if "branch" in step:
            rule = step["branch"]
            found.append(branch(named(rule["then"], number), named(rule["else"], number)))
        else:
            found.append(step | ({"id": f"s{next(number)}"} if "send" in step else {}))
    return found


def ways(steps: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Every way through, without branches; after an end comes nothing."""
    if not steps:
        yield []
        return
    first, rest = steps[0], steps[1:]
    for arm in [first["branch"]["then"], first["branch"]["else"]] if "branch" in first else [[first]]:
        for before in ways(arm) if "branch" in first else [arm]:
            ended = any("end" in step for step in before)
            yield from ([*before, *after] for after in ([[]] if ended else ways(rest)))


def left_out(way: list[dict[str, Any]], name: str) -> bool:
    """Whether another commercial send comes at the moment of this one: after as many hours, and no wait of unknown
    length between them."""
    hours, until, unknown, moments = 0, None, 0, []
    for step in way:
        if step.get("wait") == "1h":
            hours, until = hours + 1, None
        elif "wait" in step:
            unknown, until = unknown + (step != until), step
        elif "wait_for" in step:
            unknown, until = unknown + 1, None
        elif int(step.get("at", "0h")[0]) > hours:
            hours, until = int(step["at"][0]), None
        moments.append((hours, unknown))
    mine = next(place for place, step in enumerate(way) if step.get("id") == name)
    return any(
        moment == moments[mine] and step.get("purpose") == "marketing" and "unless" not in step
        for step, moment in zip(way[mine + 1 :], moments[mine + 1 :], strict=True)
    )


def never_sent(steps: list[dict[str, Any]]) -> set[str]:
    """By brute force: the commercial sends that are left out on every way that passes them."""
    every = list(ways(steps))
    commercial = {step["id"] for way in every for step in way if step.get("purpose") == "marketing"}
    return {
        name
        for name in commercial
        if all(left_out(way, name) for way in every if any(step.get("id") == name for step in way))
    }


@given(trees(EXACT))
def test_exactly_what_is_never_sent_is_told(steps: list[dict[str, Any]]) -> None:
    """Through any branches, compared with every way on its own."""
    assert {earlier for earlier, _ in told(*steps)} == never_sent(steps)


@given(trees(st.one_of(EXACT, CLOCKS)))
def test_nothing_is_told_of_what_is_sent_to_some(steps: list[dict[str, Any]]) -> None:
    """Also with hours of the day and times after the clock, of which less is known before somebody walks the steps."""
    assert {earlier for earlier, _ in told(*steps)} <= never_sent(steps)
