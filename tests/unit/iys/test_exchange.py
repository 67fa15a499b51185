"""Statements reach IYS in order and once, whatever happens on the way; what is said at IYS counts here."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.statement import Change, Known
from shared.domain.privacy.held_rights import Held, Mark
from shared.ports.iys import IysDown
from shared.stores.right_marks import put_right_marks
from tests.support.interleaving import Crash
from tests.unit.iys.world import KEYS, START, World

AYSE = "email:ayse@example.com"
PHONE = "phone:+905321112233"


def test_a_grant_and_its_withdrawal() -> None:
    """Both are told in their order, the second only after the first was taken."""
    world = World()
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run()
    assert world.record(AYSE) is not None
    world.say(AYSE, granted=False)
    world.refresh(AYSE)
    world.run(6)
    assert world.told(AYSE) == ["ONAY", "RET"]
    assert world.iys.refused == []


def test_states_of_a_statement() -> None:
    """Due, pending and accepted; many statements go in one request."""
    world = World(most=10)

    def states() -> list[str]:
        return [one.state for who in (AYSE, PHONE) if (found := world.record(who)) for one in found.statements]

    for who in (AYSE, PHONE):
        world.say(who, granted=True)
        world.refresh(who)
    assert states() == ["due", "due"]
    world.run()
    assert states() == ["pending", "pending"]
    world.run(2)
    assert states() == ["accepted", "accepted"]
    assert world.records.uploads() == []
    assert [len(request) for request in world.iys.requests.values()] == [2]


def test_a_first_refusal_is_not_told() -> None:
    """IYS takes no refusal of somebody it does not know; and nobody is written to."""
    world = World()
    world.say(AYSE, granted=False)
    world.refresh(AYSE)
    world.run(3)
    assert world.told(AYSE) == []
    assert world.record(AYSE) is None


def test_a_withdrawal_at_iys_counts_here() -> None:
    """It stands as an ordinary statement of a trusted source, with the time of IYS, and is not told again."""
    world = World()
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(4)
    assert world.granted(AYSE)
    world.iys.citizen("ayse@example.com", "EPOSTA", "RET")
    world.run(5)
    assert not world.granted(AYSE)
    said = [one for one in world.store.control(KEYS(parse_identifier(AYSE))).consents if not one.granted]
    assert [(one.source, one.origin, one.purpose) for one in said] == [("iys", "IYS_WEB", "marketing")]
    world.refresh(AYSE)
    world.run(2)
    assert world.told(AYSE) == ["ONAY", "RET"]
    assert world.iys.refused == []


def test_what_was_refused_because_of_a_change_that_was_not_known_is_told_again() -> None:
    """She agrees at IYS, refuses here and agrees here; IYS tells the first an hour later, and refuses the last as a
    repetition until then."""
    world = World(works_after=timedelta())
    world.iys.citizen("ayse@example.com", "EPOSTA", "ONAY")
    for granted in (False, True):
        world.moment += timedelta(minutes=1)
        world.say(AYSE, granted=granted)
    world.refresh(AYSE)
    world.run(1)
    assert [one["code"] for one in world.iys.refused] == ["K2"]
    for _ in range(8):
        world.run()
        world.refresh(AYSE)
    assert world.told(AYSE) == ["ONAY", "RET", "ONAY"]
    assert world.granted(AYSE)
    assert len(world.iys.refused) == 1


def test_an_approval_at_iys_counts_here() -> None:
    """Of somebody who was not known at all."""
    world = World()
    world.iys.citizen("+905321112233", "MESAJ", "ONAY")
    world.run(5)
    assert world.granted(PHONE)
    assert world.told(PHONE) == ["ONAY"]


def test_a_change_of_the_future_is_no_change() -> None:
    """Times rise, so nothing could be told after it."""
    world = World()
    ahead = Change("ayse@example.com", "BIREYSEL", "EPOSTA", "ONAY", START + timedelta(days=900), "IYS_WEB")
    assert not world.intake.apply(ahead, world.moment)
    assert world.record(AYSE) is None


def test_merchants_have_a_record_of_their_own() -> None:
    """One address may be a consumer's and a merchant's; a withdrawal ends both."""
    world = World()
    world.say(AYSE, granted=True)
    world.say(AYSE, granted=True, merchant=True)
    world.refresh(AYSE)
    world.run(4)
    assert (world.at_iys(AYSE), world.at_iys(AYSE, "TACIR")) == ("ONAY", "ONAY")
    world.say(AYSE, granted=False)
    world.refresh(AYSE)
    world.run(4)
    assert (world.at_iys(AYSE), world.at_iys(AYSE, "TACIR")) == ("RET", "RET")
    assert world.iys.refused == []


def test_recipients_abroad_are_not_told() -> None:
    """A number of another country is none of IYS's."""
    world = World()
    world.say("phone:+4917012345678", granted=True)
    world.refresh("phone:+4917012345678")
    assert world.record("phone:+4917012345678") is None


def test_an_upload_without_an_answer_is_found_out() -> None:
    """IYS took it, and the answer was lost: it is asked an hour later, and nothing is told twice."""
    world = World(works_after=timedelta())
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.moment += timedelta(minutes=15)
    world.cut = ["", "after"]
    world.exchange().run()
    assert [one.lost for one in world.records.uploads()] == [True]
    world.run(3)
    assert world.record(AYSE).statements[0].state == "pending"  # type: ignore[union-attr]
    world.run(3)
    assert world.record(AYSE).statements[0].state == "accepted"  # type: ignore[union-attr]
    assert world.told(AYSE) == ["ONAY"]


