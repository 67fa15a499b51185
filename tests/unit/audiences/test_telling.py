"""Lists at advertising platforms hold who is in the segment and agreed, and nobody else."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.audiences.hashing import Platform, normal
from tests.unit.audiences.world import LISTS, START, World, audience, key_of, row

AYSE, PHONE = "email:Ayse@example.com", "phone:+905321112233"
BOTH: tuple[Platform, ...] = ("meta", "google")


def world(to: Platform = "meta", **more: Any) -> World:
    return World(audiences={f"at-{to}": audience(to)}, **more)


def enter(made: World, who: str) -> None:
    made.person(who, inside=True)
    made.agree(who)
    made.refresh(who)


@pytest.mark.parametrize("to", BOTH)
def test_who_enters_is_added_and_who_leaves_is_removed(to: Platform) -> None:
    made = world(to)
    enter(made, AYSE)
    enter(made, PHONE)
    made.run(3)
    assert made.held(to) == {row(to, AYSE), row(to, PHONE)}
    made.person(AYSE, inside=False)
    made.refresh(AYSE)
    made.run(3)
    assert made.held(to) == {row(to, PHONE)}
    assert made.seen.get(f"at-{to}", key_of(AYSE)) is None
    [state] = made.seen.states()
    assert (state.size, state.failing) == (1, None)


def test_the_forms_that_are_hashed() -> None:
    assert normal("meta", "email", " Ayse@Example.COM ") == "ayse@example.com"
    assert (normal("meta", "phone", "+90 532 111 22 33"), normal("google", "phone", "+905321112233")) == (
        "905321112233", "+905321112233",
    )  # fmt: skip
    made = world()
    enter(made, PHONE)
    made.run()
    assert made.held() == {f"PHONE {hashlib.sha256(b'905321112233').hexdigest()}"}


@pytest.mark.parametrize("purpose", ["marketing", "all"])
def test_without_consent_to_ads_nobody_is_added(purpose: str) -> None:
    made = world()
    made.person(AYSE, inside=True)
    made.agree(AYSE, purpose=purpose)
    made.refresh(AYSE)
    made.run(2)
    assert made.held() == set()
    assert made.seen.get("at-meta", key_of(AYSE)) is None


def test_a_withdrawal_an_objection_and_an_erasure_remove() -> None:
    """What they are told of is only the address; the digest goes when the platform took it out."""
    for act in ("withdraw", "object", "erase"):
        made = world()
        enter(made, AYSE)
        made.run()
        made.moment += timedelta(minutes=1)
        if act == "withdraw":
            made.agree(AYSE, granted=False)
        elif act == "object":
            made.object_to(AYSE, made.moment)
        else:
            made.erase(AYSE)
        made.refresh(AYSE)
        made.run(2)
        assert made.held() == set(), act
        assert [item for item in made.audiences_table.items() if item["pk"] == key_of(AYSE)] == []


def test_a_withdrawal_that_nobody_told_of_stops_an_addition() -> None:
    """It is looked at once more in the moment of telling."""
    made = world()
    enter(made, AYSE)
    made.moment += timedelta(minutes=1)
    made.agree(AYSE, granted=False)
    made.run()
    assert made.ads.requests == 0
    assert made.held() == set()


def test_members_of_before_are_found_and_forgotten_ones_taken_out() -> None:
    """By the walk through the segment, in pieces, and again after a week."""
    made = world(most=50, steps=6)
    people = [f"email:u{number}@example.com" for number in range(9)]
    for who in people:
        made.person(who, inside=True)
        made.agree(who)
    made.run(12)
    assert made.held() == {row("meta", who) for who in people}
    made.person(people[0], inside=False)
    made.run(12)
    assert len(made.held()) == 9
    made.moment += timedelta(days=7)
    made.run(12)
    assert made.held() == {row("meta", who) for who in people[1:]}


def test_an_audience_that_the_shop_has_no_more_is_emptied() -> None:
    """So is the former list of one that goes to another list; then the new one is filled."""
    made = world(most=50)
    for who in (AYSE, PHONE):
        enter(made, who)
    made.run()
    assert len(made.held()) == 2
    made.audiences = {"at-meta": audience("meta").model_copy(update={"list": "1009"})}
    made.run(4)
    assert (made.held(), len(made.ads.members("1009"))) == (set(), 2)
    made.audiences = {}
    made.run(3)
    assert made.ads.members("1009") == set()
    assert made.audiences_table.items() == []


def test_an_outage_is_said_and_over() -> None:
    made = world()
    enter(made, AYSE)
    made.ads.outage = "down"
    made.run(3)
    [state] = made.seen.states()
    assert (state.failing, state.problem) == (START + timedelta(minutes=15), "http_503")
    assert made.seen.oldest_due("at-meta") == START
    made.ads.outage = ""
    made.run()
    [state] = made.seen.states()
    assert (state.failing, state.problem, state.size) == (None, "", 1)


def test_one_platform_that_is_down_holds_up_no_other() -> None:
    made = World(audiences={"a-google": audience("google"), "b-meta": audience("meta")})
    enter(made, AYSE)
    made.cut = ["before"]
    made.run()
    assert made.held("meta") == {row("meta", AYSE)}
    assert [state.failing is not None for state in made.seen.states()] == [True, False]


def test_a_job_that_failed_is_told_again() -> None:
    made = world("google", runs_for=timedelta())
    enter(made, AYSE)
    made.ads.outage = "failing"
    made.run(2)
    assert made.seen.states()[0].problem == "job_failed"
    assert made.held("google") == set()
    made.ads.outage = ""
    made.run(4)
    assert made.held("google") == {row("google", AYSE)}
    assert made.seen.batch("at-google") is None


def test_nothing_is_told_beside_a_job_that_runs() -> None:
    """Whether two jobs of one list keep their order nobody promises."""
    made = world("google", runs_for=timedelta(hours=5))
    enter(made, AYSE)
    made.run()
    made.person(AYSE, inside=False)
    made.refresh(AYSE)
    made.run(4)
    assert len(made.ads.jobs) == 1
    made.moment += timedelta(hours=5)
    made.run(1)
    made.moment += timedelta(hours=5)
    assert made.held("google") == set()


def test_a_change_is_of_a_bounded_number() -> None:
    made = world(most=2)
    for number in range(5):
        enter(made, f"email:u{number}@example.com")
    made.run()
    assert made.ads.requests == 3
    assert len(made.ads.members(LISTS["meta"])) == 5
