"""Answers of IYS that are not what its pages describe: they stop nobody else, they are seen, and nothing vanishes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.statement import Change
from shared.domain.privacy.erasure import Erasure
from shared.domain.privacy.held_rights import Held, Mark
from shared.ports.iys import IysDown
from shared.stores.erasures import put_marks
from shared.stores.right_marks import put_right_marks
from tests.unit.iys.world import KEYS, START, World

PHONE = "phone:+905321112233"
OTHERS = tuple(f"phone:+90532111223{number}" for number in range(4, 9))
BAD = "+905321112233"


def agreed(*people: str, **more: Any) -> World:
    world = World(works_after=timedelta(), **more)
    for who in people:
        world.say(who, granted=True)
        world.refresh(who)
    return world


def answering(world: World, path: str, status: int, method: str = "GET") -> None:
    """IYS answers requests of this path with a status alone."""
    inner = world.iys.answer

    def answer(asked: str, where: str, query: Any, body: bytes, token: str) -> Any:
        if asked == method and where.endswith(path):
            return status, {}
        return inner(asked, where, query, body, token)

    world.iys.__class__ = type("Answering", (world.iys.__class__,), {"__slots__": (), "answer": staticmethod(answer)})


@pytest.mark.parametrize("status", [400, 404, 422])
def test_an_answer_that_is_no_list_is_not_nothing_new(status: int) -> None:
    """A wrong brand or a form that IYS takes no more: the reading does not count as done."""
    world = World()
    answering(world, "/changes", status)
    with pytest.raises(IysDown):
        world.exchange().run()
    assert world.seen_records.pull().at is None


def test_a_cursor_that_is_too_old_begins_a_reconciliation() -> None:
    """Nobody read for eight days. What IYS lists no more is asked for, of every approved recipient, until all were."""
    world = agreed(*OTHERS, most=50)
    world.run(2)
    world.iys.citizen("+905321119999", "MESAJ", "ONAY")
    world.moment += timedelta(hours=2)
    world.run(1)
    world.iys.citizen(OTHERS[0].partition(":")[2], "MESAJ", "RET")
    world.moment += timedelta(days=8)
    exchange = world.exchange()
    exchange.run()
    assert exchange.tally["gap"] == 2  # by its own clock, and by the answer
    assert [world.granted(who) for who in OTHERS] == [False, True, True, True, True]
    assert world.seen_records.pull().gap is None
    assert world.seen_records.pull().at == world.moment


def test_a_gap_stays_until_everybody_was_asked() -> None:
    """One run has time for two questions."""
    world = agreed(*OTHERS, most=50)
    world.run(2)
    world.moment += timedelta(days=8)
    for left in (True, True, False):
        exchange = world.exchange()
        exchange.time_left = lambda exchange=exchange: exchange.tally["asked"] < 2  # type: ignore[misc]
        exchange.run()
        assert (world.seen_records.pull().gap is not None) == left


@pytest.mark.parametrize("status", [400, 413, 422])
def test_one_statement_that_iys_does_not_take_stops_no_other(status: int) -> None:
    """An upload is halved down to it; it is refused with a code, and the rest goes on."""
    world = agreed(PHONE, *OTHERS, most=50)
    world.iys.rejected = {BAD: status}
    exchange = world.exchange()
    exchange.run()
    world.run(2)
    assert [world.at_iys(who) for who in OTHERS] == ["ONAY"] * 5
    record = world.record(PHONE)
    assert record is not None
    assert record.unsettled is not None
    assert record.unsettled.code == ("unnamed" if status == 422 else f"http_{status}")
    assert world.seen_records.uploads() == []
    assert exchange.tally["halved"] <= 3
    assert exchange.pace.requests <= 10


def test_a_lost_request_is_found_out_and_stops_nobody() -> None:
    """IYS knows the request no more: an hour later it is asked of each recipient. Nothing is told twice."""
    world = agreed(*OTHERS[:2], most=50)
    world.iys.forgets = True
    world.run(1)
    later = OTHERS[4]
    world.say(later, granted=True)
    world.refresh(later)
    world.run(2)
    assert world.at_iys(later) == "ONAY"
    assert len(world.seen_records.uploads()) == 1
    world.run(4)
    assert world.seen_records.uploads() == []
    for who in OTHERS[:2]:
        record = world.record(who)
        assert record is not None
        assert [one.state for one in record.statements] == ["accepted"]
        assert world.told(who) == ["ONAY"]
    assert world.iys.refused == []


def test_a_lost_request_that_iys_never_worked_on_is_told_again() -> None:
    world = agreed(*OTHERS[:2], most=50)
    world.run(1)
    world.iys.held.clear()
    world.iys.requests.clear()
    world.run(8)
    assert [world.told(who) for who in OTHERS[:2]] == [["ONAY"], ["ONAY"]]
    assert world.seen_records.uploads() == []


def listed(world: World, *rows: Any) -> None:
    """These rows stand in IYS's list."""
    for place, row in enumerate(rows, 1):
        created = (world.moment - timedelta(hours=2)).timestamp()
        world.iys.movements.append({"number": place, "created": created, "source": "IYS_WEB", **row})


