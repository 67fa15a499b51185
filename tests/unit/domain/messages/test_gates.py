"""Each gate alone: what it lets pass, what it says otherwise, until when, and with which evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import EVERY_PURPOSE, Consent
from shared.domain.consent.preferences import Preference
from shared.domain.coupons.given import Given
from shared.domain.definitions.shop import Cap, Shop
from shared.domain.facts.facts import Facts
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.standing import IysStanding
from shared.domain.messages import gates
from shared.domain.messages.address import Address
from shared.domain.messages.caps import Place
from shared.domain.messages.controls import Controls
from shared.domain.messages.evidence import Item
from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.gates import GATES, decide
from shared.domain.messages.message import Deferred, Reason, Skipped
from shared.domain.messages.priority import CompetingJourney
from shared.domain.messages.reputation import Feedback, Suspension
from shared.domain.messages.request import Give, SendRequest
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.profile.profile import Case, Order, PushToken, Trait
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.templates.definition import Template

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""Noon in Istanbul; the shop sends from 9 to 20, so until 17 by UTC."""
BEFORE = NOW - timedelta(hours=1)
TOMORROW = datetime(2026, 12, 1, 6, tzinfo=UTC)
LATE = datetime(2026, 11, 30, 16, 50, tzinfo=UTC)
"""Ten minutes before the shop stops sending."""


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1_000)


REQUEST = SendRequest(
    home="e.1", enrollment="r1", journey="cart", release=7, step="s", template="t", purpose="marketing",
    channels=("email",), due_ms=ms(BEFORE), fresh_until_ms=ms(NOW + timedelta(days=3)), clock_ms=ms(BEFORE),
)  # fmt: skip
PROFILE = replace(
    profile_of("e.1", ("e.1", "d.1"), (parse_identifier("email:a@example.com"),), Facts()),
    time_zone=("Europe/Istanbul", BEFORE),
)
"""A device reported the zone an hour ago: a report counts for a while."""
AGREED = Consent("email", "marketing", True, BEFORE, BEFORE, True, "web", "c1")
TEMPLATE = Template.model_validate(
    {"template": "t", "purpose": "marketing", "action": {"text": {"tr": "Git"}, "url": "https://shop.example"}}
)
OPEN = GateContext(
    request=REQUEST, now=NOW, profile=PROFILE, shop=Shop(name="Test"), controls=Controls(at="t0"),
    template=TEMPLATE, language="tr", address=Address("email", "e.1"), consents=(AGREED,),
    taken=frozenset(),
)  # fmt: skip


def asked(**request: Any) -> SendRequest:
    return REQUEST.model_copy(update=request)


TRANSACTIONAL = {"request": asked(purpose="transactional")}
OF_CAMPAIGN = {"request": asked(campaign="spring", journey="spring")}
TEST_OF_CAMPAIGN = {"request": asked(campaign="spring", journey="spring", test=True)}
NO = replace(AGREED, granted=False, message_id="c2", time=NOW, received_at=NOW, link="m1")
BOUNCED = replace(NO, purpose=EVERY_PURPOSE, origin="hard_bounce", source="ses", link="")
MARK = Mark(Held.OBJECT, "case-1", "e.1", BEFORE)
CASE = Case("k1", "return", "o1", BEFORE)
WISH = Preference(BEFORE, "w1", one_in_days=7, paused_until=NOW + timedelta(hours=20), link="m2")
OFTEN = replace(WISH, paused_until=None)
TAKEN = frozenset({Place("other", tag, BEFORE, "email", "m3") for tag in ("marketing", "email")})
MINE = frozenset({Place(REQUEST.unit, "marketing", BEFORE, "push", "m3")})
ORDER = Order("o1", NOW - timedelta(minutes=10), Decimal(1), "TRY", "web", "completed", Decimal(0))
GIFT = Give(coupon="CART10", once_per_ms=9 * 86_400_000)
GIVEN = {"u": Given("u", "CART10", "X1", BEFORE, NOW)}
TIRED = Suspension(BEFORE, "bounces", Feedback(1000, 50, 0))
SAID_NO = {"kind": "consent", "id": "c2", "said": "withdrawn", "message": "m1"}
SWITCH = {"kind": "switch", "id": "cart", "at": "t1"}
REFUSED = IysStanding(False, "RET", BEFORE)
LEFT_OUT: Item = {"kind": "segment", "id": "vip"}
CAPPED = {"shop": Shop(name="Test", caps={"marketing": Cap(per_local_day=1)}), "taken": TAKEN}

