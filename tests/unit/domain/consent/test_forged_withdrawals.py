"""Which withdrawals stay, and what each reader of consents makes of one that was taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import (
    EVERY_PURPOSE,
    HARD_BOUNCE,
    TAKEN_BACK,
    Consent,
    FoldedRun,
    TakenBack,
    consent_state,
    in_force,
)
from shared.domain.consent.consent_json import Statement, holding, statement_json
from shared.domain.consent.forged_withdrawals import Attack, Circumstances, reason_to_stay, take_back, taken_back
from shared.domain.consent.taking_back import takes_back
from shared.domain.definitions.retention import Retention
from shared.domain.facts.facts import Facts
from shared.domain.privacy.retention import due, signs_of
from shared.domain.profile.profile_from_facts import profile_of
from shared.stores.consent_items import statement_places

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(granted: bool, hours: float, source: str = "store", **more: object) -> Consent:
    at = NOW + hours * HOUR
    one = Consent("email", "marketing", granted, at, at, granted, source, f"{source}{hours}", public=source == "web")
    return replace(one, **more)


AGREED, FORGED = said(True, -9), said(False, -2, "web")
WORD = take_back(FORGED, "ops", "a script", "t1", NOW - HOUR)
ATTACK = Attack("web", NOW - 3 * HOUR, NOW)


def test_it_held_until_the_word_and_holds_no_more() -> None:
    """Asked for a moment before the word, the refusal held; what held before holds again, with its own proof."""
    heard = [AGREED, FORGED, WORD]
    assert consent_state(heard, "email", "marketing", "e.1", NOW - 1.5 * HOUR).proof == FORGED
    state = consent_state(heard, "email", "marketing", "e.1", NOW)
    assert (state.granted, state.proof) == (True, AGREED)
    assert in_force(heard) == [AGREED]


def test_the_word_says_what_it_takes_back_and_who_said_so() -> None:
    """It grants nothing by itself, and it names one withdrawal of one address."""
    forged = replace(FORGED, channel="sms", purpose="ads", address_key="p.1")
    assert take_back(forged, "ops", "a script", "t1", NOW) == Consent(
        "sms", "ads", True, NOW, NOW, False, "kervan", "t1", "p.1", origin=TAKEN_BACK,
        takes_back=TakenBack("web", FORGED.message_id, FORGED.time, "ops", "a script"),
    )  # fmt: skip


def test_the_word_alone_grants_nothing() -> None:
    assert consent_state([FORGED, WORD], "email", "marketing", "e.1", NOW).granted is False


def test_the_same_statement_that_arrived_after_the_word_stands() -> None:
    """A copy in another partition may be stored by a repetition: nobody looked at that one."""
    late = replace(FORGED, received_at=NOW - HOUR / 2)
    assert consent_state([AGREED, late, WORD], "email", "marketing", "e.1", NOW).granted is False


@pytest.mark.parametrize(
    "more",
    [
        {"channel": "sms"}, {"purpose": "ads"}, {"purpose": EVERY_PURPOSE}, {"address_key": "e.1"},
        {"source": "app"}, {"message_id": "other"}, {"time": NOW}, {"public": False},
    ],
)  # fmt: skip
def test_only_the_named_withdrawal_is_passed_over(more: dict[str, object]) -> None:
    """One that differs in anything stands, and so does one of a trusted source with the same name."""
    assert replace(FORGED, **more) in in_force([replace(FORGED, **more), WORD])


def test_a_source_cannot_say_the_word() -> None:
    """Only this deployment itself takes withdrawals back."""
    assert FORGED in in_force([FORGED, replace(WORD, source="store")])


@pytest.mark.parametrize(
    ("more", "held"),
    [
        ({}, True), ({"source": "app"}, False), ({"public": False}, False), ({"granted": True}, False),
        ({"received_at": ATTACK.begin}, True), ({"received_at": ATTACK.end}, True),
        ({"received_at": ATTACK.begin - timedelta(milliseconds=1)}, False),
        ({"received_at": ATTACK.end + timedelta(milliseconds=1)}, False),
        ({"time": NOW - 90 * HOUR}, True),
    ],
)  # fmt: skip
def test_an_attack_is_of_one_public_source_and_time(more: dict[str, object], held: bool) -> None:
    """By when it reached us: the sender's time is what he writes."""
    assert ATTACK.holds(replace(FORGED, **more)) is held