RET = {"recipient": BAD, "type": "MESAJ", "recipientType": "BIREYSEL", "status": "RET"}


@pytest.mark.parametrize(
    "row",
    [
        {**RET, "consentDate": "yesterday"},
        {**RET, "consentDate": None},
        {**RET, "recipientType": "KURUM", "consentDate": "2026-11-23 11:00:00"},
        {**RET, "type": 7, "consentDate": "2026-11-23 11:00:00"},
    ],
)
def test_a_refusal_that_cannot_be_read_whole_holds_at_once_and_is_kept(row: Any) -> None:
    """Read again it says nothing new, and the cursor goes on. What is kept names nobody."""
    world = agreed(PHONE)
    listed(world, row)
    world.moment += timedelta(minutes=15)
    exchange = world.exchange()
    exchange.run()
    assert not world.granted(PHONE)
    assert exchange.tally["unreadable"] == 1
    assert world.seen_records.pull().after.startswith("1_")
    [kept] = world.seen_records.unreadable()
    assert kept["customer"] == KEYS(parse_identifier(PHONE))
    assert "532111" not in str(kept["row"])
    world.moment += timedelta(minutes=1)
    world.say(PHONE, granted=True)
    world.seen_records.put_pull(type(world.seen_records.pull())())
    world.exchange().run()
    assert world.granted(PHONE)


def test_a_time_in_another_form_is_read() -> None:
    world = agreed(PHONE)
    listed(world, {**RET, "consentDate": "2026-11-23T12:05:00"})
    world.run(1)
    assert not world.granted(PHONE)
    assert world.seen_records.unreadable() == []


@pytest.mark.parametrize("ahead", [timedelta(minutes=11), timedelta(days=2)])
def test_a_refusal_dated_ahead_holds_at_once(ahead: timedelta) -> None:
    """A grant made here since is told as soon as IYS's times allow it, and both hold the same."""
    world = agreed(PHONE, questions=10)
    world.run(2)
    change = Change(BAD, "BIREYSEL", "MESAJ", "RET", world.moment + ahead, "IYS_WEB")
    world.iys.citizen(BAD, "MESAJ", "RET", ahead=ahead)
    assert world.intake.apply(change, world.moment)
    assert not world.granted(PHONE)
    world.moment += timedelta(seconds=5)
    assert world.intake.apply(change, world.moment)
    world.moment += timedelta(seconds=5)
    world.say(PHONE, granted=True)
    world.refresh(PHONE)
    assert world.intake.apply(change, world.moment)
    assert world.granted(PHONE)
    world.moment += ahead
    world.run(4)
    assert (world.at_iys(PHONE), world.granted(PHONE)) == ("ONAY", True)
    assert world.iys.refused == []


def objection(world: World, who: str, **more: Any) -> None:
    key = KEYS(parse_identifier(who))
    put_right_marks(world.customers_table, [key], Mark(Held.OBJECT, "case-1", key, more.pop("since"), **more))
    world.refresh(who)


def test_a_grant_during_an_objection_is_not_told_until_it_is_lifted() -> None:
    world = agreed(PHONE)
    world.run(2)
    since = world.moment
    objection(world, PHONE, since=since)
    world.run(2)
    world.say(PHONE, granted=True)
    world.refresh(PHONE)
    world.run(2)
    assert world.told(PHONE) == ["ONAY", "RET"]
    objection(world, PHONE, since=since, lifted_at=world.moment)
    world.run(2)
    assert world.told(PHONE) == ["ONAY", "RET", "ONAY"]
    assert world.iys.refused == []


def test_what_was_agreed_to_holds_at_iys_again_when_an_objection_is_lifted() -> None:
    """With the time of the lifting, however old the agreement is."""
    world = agreed(PHONE)
    world.run(2)
    since = world.moment
    objection(world, PHONE, since=since)
    world.run(2)
    world.moment += timedelta(days=20)
    objection(world, PHONE, since=since, lifted_at=world.moment)
    world.run(3)
    assert (world.at_iys(PHONE), world.granted(PHONE)) == ("ONAY", True)
    world.say(PHONE, granted=False)
    world.refresh(PHONE)
    world.run(2)
    assert world.told(PHONE) == ["ONAY", "RET", "ONAY", "RET"]


