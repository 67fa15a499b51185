"""What is not sent says what made it so: the consent, case, message, journey or switch, with its id and its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import time_text
from shared.domain.journeys.enrollment import End, Enrollment, Trigger, to_item
from shared.domain.messages.controls import Controls
from shared.domain.messages.evidence import LENGTH, detail_of, item
from shared.domain.messages.message import Reason, Record, Skipped, State
from shared.domain.messages.request import SendRequest
from shared.stores.controls import ControlStore
from shared.stores.journey_controls import JourneyControls
from shared.stores.ledger import read_record, write_record
from tests.support.world import KEYS
from tests.unit.notify.test_turns_and_cases import WELCOME
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = pytest.mark.unit
BEFORE = MORNING - timedelta(minutes=5)


@pytest.fixture
def shop() -> Shopping:
    made = Shopping()
    made.publish(SHOP, more=(WELCOME,))
    made.ayse()
    return made


def outcome(shop: Shopping, asked: SendRequest | None = None, at: datetime = MORNING) -> Any:
    return shop.notifying().handle(asked or request("email"), at).outcome


def stored(shop: Shopping, asked: SendRequest | None = None) -> Record:
    found = shop.messages.get((asked or request("email")).message_id, "message")
    assert found is not None
    return read_record(found)


def test_a_withdrawal_is_named_with_its_time_and_its_source(shop: Shopping) -> None:
    """Who said it, when, and for what."""
    shop.consent("email", granted=False, at=BEFORE)
    assert outcome(shop).evidence == (
        {
            "kind": "consent",
            "id": f"email-False-{BEFORE.isoformat()}",
            "at": time_text(BEFORE),
            "said": "withdrawn",
            "purpose": "marketing",
            "source": "web",
        },
    )


def test_where_nobody_ever_agreed_there_is_nothing_to_name() -> None:
    """The sentence of the reason says all."""
    alone = Shopping()
    alone.send("identify", at=BEFORE, traits={"email": "ayse@example.com"})
    assert outcome(alone).reason == Reason.NO_CONSENT
    assert outcome(alone).evidence == ()


def test_a_refusal_of_every_message_is_named(shop: Shopping) -> None:
    """An address that bounced: the statement that says so."""
    shop.consent("email", granted=False, at=BEFORE, purpose="all")
    assert outcome(shop).reason == Reason.SUPPRESSED
    assert [(one["kind"], one["purpose"], one["at"]) for one in stored(shop).outcome.evidence] == [  # type: ignore[union-attr]
        ("consent", "all", time_text(BEFORE))
    ]


def test_an_open_case_is_named_with_its_order(shop: Shopping) -> None:
    """Which return, of which order, open since when."""
    shop.send("Return Opened", at=BEFORE, order_id="S-1", return_id="R-7")
    found = outcome(shop)
    assert found.reason == Reason.OPEN_CASE
    assert found.evidence == ({"kind": "case", "id": "R-7", "at": time_text(BEFORE), "case": "return", "order": "S-1"},)


def test_a_cap_names_the_message_that_took_the_place(shop: Shopping) -> None:
    """By its id, so that the reader finds it in the same list."""
    first = shop.notifying().handle(request("email"), MORNING)
    assert first.state is State.SENT
    later = request("email", step="last", template="cart-last")
    found = outcome(shop, later, MORNING + timedelta(hours=1))
    assert found.reason == Reason.DAILY_CAP
    assert found.evidence == (item("message", first.message_id, MORNING, channel="email"),)


def test_who_waits_for_another_journey_hears_which_and_when(shop: Shopping) -> None:
    """Its next message is due at noon."""
    home = KEYS(parse_identifier("user:42"))
    trigger = Trigger("Signed Up", home, "t#1", MORNING)
    shop.customers.put(to_item(Enrollment("welcome", "w1", home, 2, trigger, MORNING, version=1, priority=80)))
    assert outcome(shop).evidence == (item("journey", "welcome", MORNING + timedelta(hours=2)),)


def _stop_all(shop: Shopping) -> None:
    ControlStore(shop.catalog).write(Controls(global_stop=True, at="2026-11-23T06:00:00.000Z"))


def _shadow(shop: Shopping) -> None:
    ControlStore(shop.catalog).write(Controls(shadow=True, at="2026-11-23T06:00:00.000Z"))


def _allow(shop: Shopping) -> None:
    ControlStore(shop.catalog).write(Controls(allow_list=frozenset({"u.other"}), at="2026-11-23T06:00:00.000Z"))


def _pause(shop: Shopping) -> None:
    JourneyControls(shop.catalog).set("cart-recovery", "paused", datetime.fromisoformat("2026-11-23T06:00:00+00:00"))


@pytest.mark.parametrize(
    ("switch", "name"),
    [(_stop_all, "global_stop"), (_shadow, "shadow"), (_allow, "allow_list"), (_pause, "cart-recovery")],
)
def test_a_switch_is_named_with_the_time_at_which_it_was_set(
    shop: Shopping, switch: Callable[[Shopping], None], name: str
) -> None:
    """Whoever asks the next day sees who was in the way."""
    switch(shop)
    assert outcome(shop).evidence == ({"kind": "switch", "id": name, "at": "2026-11-23T06:00:00.000Z"},)


def test_what_is_late_says_when_it_was_due(shop: Shopping) -> None:
    """And until when it would have been fresh."""
    late = MORNING + timedelta(hours=14)
    assert outcome(shop, at=late).evidence == (
        {"kind": "deadline", "at": time_text(MORNING), "fresh_until": time_text(late)},
    )


def test_an_order_that_stops_it_is_named(shop: Shopping) -> None:
    """By its id, its time, its channel and its state."""
    shop.send("Order Completed", at=BEFORE, order_id="S-9", total=10)
    found = outcome(shop)
    assert found.reason == "stopped_ordered"
    assert [(one["kind"], one["id"], one["at"]) for one in found.evidence] == [("order", "S-9", time_text(BEFORE))]


def test_an_order_is_shown_as_the_shop_calls_it(shop: Shopping) -> None:
    """Shopify's ``#1001`` is the detail of the outcome, not a digest of it."""
    shop.send("Order Completed", at=BEFORE, order_id="#1001", total=10)
    assert detail_of(outcome(shop).evidence) == "#1001"