Case_ = tuple[Callable[[GateContext], Any], dict[str, Any], Any, dict[str, str] | None]
"""Gate, what differs from a message that may go out, the verdict, and what its first item of evidence holds."""
CASES: list[Case_] = [
    (gates.exists, {"profile": replace(PROFILE, identifiers=())}, Skipped(Reason.ERASED), None),
    (gates.not_restricted, {"restricted": MARK}, Skipped(Reason.RESTRICTED), {"id": "case-1"}),
    (gates.not_restricted, {"restricted": MARK, **TRANSACTIONAL}, Skipped(Reason.RESTRICTED), {"id": "case-1"}),
    (gates.not_objected, {"objected": MARK}, Skipped(Reason.OBJECTED), {"id": "case-1"}),
    (gates.not_objected, {"objected": MARK, **TRANSACTIONAL}, None, None),
    (
        gates.not_stopped_for_all, {"controls": Controls(global_stop=True, at="t0")},
        Deferred(NOW + timedelta(minutes=15), Reason.GLOBAL_STOP), {"kind": "switch", "id": "global_stop", "at": "t0"},
    ),
    (
        gates.journey_runs, {"journey_switch": "paused", "switched_at": "t1"},
        Deferred(NOW + timedelta(minutes=15), Reason.PAUSED), SWITCH,
    ),
    (
        gates.journey_runs, {"journey_switch": "stopped", "switched_at": "t1"},
        Skipped(Reason.JOURNEY_STOPPED), SWITCH,
    ),
    (
        gates.journey_runs, {"journey_switch": "stopped", "switched_at": "t1", **OF_CAMPAIGN},
        Skipped(Reason.CAMPAIGN_CANCELLED), SWITCH | {"id": "spring"},
    ),
    (
        gates.not_left_out, {"excluded_by": LEFT_OUT, **OF_CAMPAIGN},
        Skipped(Reason.EXCLUDED_SEGMENT, "vip"), {"id": "vip"},
    ),
    (gates.not_left_out, {"excluded_by": LEFT_OUT, **TEST_OF_CAMPAIGN}, None, None),
    (
        gates.on_allow_list, {"controls": Controls(allow_list=frozenset({"x"}), at="t0")},
        Skipped(Reason.NOT_ON_ALLOW_LIST), {"kind": "switch", "id": "allow_list", "at": "t0"},
    ),
    (gates.on_allow_list, {"controls": Controls(allow_list=frozenset({"d.1"})), "address": None}, None, None),
    (
        gates.on_allow_list,
        {"controls": Controls(allow_list=frozenset({"p.9"})), "address": Address("sms", "p.9")}, None, None,
    ),
    (gates.has_template, {"template": None}, Skipped(Reason.TEMPLATE_MISSING), {"kind": "template", "id": "t"}),
    (gates.has_template, {"language": None}, Skipped(Reason.TEMPLATE_MISSING), {"kind": "template", "id": "t"}),
    (gates.has_address, {"address": None}, Skipped(Reason.NO_ADDRESS), None),
    (
        gates.has_address,
        {"request": asked(channels=("push",)), "address": None, "died_at": NOW,
         "profile": replace(PROFILE, tokens=(PushToken("t", "ios", BEFORE),))},
        Skipped(Reason.DEAD_TOKEN),
        {"kind": "token", "at": "2026-11-30T09:00:00.000Z", "seen_at": "2026-11-30T08:00:00.000Z"},
    ),
    (gates.not_suppressed, {"consents": (BOUNCED,)}, Skipped(Reason.SUPPRESSED), {"because": "hard_bounce"}),
    (gates.not_suppressed, {"consents": (BOUNCED,), **TRANSACTIONAL}, Skipped(Reason.SUPPRESSED), {"id": "c2"}),
    (gates.consented, {"consents": (AGREED, NO)}, Skipped(Reason.NO_CONSENT), SAID_NO),
    (gates.consented, {"consents": ()}, Skipped(Reason.NO_CONSENT), None),
    (gates.consented, {"consents": (), **TRANSACTIONAL}, None, None),
    (gates.approved_at_iys, {"iys": REFUSED}, Skipped(Reason.NOT_IN_IYS, "RET"), {"kind": "iys", "id": "RET"}),
    (gates.approved_at_iys, {"iys": IysStanding(False, "RET"), **TRANSACTIONAL}, None, None),
    (gates.approved_at_iys, {"iys": IysStanding(True, "ONAY")}, None, None),
    (
        gates.fresh, {"request": asked(fresh_until_ms=ms(NOW))}, Skipped(Reason.STALE),
        {"kind": "deadline", "at": "2026-11-30T08:00:00.000Z", "fresh_until": "2026-11-30T09:00:00.000Z"},
    ),
    (gates.fresh, {"request": asked(fresh_until_ms=ms(NOW) + 1)}, None, None),
    (
        gates.coupon_due, {"request": asked(give=GIFT), "given": GIVEN},
        Skipped(Reason.COUPON_ONCE_PER, "2026-11-30T08:00:00.000Z"), {"kind": "coupon", "id": "CART10"},
    ),
    (gates.coupon_due, {"request": asked(give=GIFT, test=True), "given": GIVEN}, None, None),
    (
        gates.reputation_unharmed, {"suspension": TIRED},
        Deferred(NOW + timedelta(hours=1), Reason.REPUTATION, "bounces"), {"sent": "1000", "bounced": "50"},
    ),
    (
        gates.no_open_case, {"profile": replace(PROFILE, cases=(replace(CASE, closed_at=NOW), CASE))},
        Deferred(TOMORROW, Reason.OPEN_CASE, "return"), {"kind": "case", "id": "k1"},
    ),
    (gates.no_open_case, {"profile": replace(PROFILE, cases=(CASE,)), **TRANSACTIONAL}, None, None),
    (gates.no_open_case, {"profile": replace(PROFILE, cases=(replace(CASE, closed_at=NOW),))}, None, None),
    (
        gates.not_paused_by_customer, {"preference": WISH},
        Deferred(TOMORROW, Reason.PAUSED_BY_CUSTOMER), {"kind": "preference", "id": "w1", "message": "m2"},
    ),
    (gates.not_paused_by_customer, {"preference": replace(WISH, paused_until=NOW)}, None, None),
    (gates.not_paused_by_customer, {"preference": WISH, **TRANSACTIONAL}, None, None),
    (
        gates.no_reported_order, {"reported": (ORDER,), "request": asked(due_ms=ms(NOW - timedelta(minutes=30)))},
        Deferred(NOW + timedelta(minutes=30), Reason.PROVISIONAL_ORDER), {"id": "o1", "channel": "web"},
    ),
    (gates.no_reported_order, {"reported": (ORDER,), **TRANSACTIONAL}, None, None),
    (
        gates.in_turn, {**CAPPED, "taken": frozenset(), "competing": (CompetingJourney("win-back", 99, NOW),)},
        Deferred(NOW + timedelta(minutes=15), Reason.PRIORITY, "win-back"), {"kind": "journey", "id": "win-back"},
    ),
    (gates.in_turn, {**CAPPED, "taken": frozenset(), "competing": (CompetingJourney("x", 1, NOW),)}, None, None),
    (gates.within_caps, {**CAPPED, "taken": MINE}, None, None),  # the step has its place already, by another channel
    (
        gates.in_turn, {**CAPPED, "taken": frozenset(), "competing": (CompetingJourney("win-back", 99, LATE),)},
        Deferred(LATE + timedelta(minutes=9), Reason.PRIORITY, "win-back"), {"kind": "journey", "id": "win-back"},
    ),
    (
        gates.in_turn,
        {**CAPPED, "taken": frozenset(), "competing": (CompetingJourney("x", 99, LATE + timedelta(minutes=9)),)},
        Deferred(TOMORROW, Reason.PRIORITY, "x"), {"kind": "journey", "id": "x"},
    ),
    (gates.within_caps, CAPPED, Deferred(TOMORROW, Reason.DAILY_CAP), {"kind": "message", "id": "m3"}),
    (
        gates.within_caps, CAPPED | {"request": asked(fresh_until_ms=ms(TOMORROW))},
        Skipped(Reason.DAILY_CAP), {"id": "m3"},
    ),
    (
        gates.within_caps, {**CAPPED, "shop": Shop(name="Test", caps={"email": Cap(per_7d=0)})},
        Skipped(Reason.CHANNEL_CAP), {"id": "m3"},
    ),
    (
        gates.within_personal_cap, {"preference": OFTEN, "taken": TAKEN},
        Deferred(BEFORE + timedelta(days=7), Reason.PERSONAL_CAP), {"id": "w1", "one_in_days": "7"},
    ),
    (gates.within_personal_cap, {"preference": OFTEN}, None, None),
    (gates.within_personal_cap, {"preference": OFTEN, "taken": TAKEN, **TRANSACTIONAL}, None, None),
    (
        gates.in_send_hours, {"now": NOW + timedelta(hours=8)},
        Deferred(TOMORROW, Reason.QUIET_HOURS),
        {"kind": "send_hours", "at": "2026-12-01T06:00:00.000Z", "fresh_until": "2026-12-03T09:00:00.000Z"},
    ),
    (gates.in_send_hours, {"now": NOW + timedelta(hours=8), **TRANSACTIONAL}, None, None),
    (
        gates.content_still_true, {"missing": ("cart.url", "b", "c", "d")},
        Skipped(Reason.CONTENT_MISSING), {"kind": "field", "id": "cart.url"},
    ),
    (gates.content_still_true, {"stop": Skipped("stopped"), "missing": ("x",)}, Skipped("stopped"), None),
    (gates.content_still_true, {"product_objection": Skipped("price_rose")}, Skipped("price_rose"), None),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_gate_says_what_it_found(number: int) -> None:
    """The verdict, its detail, its time; and the evidence names what made it true."""
    gate, differs, wanted, evidence = CASES[number]
    verdict = gate(replace(OPEN, **differs))
    assert verdict == wanted, gate.__name__
    if evidence is None:
        assert verdict is None or not verdict.evidence
    else:
        assert evidence.items() <= dict(verdict.evidence[0]).items(), verdict.evidence
        assert len(verdict.evidence) <= 3


@pytest.mark.parametrize("number", range(len(CASES)))
def test_whose_zone_nobody_knows_has_that_of_the_shop(number: int) -> None:
    """Each gate says the same of him: the shop is in Istanbul as well."""
    gate, differs, wanted, _ = CASES[number]
    context = replace(OPEN, **differs)
    assert gate(replace(context, profile=replace(context.profile, time_zone=None))) == wanted, gate.__name__


SMS = TEMPLATE.model_copy(update={"sms": {"de": "x", "en": "x", "tr": "x"}})


@pytest.mark.parametrize(
    ("traits", "device", "shop", "language"),
    [
        ({}, None, ("tr", "en"), "tr"),
        ({}, "de-DE", ("tr", "de"), "de"),
        ({"locale": "en-GB"}, "de-DE", ("tr", "en"), "en"),
        ({"language": "tr", "locale": "en-GB"}, None, ("en", "tr"), "tr"),
        ({"language": 7}, "de-DE", ("tr", "de"), "de"),
        ({"language": "fr"}, None, ("fr",), None),  # the template does not serve it
    ],
)
def test_the_language_is_what_the_customer_said_himself(
    traits: dict[str, Any], device: str | None, shop: tuple[str, ...], language: str | None
) -> None:
    """Before the newest device's, and that before the shop's first."""
    said = {name: Trait(value, BEFORE, trusted=True) for name, value in traits.items()}
    profile = replace(PROFILE, traits=said, locale=None if device is None else (device, BEFORE))
    assert gates.language_of(profile, SMS, "sms", Shop(name="Test", languages=shop)) == language
    assert gates.language_of(profile, SMS, "email", Shop(name="Test", languages=shop)) is None


def test_every_gate_is_tried_and_lets_a_good_message_pass() -> None:
    """A new gate needs its rows here."""
    assert {case[0] for case in CASES} == set(GATES)
    assert [gate.__name__ for gate in GATES if gate(OPEN) is not None] == []
    assert decide(OPEN) is None


def test_the_first_objection_counts_and_a_late_one_is_the_end() -> None:
    """Erased before stopped for all; a deferral to the end of freshness is a skip with the same reason and evidence."""
    stopped = replace(OPEN, controls=Controls(global_stop=True, at="t0"))
    assert decide(replace(stopped, profile=replace(PROFILE, identifiers=()))) == Skipped(Reason.ERASED)
    for left, late in ((timedelta(minutes=15), True), (timedelta(minutes=15, milliseconds=1), False)):
        found = decide(replace(stopped, request=asked(fresh_until_ms=ms(NOW + left))))
        assert isinstance(found, Skipped if late else Deferred)
        assert (found.reason, found.evidence[0]["id"]) == (Reason.GLOBAL_STOP, "global_stop")
