"""What the register of consent is told of withdrawals that an operator took back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.forged_withdrawals import take_back
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.statement import Change
from shared.stores.consent_items import consent_items, put_first
from tests.unit.iys.world import KEYS, World

pytestmark = pytest.mark.unit
AYSE = "email:ayse@example.com"


def store(world: World, said: Consent, *, trusted: bool) -> None:
    record = ConsentRecord((KEYS(parse_identifier(AYSE)),), said)
    put_first(world.customers_table, consent_items(record, trusted=trusted))


def forge(world: World) -> Consent:
    """A public key withdraws, a minute after she agreed and IYS was told of that."""
    agreed = world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(4)
    assert world.told(AYSE) == ["ONAY"]
    forged = replace(agreed, granted=False, time=world.moment, received_at=world.moment, may_grant=False,
                     message_id="forged", public=True)  # fmt: skip
    store(world, forged, trusted=False)
    world.refresh(AYSE)
    return forged


def test_a_refusal_that_was_planned_and_not_told_is_never_told() -> None:
    """The plan is made anew from what holds; the approval that IYS has stands."""
    world = World()
    forged = forge(world)
    record = world.record(AYSE)
    assert record is not None
    assert record.open is not None
    assert record.open.status == "RET"
    store(world, take_back(forged, "ops", "a script", "t1", world.moment), trusted=True)
    world.refresh(AYSE)
    world.run(4)
    assert world.told(AYSE) == ["ONAY"]
    assert world.granted(AYSE)


def test_a_planned_refusal_is_not_told_before_the_next_plan() -> None:
    """The exchange asks once more what was said before it tells a refusal: the event of the word may come later."""
    world = World()
    forged = forge(world)
    store(world, take_back(forged, "ops", "a script", "t1", world.moment), trusted=True)
    world.run(4)
    assert world.told(AYSE) == ["ONAY"]
    record = world.record(AYSE)
    assert record is not None
    assert record.open is None


def test_a_refusal_in_the_file_of_the_register_stands_beside_a_forged_one() -> None:
    """It was her own, and came after her approval. While the forged one holds it changes no answer; then it does."""
    world = World()
    forged = forge(world)
    refused = Change("ayse@example.com", "BIREYSEL", "EPOSTA", "RET", world.moment - timedelta(seconds=20), "HS_WEB")
    world.moment += timedelta(minutes=5)
    world.intake.apply(refused, world.moment, from_file=True)
    store(world, take_back(forged, "ops", "a script", "t1", world.moment), trusted=True)
    assert not world.granted(AYSE)


def test_a_later_refusal_is_told_with_its_own_time() -> None:
    """What was taken back is no turn, so the next withdrawal is one."""
    world = World()
    forged = forge(world)
    store(world, take_back(forged, "ops", "a script", "t1", world.moment), trusted=True)
    world.moment += timedelta(hours=1)
    world.say(AYSE, granted=False)
    world.refresh(AYSE)
    world.run(6)
    assert world.told(AYSE) == ["ONAY", "RET"]
    record = world.record(AYSE)
    assert record is not None
    assert record.statements[-1].at > forged.time


def test_a_refusal_at_the_register_ends_no_purpose_that_was_never_agreed_to() -> None:
    """The word about a withdrawal is no agreement: nothing is withdrawn under its purpose."""
    world = World()
    forged = replace(forge(world), purpose="news", message_id="forged news")
    store(world, forged, trusted=False)
    store(world, take_back(forged, "ops", "a script", "t2", world.moment), trusted=True)
    world.iys.citizen("ayse@example.com", "EPOSTA", "RET")
    world.run(5)
    said = world.store.control(KEYS(parse_identifier(AYSE))).consents
    assert [one.purpose for one in said if one.source == "iys"] == ["marketing"]