def test_a_switch_that_stopped_an_enrollment_has_the_time_of_the_stop(shop: Shopping) -> None:
    """Also if the journey runs again for others."""
    home = KEYS(parse_identifier("user:42"))
    trigger = Trigger("Product Added", home, "t#1", BEFORE)
    shop.customers.put(to_item(Enrollment("cart-recovery", "e1", home, 1, trigger, BEFORE, version=1)))
    controls = JourneyControls(shop.catalog)
    controls.set("cart-recovery", "stopped", BEFORE + timedelta(minutes=1))
    controls.set("cart-recovery", "running", BEFORE + timedelta(minutes=2))
    found = outcome(shop)
    assert found.reason == Reason.JOURNEY_STOPPED
    assert found.evidence == (item("switch", "cart-recovery", BEFORE + timedelta(minutes=1)),)


def test_what_schedule_found_stands_in_the_message_that_lay_in_the_queue(shop: Shopping) -> None:
    """The enrollment ended meanwhile: its evidence is the message's."""
    home = KEYS(parse_identifier("user:42"))
    found = (item("order", "S-9", BEFORE),)
    trigger = Trigger("Product Added", home, "t#1", BEFORE)
    ended = End("stopped_ordered", BEFORE, {"order": "S-9"}, found)
    shop.customers.put(to_item(Enrollment("cart-recovery", "e1", home, 1, trigger, BEFORE, end=ended, version=2)))
    assert outcome(shop).evidence == found


def test_a_field_that_the_template_needs_is_named(shop: Shopping) -> None:
    """A deployment that does not know its own address."""
    record = shop.notifying(url="").handle(request("email"), MORNING)
    assert isinstance(record.outcome, Skipped)
    assert record.outcome.evidence == ({"kind": "field", "id": "unsubscribe.url"},)


def test_the_night_says_when_it_ends(shop: Shopping) -> None:
    """The hour at which it will be sent."""
    night = MORNING + timedelta(hours=13)
    found = outcome(shop, request("email", due=night), night)
    assert found.reason == Reason.QUIET_HOURS
    assert found.evidence[0]["kind"] == "send_hours"
    assert found.evidence[0]["at"] == time_text(found.until)


def test_evidence_survives_the_ledger_and_is_short(shop: Shopping) -> None:
    """Ids come from outside: they are cut, so that the item stays within a write unit."""
    record = shop.notifying().handle(request("email"), MORNING)
    why = Skipped("unless", evidence=(item("case", "x" * 5_000, MORNING, order="ü" * 500),))
    kept = read_record(write_record(Record(**{**_fields(record), "state": State.SKIPPED, "outcome": why})))
    assert isinstance(kept.outcome, Skipped)
    assert kept.outcome.evidence == why.evidence
    assert len(kept.outcome.evidence[0]["id"]) == LENGTH


def test_no_address_is_in_it(shop: Shopping) -> None:
    """Whatever was objected, the stored message names no address, name or number."""
    shop.consent("email", granted=False, at=BEFORE, purpose="all")
    outcome(shop)
    text = str(shop.messages.get(request("email").message_id, "message"))
    for personal in ("ayse@example.com", "Ayşe", "905321112233"):
        assert personal not in text


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__struct_fields__}