@pytest.mark.parametrize(
    ("later", "stays"),
    [
        (said(False, -1, "kervan"), True),
        (said(False, -1, "store"), True),
        (said(False, -2, "kervan"), True),
        (said(False, -1, "kervan", purpose=EVERY_PURPOSE), True),
        (said(False, -1, "kervan", address_key="e.1"), True),
        (said(False, -2.1, "kervan"), False),
        (said(False, -1, "app", public=True), False),
        (said(True, -1, "kervan"), False),
        (said(False, -1, "kervan", channel="sms"), False),
        (said(False, -1, "kervan", purpose="ads"), False),
        (said(False, -1, "ses", purpose=EVERY_PURPOSE, origin=HARD_BOUNCE), False),
    ],
)
def test_who_refused_again_since_keeps_his_refusal(later: Consent, stays: bool) -> None:
    """By a link, a reply, the page, a trusted source; not by another public one, on another channel, or a bounce."""
    assert (reason_to_stay(FORGED, ATTACK, Circumstances((AGREED, FORGED, later))) == "confirmed") is stays


def test_a_refusal_of_one_address_confirms_none_of_another() -> None:
    forged, later = replace(FORGED, address_key="e.1"), said(False, -1, "kervan", address_key="e.2")
    assert reason_to_stay(forged, ATTACK, Circumstances((forged, later))) is None
    assert reason_to_stay(forged, ATTACK, Circumstances((forged, replace(later, address_key="e.1")))) == "confirmed"


def test_each_reason_and_their_order() -> None:
    """Nothing is told of an erased person but that; the register comes last."""
    later = said(False, -1, "kervan")
    known = Circumstances((FORGED, later), own_browser=True, told=True, erased=True, restricted=True, logged=False)
    found = []
    for change in (
        {},
        {"erased": False},
        {"restricted": False},
        {"logged": True},
        {"own_browser": False},
        {"statements": ()},
    ):
        known = replace(known, **change)
        found.append(reason_to_stay(FORGED, ATTACK, known))
    assert found == ["erased", "restricted", "no_event", "himself", "confirmed", "at_register"]
    assert reason_to_stay(FORGED, ATTACK, replace(known, told=False)) is None


def run(first: float, last: float, **more: bool) -> FoldedRun:
    at = NOW + last * HOUR
    return FoldedRun(NOW + first * HOUR, at, 12, at, **more)


@pytest.mark.parametrize(("first", "last", "held"), [(-3, 0, True), (-3.1, 0, False), (-3, 0.1, False), (-4, 1, False)])
def test_a_folded_run_is_part_of_an_attack_as_a_whole(first: float, last: float, held: bool) -> None:
    """What somebody said before or after it may be among those that were folded."""
    assert ATTACK.holds(replace(FORGED, run=run(first, last))) is held


@pytest.mark.parametrize(
    ("first", "last", "source", "folded"),
    [
        (-4, -1, "web", True), (-1, 1, "web", True), (-4, 1, "web", True), (-2, -1, "*", True), (-4, -3, "*", True),
        (0, 1, "*", True), (-2, -1, "web", False), (-5, -3.1, "web", False), (0.1, 1, "*", False),
        (-4, -1, "app", False),
    ],
)  # fmt: skip
def test_what_is_folded_with_others_stays(first: float, last: float, source: str, folded: bool) -> None:
    """With what came before or after the attack, or from another source: that may be the person."""
    one = replace(FORGED, run=run(first, last), source=source)
    assert ATTACK.folded(one) is folded
    assert (reason_to_stay(one, ATTACK, Circumstances(())) == "folded") is folded
    assert not ATTACK.folded(replace(one, granted=True))
    assert not ATTACK.folded(replace(one, public=False))
    assert not ATTACK.folded(replace(one, run=None))


