"""A refusal at IYS that only an answer about something else shows: it counts here, whatever was on its way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.iys.test_trouble import BAD, OTHERS, PHONE, RET, agreed, listed
from tests.unit.iys.world import World


def withdrawn_there(world: World) -> None:
    """At IYS, and no list says it: IYS's page says that its list of citizens' changes was not in service."""
    world.moment += timedelta(minutes=5)
    world.iys.citizen(BAD, "MESAJ", "RET")
    world.iys.movements.clear()


@pytest.mark.parametrize("once_more", [False, True])
@pytest.mark.parametrize("lost", ["forgotten", "cut"])
def test_who_withdraws_at_iys_while_an_upload_is_lost_is_withdrawn_here(lost: str, once_more: bool) -> None:
    """Also who agreed again here, so that IYS held a refusal before and holds a newer one now."""
    world = agreed(PHONE, OTHERS[0], most=50)
    if once_more:
        world.run(3)
        withdrawn_there(world)
        world.questions = 10
        world.run(1)
        world.questions = 0
        world.moment += timedelta(hours=1)
        for who in (PHONE, OTHERS[1]):  # two, because one alone is answered at once
            world.say(who, granted=True)
            world.refresh(who)
    if lost == "forgotten":
        world.iys.forgets = True
    else:
        world.cut = ["", "after"]
    world.run(1)
    assert (world.at_iys(PHONE), world.granted(PHONE)) == ("ONAY", True)
    withdrawn_there(world)
    world.run(5)
    assert (world.at_iys(PHONE), world.granted(PHONE)) == ("RET", False)
    assert world.granted(OTHERS[0])
    assert world.seen_records.uploads() == []


def test_a_grant_that_is_refused_because_of_a_newer_refusal_ends_here() -> None:
    """IYS held a refusal before, too, so that its status alone says nothing new."""
    world = agreed(PHONE)
    world.run(2)
    withdrawn_there(world)
    world.questions = 10
    world.run(1)
    world.moment += timedelta(hours=1)
    world.say(PHONE, granted=True)
    world.refresh(PHONE)
    withdrawn_there(world)
    world.questions = 0
    world.run(3)
    assert world.iys.refused != []
    assert (world.at_iys(PHONE), world.granted(PHONE)) == ("RET", False)


def test_what_was_agreed_to_here_after_the_refusal_there_stands() -> None:
    """The upload was lost before IYS got it. What is newer is told."""
    world = agreed(PHONE, OTHERS[0], most=50)
    world.run(3)
    withdrawn_there(world)
    world.moment += timedelta(hours=1)
    world.say(PHONE, granted=False)
    world.moment += timedelta(minutes=1)
    world.say(PHONE, granted=True)
    world.refresh(PHONE)
    world.run(8)
    assert (world.at_iys(PHONE), world.granted(PHONE)) == ("ONAY", True)


@pytest.mark.parametrize(
    "row",
    [
        {**RET, "type": ["ARAMA"], "consentDate": "2026-11-23 11:00:00"},
        {**RET, "recipientType": {}, "consentDate": "2026-11-23 11:00:00"},
        {**RET, "type": {}, "status": []},
        {**RET, "source": "IYS_\ud800", "transactionId": "\ud800", "consentDate": "2026-11-23 11:00:00"},
        {**RET, "source": "IYS_\ud800", "consentDate": "\ud800"},
    ],
)
def test_no_row_of_the_list_stops_the_others(row: Any) -> None:
    """Whatever types its values have; half a character is taken by no table."""
    world = agreed(*OTHERS[:2])
    other = {**RET, "recipient": OTHERS[0].partition(":")[2], "consentDate": "2026-11-23 12:05:00"}
    listed(world, row, other)
    world.run(1)
    assert not world.granted(OTHERS[0])
    assert world.at_iys(OTHERS[1]) == "ONAY"
    assert world.seen_records.pull().after.startswith("2_")
    assert "\\ud800" not in ascii([*world.customers_table.items(), *world.iys_table.items()])
