"""Who restricted or objected by himself takes all of it back; what the shop noted stays."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from functions.ingest.rights_texts import RIGHTS_TEXTS
from shared.domain.events.event import Source
from shared.domain.privacy.case import CaseAction, Right
from shared.domain.privacy.held_rights import Held
from shared.operators.cases import act, open_case
from tests.unit.privacy.person import Person

pytestmark = pytest.mark.unit


@pytest.fixture
def person() -> Person:
    return Person()


def _hold(person: Person, right: str, by: str) -> str:
    """One more restriction or objection, asked by the person or by the shop's staff."""
    world = person.shop.world
    case, _ = open_case(world.environment, "user:42", Right(right), by)
    source = Source(by, "web", trusted=True)
    act(world.environment, lambda: person.work, case.id, CaseAction.CARRY_OUT, source)
    world.clock.advance(timedelta(seconds=1))
    return case.id


@pytest.mark.parametrize("right", ["restrict", "object"])
@pytest.mark.parametrize("staff", [0, 1, 2])
def test_all_of_his_own_are_taken_back(person: Person, right: str, staff: int) -> None:
    """Two clicks make two cases: both end. What the staff noted stays, and the page says so."""
    own = {_hold(person, right, "person") for _ in range(2)}
    theirs = {_hold(person, right, "store") for _ in range(staff)}
    page = person.do(f"lift_{right}")
    states = {case["id"]: case["state"] for case in person.shop.world.get("/v1/cases")[1]["items"]}
    assert {states[name] for name in own} == {"lifted"}
    assert {states[name] for name in theirs} <= {"done"}
    assert (person.shop.tree("user:42").held(Held(right)) is not None) is bool(staff)
    assert (RIGHTS_TEXTS["tr"]["staff_holds"] in page) is bool(staff)


def test_what_the_staff_noted_is_not_offered_to_be_taken_back(person: Person) -> None:
    """The page says that it holds; and he can still ask for the same by himself."""
    _hold(person, "restrict", "store")
    link = person.link()
    proof = person.proof(link)
    page = person.post(link, step="choices", proof=proof)["body"]
    assert RIGHTS_TEXTS["tr"]["staff_holds"] in page
    assert set(re.findall(r'name="right" value="(\w+)"', page)) == {"erase", "export", "restrict", "object"}
    assert person.post(link, step="confirm", proof=proof, right="lift_restrict")["statusCode"] == 200
    assert person.shop.tree("user:42").held(Held.RESTRICT) is not None