def test_who_withdrew_during_an_objection_stays_refused() -> None:
    world = agreed(PHONE)
    world.run(2)
    since = world.moment
    objection(world, PHONE, since=since)
    world.run(2)
    world.say(PHONE, granted=False)
    objection(world, PHONE, since=since, lifted_at=world.moment + timedelta(hours=1))
    world.run(8)
    assert world.told(PHONE) == ["ONAY", "RET"]


def test_an_old_refusal_in_the_file_ends_no_newer_grant() -> None:
    world = agreed(PHONE)
    world.moment += timedelta(hours=1)
    row = Change(BAD, "BIREYSEL", "MESAJ", "RET", START - timedelta(days=300), "HS_WEB")
    assert world.intake.apply(row, world.moment, from_file=True)
    assert world.granted(PHONE)
    world.iys.held[f"{BAD}|BIREYSEL|MESAJ"] = [{**RET, "consentDate": "2026-01-27 12:00:00"}]
    world.run(3)
    assert world.at_iys(PHONE) == "ONAY"


def test_a_newer_refusal_in_the_file_ends_a_grant() -> None:
    world = agreed(PHONE)
    world.moment += timedelta(hours=1)
    row = Change(BAD, "BIREYSEL", "MESAJ", "RET", START + timedelta(minutes=5), "HS_WEB")
    assert world.intake.apply(row, world.moment, from_file=True)
    assert not world.granted(PHONE)


@pytest.mark.parametrize("from_file", [True, False])
def test_an_approval_by_the_shop_revives_no_refusal(from_file: bool) -> None:
    """Another program of the shop told IYS so: the refusal is told again. Only the recipient himself can revive it."""
    world = World(works_after=timedelta())
    world.say(PHONE, granted=True, at=START - timedelta(days=30))
    world.moment += timedelta(minutes=1)
    world.say(PHONE, granted=False)
    world.moment += timedelta(hours=2)
    world.iys.citizen(BAD, "MESAJ", "ONAY")
    row = Change(BAD, "BIREYSEL", "MESAJ", "ONAY", world.moment, "HS_WEB")
    assert world.intake.apply(row, world.moment, from_file=from_file)
    assert not world.granted(PHONE)
    world.run(2)
    assert world.at_iys(PHONE) == "RET"
    world.moment += timedelta(minutes=1)
    row = Change(BAD, "BIREYSEL", "MESAJ", "ONAY", world.moment, "IYS_EDEVLET")
    assert world.intake.apply(row, world.moment, from_file=from_file)
    assert world.granted(PHONE)


@pytest.mark.parametrize("status", ["ONAY", "RET"])
def test_a_change_of_an_erased_person_keeps_no_address(status: Any) -> None:
    """What IYS holds stays under the digest."""
    world = World()
    key = KEYS(parse_identifier(PHONE))
    put_marks(world.customers_table, Erasure("e1", (key,), world.moment, "x"), [key])
    assert world.intake.apply(Change(BAD, "BIREYSEL", "MESAJ", status, world.moment, "IYS_WEB"), world.moment)
    assert "532111" not in str(world.customers_table.items()) + str(world.iys_table.items())
    record = world.record(PHONE)
    assert record is not None
    assert record.known is not None
    assert (record.known.status, record.erased) == (status, True)
    assert not world.granted(PHONE)


def test_who_withdraws_at_iys_is_found_within_a_quarter_of_an_hour() -> None:
    """IYS is asked of approved recipients in turn, who was not asked for longest first."""
    world = agreed(*OTHERS, most=50, questions=2)
    world.run(2)
    world.iys.citizen(OTHERS[3].partition(":")[2], "MESAJ", "RET")
    world.run(3)
    assert not world.granted(OTHERS[3])
    assert sum(world.granted(who) for who in OTHERS) == 4
    world.run(6)  # the list brings it too
    said = [one for one in world.seen.control(KEYS(parse_identifier(OTHERS[3]))).consents if one.source == "iys"]
    assert len(said) == 1
    assert world.iys.refused == []


def test_another_brand_begins_empty() -> None:
    """Records, uploads and the cursor are of one account; an erasure reaches those of every one."""
    world = agreed(PHONE)
    world.run(2)
    other = world.seen_records.of_account("1-3")
    assert other.get(KEYS(parse_identifier(PHONE)), "BIREYSEL") is None
    assert (other.pull().at, other.uploads(), list(other.waiting("approved"))) == (None, [], [])
    there = world.intake.of_account("1-3")
    there.refresh(KEYS(parse_identifier(PHONE)), world.moment)
    assert [one.status for one in other.of([KEYS(parse_identifier(PHONE))])[0].statements] == ["ONAY"]
    world.intake.erase([KEYS(parse_identifier(PHONE))], world.moment)
    assert other.of([KEYS(parse_identifier(PHONE))])[0].recipient == ""
    assert world.record(PHONE).recipient == BAD  # type: ignore[union-attr]
    world.run(2)
    assert "532111" not in str(world.iys_table.items())