def test_an_upload_that_never_arrived_is_told_again() -> None:
    """The connection was refused."""
    world = World()
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.moment += timedelta(minutes=15)
    world.cut = ["", "before"]
    with pytest.raises(IysDown):
        world.exchange().run()
    assert world.record(AYSE).statements[0].state == "due"  # type: ignore[union-attr]
    world.run(2)
    assert world.told(AYSE) == ["ONAY"]


def test_an_outage_of_hours_loses_nothing() -> None:
    """Nothing is told while IYS cannot be read; everything follows."""
    world = World()
    world.iys.outage = "down"
    for number in range(5):
        world.say(f"email:u{number}@example.com", granted=True)
        world.refresh(f"email:u{number}@example.com")
    world.run(20)
    world.iys.outage = ""
    world.run(6)
    assert [world.told(f"email:u{number}@example.com") for number in range(5)] == [["ONAY"]] * 5
    assert world.iys.refused == []


def test_an_outage_of_a_week() -> None:
    """A grant that is too old is told no more, and says so; a withdrawal is, with the oldest time that IYS takes."""
    world = World()
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(4)
    world.say(AYSE, granted=False)
    world.say(PHONE, granted=True)
    world.refresh(AYSE)
    world.refresh(PHONE)
    world.moment += timedelta(days=7)
    world.run(4)
    assert world.told(AYSE) == ["ONAY", "RET"]
    assert world.record(AYSE).statements[-1].late  # type: ignore[union-attr]
    assert world.record(PHONE).statements[0].code == "too_old"  # type: ignore[union-attr]
    assert world.told(PHONE) == []
    assert world.iys.refused == []


def test_a_refusal_of_iys_shows_its_code_and_is_not_repeated() -> None:
    """IYS does not take this number."""
    world = World()
    world.say("email:a@b.example", granted=True)
    world.refresh("email:a@b.example")
    item = world.iys_table.query("due#0", index="waiting").items
    assert isinstance(item, list)
    record = world.record("email:a@b.example")
    assert record is not None
    world.records.put(replace(record, recipient="nowhere"))
    world.run(1)
    assert world.record("email:a@b.example").unsettled.code == "H114"  # type: ignore[union-attr]
    world.run(3)
    assert len(world.iys.refused) == 1


def test_two_statements_of_one_second() -> None:
    """IYS's times have whole seconds: what held at the end of the second is told."""
    world = World()
    world.say(AYSE, granted=True, at=START + timedelta(milliseconds=100))
    world.moment += timedelta(milliseconds=800)
    world.say(AYSE, granted=False)
    world.refresh(AYSE)
    world.run(3)
    assert world.told(AYSE) == []


def test_an_erased_person_is_withdrawn_and_forgotten() -> None:
    """IYS is told by the shop's own decision, then the address goes; what IYS holds stays under the digest."""
    world = World()
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(4)
    world.intake.erase([KEYS(parse_identifier(AYSE))], world.moment)
    assert world.record(AYSE).recipient == "ayse@example.com"  # type: ignore[union-attr]
    world.run(4)
    record = world.record(AYSE)
    assert record is not None
    assert (record.recipient, record.statements, record.known and record.known.status) == ("", (), "RET")
    assert world.iys.held["ayse@example.com|BIREYSEL|EPOSTA"][-1]["source"] == "HS_KARAR"


def test_an_objection_is_told_as_a_withdrawal() -> None:
    """Who objects to marketing refuses it at the register too, without another statement."""
    world = World()
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(4)
    key = KEYS(parse_identifier(AYSE))
    put_right_marks(world.customers_table, [key], Mark(Held.OBJECT, "case-1", key, world.moment))
    world.refresh(AYSE)
    world.run(4)
    assert world.told(AYSE) == ["ONAY", "RET"]
    assert world.iys.refused == []


def test_changes_are_read_from_where_the_last_run_ended() -> None:
    """A crash in the middle of a page brings the page again, and states nothing twice."""
    world = World()
    for number in range(4):
        world.iys.citizen(f"+90532111223{number}", "MESAJ", "ONAY")
    world.moment += timedelta(hours=2)
    for calls in range(3, 60, 4):
        world.crash_in = calls
        try:
            world.exchange().run()
        except Crash:
            continue
    world.crash_in = None
    world.exchange().run()
    for number in range(4):
        key = KEYS(parse_identifier(f"phone:+90532111223{number}"))
        assert len(world.store.control(key).consents) == 1
    assert world.records.pull().after.startswith("4_")


def test_dates_that_rise() -> None:
    """IYS holds a later time than ours: the withdrawal is told with the next second."""
    world = World(works_after=timedelta())
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(2)
    key = KEYS(parse_identifier(AYSE))
    record = world.record(AYSE)
    assert record is not None
    later = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    world.iys.held["ayse@example.com|BIREYSEL|EPOSTA"][-1]["consentDate"] = "2026-11-23 15:00:00"
    world.records.put(replace(record, known=Known("ONAY", later)))
    world.moment = later - timedelta(minutes=30)
    world.say(AYSE, granted=False)
    world.intake.refresh_address(key, world.moment)
    world.run(6)
    assert world.told(AYSE) == ["ONAY", "RET"]
    assert world.iys.held["ayse@example.com|BIREYSEL|EPOSTA"][-1]["consentDate"] == "2026-11-23 15:00:01"