def test_a_trusted_statement_of_the_same_name_stands() -> None:
    """A shop may use one name for two sources; what is sent again is one statement, these are two."""
    trusted = replace(FORGED, public=False, received_at=FORGED.received_at + timedelta(seconds=1))
    assert in_force([FORGED, trusted, WORD]) == [trusted]


def test_a_run_that_goes_on_after_the_word_holds_again() -> None:
    """It may be the person himself who goes on."""
    seen = replace(FORGED, run=run(-2, -1))
    word = take_back(seen, "ops", "script", "op-1", WORD.received_at)
    assert in_force([seen, word]) == []
    later = replace(FORGED, run=run(-2, -0.5))
    assert in_force([later, word]) == [later]
    assert not taken_back(later, [word])


def test_a_run_of_own_browsers_or_confirmed_within_stays() -> None:
    known = Circumstances(())
    assert reason_to_stay(replace(FORGED, run=run(-2, -1)), ATTACK, known) is None
    assert reason_to_stay(replace(FORGED, run=run(-2, -1, own=True)), ATTACK, known) == "himself"
    within = Circumstances((said(False, -1.5, "kervan"),))
    folded = replace(FORGED, run=run(-2, -1), received_at=NOW - HOUR)
    assert reason_to_stay(folded, ATTACK, within) == "confirmed"


def test_whether_it_was_taken_back() -> None:
    assert taken_back(FORGED, [AGREED, WORD])
    assert not taken_back(FORGED, [AGREED, said(False, -1, "kervan")])


def test_it_is_no_sign_of_life() -> None:
    """Neither the forged withdrawal nor the operator's word keeps anybody's data; the agreement still holds."""
    profile = profile_of("u.1", ("u.1",), (), Facts(), consents=(AGREED, FORGED, WORD))
    signs = signs_of(profile, NOW)
    assert (signs.last, signs.known) == (AGREED.received_at, True)
    rules = Retention(customers_days=90, prospects_days=30)
    assert due(signs, rules, NOW + timedelta(days=90), held=False) == "customer"


def test_an_erased_address_keeps_both() -> None:
    """A refusal stays under its address, and so does the word that it was forged: else it would hold again."""
    withdrawal = replace(FORGED, address_key="e.1")
    word = take_back(withdrawal, "ops", "a script", "t1", NOW)
    assert statement_places("u.1", withdrawal) == statement_places("u.1", word) == {"u.1"}


def test_what_operators_read() -> None:
    """The word is a statement of its own that names the withdrawal; the agreement is the proof again."""
    heard = [Statement(one, not one.public, ("user:1",)) for one in (AGREED, FORGED, WORD)]
    row = next(one for one in holding(heard, {}, {}, NOW) if one["channel"] == "email")
    assert (row["granted"], row["proof"]["messageId"]) == (True, AGREED.message_id)
    shown = statement_json(heard[2], {})
    assert (shown["said"], shown["permitted"], shown["trusted"], shown["origin"]) == (
        "taken_back", True, True, "withdrawal_taken_back",
    )  # fmt: skip
    assert shown["takes_back"] == {
        "source": "web", "messageId": FORGED.message_id, "time": "2026-11-30T07:00:00.000Z", "by": "ops",
        "because": "a script",
    }  # fmt: skip
    assert statement_json(heard[1], {})["takes_back"] is None


def test_where_nobody_agreed_the_word_is_no_grant_that_does_not_count() -> None:
    heard = [Statement(one, not one.public, ()) for one in (FORGED, WORD)]
    row = next(one for one in holding(heard, {}, {}, NOW) if one["channel"] == "email")
    assert row["why"] == "nobody ever granted it"


def test_a_public_source_that_claims_an_origin_refused_in_no_proven_way() -> None:
    """Else a forged refusal would let the mailbox's link speak for a phone number."""
    refused = said(False, -2, "kervan", origin="preference_page")
    asked = ("email", "marketing", "e.1", "preference_page", NOW)
    assert takes_back([AGREED, refused], *asked)
    assert not takes_back([AGREED, replace(refused, public=True, source="web")], *asked)
