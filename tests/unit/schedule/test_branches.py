"""Steps that decide or write: branch, split, holdout, set and note."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.journeys.enrollment import ChosenBranch, from_item, to_item
from shared.domain.journeys.random_assignment import held_out
from tests.unit.schedule.short_journeys import EMAIL, POST_PURCHASE, ends, ist, journey, journey_events, of, send, sent
from tests.unit.schedule.world import World

pytestmark = pytest.mark.unit


def test_a_branch_is_decided_when_it_is_reached() -> None:
    """The condition is asked after the wait, not at the start; what happens later changes nothing."""
    world = of(
        {"wait": "1d"},
        {
            "branch": {
                "if": {"orders": {"at_least": 1}},
                "then": [send("thanks"), {"end": "bought"}],
                "else": [send("offer")],
            }
        },
        {"wait": "2d"},
        send("last"),
    )
    world.event("Signed Up", ist(2, 10))
    world.until(ist(3, 10, 1))
    world.order(ist(3, 11))
    world.until(ist(9, 10))
    assert sent(world) == [("offer", ist(3, 10)), ("last", ist(5, 10))]
    buyer = World(journeys=world.journeys, reachable=EMAIL)
    buyer.event("Signed Up", ist(2, 10))
    buyer.order(ist(2, 12))
    buyer.until(ist(9, 10))
    assert sent(buyer) == [("thanks", ist(3, 10))]
    assert (ends(buyer), buyer.enrollments[0].end.evidence) == (["ended"], {"why": "bought"})  # type: ignore[union-attr]


def test_a_split_sends_each_customer_one_way_for_good() -> None:
    """The arm is written into the enrollment, and another enrollment of the same customer goes the same way."""
    split = {
        "id": "test",
        "split": {"a": {"weight": 50, "steps": [send("a")]}, "b": {"weight": 50, "steps": [send("b")]}},
    }
    world = of(split)
    world.event("Signed Up", ist(2, 10))
    world.until(ist(3, 10))
    world.event("Signed Up", ist(3, 10))
    world.until(ist(5, 10))
    [(first, _), (second, _)] = sent(world)
    assert first == second
    assert [enrollment.steps["test"].choice for enrollment in world.enrollments] == [first, first]  # type: ignore[union-attr]
    assert [enrollment.steps["test"].by for enrollment in world.enrollments] == ["split", "split"]  # type: ignore[union-attr]


def test_who_is_held_out_gets_nothing_and_is_recorded() -> None:
    """The enrollment ends as ``holdout`` for those whom chance holds out, at once."""
    percent = 50
    world = of({"id": "control", "holdout": {"percent": percent}}, send("a"))
    world.event("Signed Up", ist(2, 10))
    world.until(ist(5, 10))
    out = held_out(percent, world.key, "x", "control")
    assert ends(world) == ["holdout" if out else "completed"]
    assert len(sent(world)) == (0 if out else 1)
    other = of({"id": "other", "holdout": {"percent": 99}}, send("a"))
    other.event("Signed Up", ist(2, 10))
    other.until(ist(5, 10))
    assert (ends(other), sent(other)) == (["holdout"], [])


def test_traits_and_notes_are_written_once_into_the_log() -> None:
    """Under the source ``journey``, trusted, no visit, at the time of the step; after a crash before the enrollment
    says that it is done they are written over themselves."""
    world = of({"wait": "1h"}, {"set": {"vip": True, "level": 3}}, {"note": "Said hello"}, send("a"))
    world.event("Signed Up", ist(2, 10))
    put, puts = world.store.put_enrollment, iter([True, False])

    def crashes_at_the_second(*args: Any, **named: Any) -> None:
        if not next(puts):
            raise ConnectionError("the function was killed here")
        put(*args, **named)

    world.store.put_enrollment = crashes_at_the_second  # type: ignore[method-assign]
    world.now = ist(2, 11)
    assert world.tick().errors == ["ConnectionError"]
    world.store.put_enrollment = put  # type: ignore[method-assign]
    assert len(journey_events(world)) == 2
    world.now = ist(2, 11, 30)
    world.until(ist(2, 13))
    note, traits = journey_events(world)
    assert (traits.name, traits.time, traits.traits) == ("Identified", ist(2, 11), {"vip": True, "level": 3})
    assert (note.name, note.time, note.properties["text"]) == ("Journey Note", ist(2, 11), "Said hello")
    assert all(event.trusted and event.context == {"active": False} for event in (note, traits))
    assert len(sent(world)) == 1


def test_transactional_messages_never_pile_up() -> None:
    """An order that is shipped in the minute in which it was placed: confirmed and shipped are both sent."""
    world = World(journeys=(journey(POST_PURCHASE),), reachable=EMAIL)
    world.order(ist(2, 10), order_id="A")
    world.event("Order Shipped", ist(2, 10), order_id="A")
    world.until(ist(2, 11))
    assert sent(world) == [("confirmed", ist(2, 10)), ("shipped", ist(2, 10))]


def test_enrollments_are_stored_whole() -> None:
    """Values, decisions, the value of one_per, group and priority come back as they were."""
    world = of(send("a", at="1h"))
    world.event("Signed Up", ist(2, 10))
    [enrollment] = world.enrollments
    whole = replace(
        enrollment,
        trigger=replace(enrollment.trigger, values={"order_id": "A"}),
        steps={
            "wait_for.1": ChosenBranch("came", ist(2, 11), ist(2, 10)),
            "split.1": ChosenBranch("in", ist(2, 11), ist(2, 10), "split"),
        },
        one="A",
        group="g",
        priority=70,
    )
    assert from_item(to_item(whole)) == whole
    assert from_item(to_item(enrollment)) == enrollment


def test_a_branch_asks_about_a_segment_as_it_was_decided() -> None:
    """Who is in it when the step is reached goes the one way, who has left it the other."""
    branch = {"branch": {"if": {"in_segment": "vip"}, "then": [send("thanks")], "else": [send("offer")]}}
    for leaves, expected in ((False, "thanks"), (True, "offer")):
        world = of({"wait": "1d"}, branch)
        world.event("Signed Up", ist(2, 10))
        world.flip(ist(2, 11), entered="vip")
        if leaves:
            world.flip(ist(2, 12), left="vip")
        world.until(ist(5, 10))
        assert sent(world) == [(expected, ist(3, 10))]
