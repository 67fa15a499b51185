"""Nodes about what is known: traits, consent, use, cart, cycle; at their boundaries, and when they turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.consent.consent import Consent
from shared.domain.identity.identifiers import Identifier, parse_identifier
from shared.domain.profile.profile import Cart, Line, PushToken
from shared.domain.segments.evaluate import Evaluation
from shared.domain.segments.memberships import memberships
from shared.domain.segments.subject import international
from tests.support.segment_asking import (
    DAY,
    HOUR,
    SHOP,
    SOMEBODY,
    TICK,
    ask,
    bought,
    order,
    said,
    segment,
)
from tests.support.world import KEYS, NOW

pytestmark = pytest.mark.unit


def test_traits_are_compared_as_turkish_writes_them() -> None:
    """Inside with dots, elements of lists one by one, numbers as numbers; what is not there exists not."""
    profile = said(address={"city": "ISTANBUL"}, tags=["Kadın", "vip"], score="12,5", points=7)
    assert ask({"trait": {"name": "address.city", "is": "istanbul"}}, profile).value
    assert ask({"trait": {"name": "address.city", "is": "İstanbul"}}, profile).value
    assert ask({"trait": {"name": "tags", "is": "KADIN"}}, profile).value
    assert not ask({"trait": {"name": "tags", "contains": "kad", "starts_with": "v"}}, profile).value
    assert ask({"trait": {"name": "points", "at_least": 7, "less_than": 7.5}}, profile).value
    assert not ask({"trait": {"name": "score", "at_least": 1}}, profile).value
    assert ask({"trait": {"name": "address.street", "exists": False}}, profile).value


def test_a_day_in_a_trait_begins_in_the_customers_zone_one_in_a_definition_in_the_shops() -> None:
    """Before is excluded, after included; the window of a day ends so long after its local midnight."""
    tokyo = said(time_zone="Asia/Tokyo", since="2026-11-20", until="tomorrow")
    begun = datetime(2026, 11, 19, 15, tzinfo=UTC)
    assert ask({"trait": {"name": "since", "within": "3d"}}, tokyo) == Evaluation(True, begun + 3 * DAY)
    assert ask({"trait": {"name": "since", "before": "2026-11-20"}}, tokyo) == Evaluation(True, None)
    assert not ask({"trait": {"name": "since", "after": "2026-11-20"}}, tokyo).value
    assert ask({"trait": {"name": "since", "after": "2026-11-20T00:00+09:00"}}, tokyo).value
    assert not ask({"trait": {"name": "since", "before": "2026-11-20T00:00+09:00"}}, tokyo).value
    assert ask({"trait": {"name": "until", "before": "2030-01-01"}}, tokyo) == Evaluation(False, None)


def test_a_zone_that_a_device_told_is_good_for_90_days_and_the_answer_knows_it() -> None:
    """A local day moves with the zone: the truth turns when the device's word is too old."""
    seen = NOW - 90 * DAY + HOUR
    profile = replace(said(since="2026-11-22"), time_zone=("America/Los_Angeles", seen))
    began = {"trait": {"name": "since", "within": "4h"}}
    here = datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert ask(began, profile) == Evaluation(True, seen + 90 * DAY)
    assert seen + 90 * DAY < here + 4 * HOUR
    assert not ask(began, profile, seen + 90 * DAY).value


def consent(granted: bool, received: datetime, **more: Any) -> Consent:
    known: dict[str, Any] = {"channel": "email", "purpose": "marketing", "may_grant": True, "source": "store"}
    known |= {"message_id": str(received), "address_key": "", "time": received}
    return Consent(granted=granted, received_at=received, **(known | more))


def test_consent_is_that_of_the_address_in_use_and_heard_when_it_came() -> None:
    """Given for the old address it says nothing about the new one; what is heard later is foreseen."""
    old, new = parse_identifier("email:old@example.com"), parse_identifier("email:new@example.com")
    profile = replace(said(email="new@example.com"), consents=(consent(True, NOW - DAY, address_key=KEYS(old)),))
    yes, no = {"consent": {"channel": "email"}}, {"consent": {"channel": "email", "granted": False}}
    assert (ask(yes, profile).value, ask(no, profile).value) == (False, True)
    ahead = replace(profile, consents=(*profile.consents, consent(True, NOW + HOUR, address_key=KEYS(new))))
    assert ask(yes, ahead) == Evaluation(False, NOW + HOUR)
    assert ask({"reachable": {"channel": "email"}}, ahead) == Evaluation(False, NOW + HOUR)


def test_reachable_needs_an_address_consent_and_no_refusal_of_everything() -> None:
    """Order notices need no consent; a hard bounce ends both; push speaks for the customer."""
    profile = replace(said(email="a@example.com"), consents=(consent(True, NOW - 2 * DAY),))
    notice = {"reachable": {"channel": "email", "purpose": "transactional"}}
    assert ask({"reachable": {}}, profile).value
    assert not ask({"reachable": {"channel": "sms"}}, profile).value
    assert (ask(notice, said(email="a@example.com")).value, ask({"reachable": {}}, said(email="a@x.com")).value) == (
        True,
        False,
    )
    dead = replace(profile, consents=(*profile.consents, consent(False, NOW - DAY, purpose="all")))
    assert (ask(notice, dead).value, ask({"reachable": {}}, dead).value) == (False, False)
    push = replace(SOMEBODY, tokens=(PushToken("t", "ios", NOW),), consents=(consent(True, NOW - DAY, channel="push"),))
    assert ask({"reachable": {"channel": "push"}}, push).value
    assert ask({"consent": {"channel": "push"}}, push).value


def test_a_phone_number_without_its_country_is_looked_for_among_the_identifiers() -> None:
    """Segmentation has no tables of numbering plans; ingest had."""
    number: Identifier = parse_identifier("phone:+905551112233")
    profile = replace(
        said(phone="0555 111 22 33"), identifiers=(number,),
        consents=(consent(True, NOW - DAY, channel="sms", address_key=KEYS(number)),),
    )  # fmt: skip
    assert ask({"reachable": {"channel": "sms"}}, profile).value
    assert (international("+90 (555) 111-22.33"), international("0555 111 22 33")) == ("+905551112233", None)


def test_use_is_known_to_the_hour_by_channel_and_device_together() -> None:
    """On the app with a phone, not on the app and with a phone; one dated ahead counts at once."""
    profile = replace(SOMEBODY, used=((NOW - HOUR, "web", "ios"), (NOW - 30 * HOUR, "app", "Android")))
    assert ask({"active": {"channel": "APP", "device": "android", "within": "2d"}}, profile) == Evaluation(
        True, NOW + 18 * HOUR
    )
    assert not ask({"active": {"channel": "app", "device": "ios"}}, profile).value
    assert ask({"active": {"within": "1h"}}, profile) == Evaluation(False, None)
    ahead = replace(SOMEBODY, used=((NOW + HOUR, "web", ""),))
    assert ask({"active": {"within": "1h"}}, ahead) == Evaluation(True, NOW + 2 * HOUR)


def test_a_cart_has_an_age_between_its_bounds() -> None:
    """From exactly at_least on until just before less_than; without any change it has none."""
    lines = (
        Line("p", 2, NOW, {"price": "10.50", "currency": "TRY"}), Line("q", 1, NOW, {"price": "99", "currency": "USD"}),
        Line("r", 1, NOW),
    )  # fmt: skip
    left = {"cart": {"items": {"at_least": 1}, "age": {"at_least": "1h", "less_than": "2h"}}}
    profile = replace(SOMEBODY, cart=Cart(lines, NOW))
    assert ask(left, profile) == Evaluation(False, NOW + HOUR)
    assert ask(left, profile, NOW + HOUR) == Evaluation(True, NOW + 2 * HOUR)
    assert ask(left, profile, NOW + 2 * HOUR) == Evaluation(False, None)
    assert ask(left, profile, NOW - HOUR) == Evaluation(False, NOW + HOUR)
    assert ask({"cart": {"value": {"exactly": 21}}}, profile).value
    assert not ask({"cart": {"age": {"less_than": "9d"}}}).value


def test_overdue_from_the_end_of_the_cycle_on() -> None:
    """Bought every ten days: late from ten days after the last, or half as much again; an order ahead takes it back."""
    orders = [order(str(n), NOW - n * 10 * DAY) for n in (1, 2, 3)]
    profile = bought(*orders)
    assert ask({"overdue": {}}, profile) == Evaluation(True, None)
    assert ask({"overdue": {}}, profile, NOW - TICK) == Evaluation(False, NOW)
    assert ask({"overdue": {"times": 1.5}}, profile) == Evaluation(False, NOW + 5 * DAY)
    assert ask({"overdue": {}}, bought(*orders, order("ahead", NOW + HOUR))) == Evaluation(True, NOW + HOUR)
    assert ask({"overdue": {}}, bought(*orders[:2])) == Evaluation(False, None)


def test_a_flip_between_milliseconds_is_armed_for_the_next_whole_one() -> None:
    """A timer knows milliseconds only; one that fires before the change would be armed for the same one for ever."""
    profile = bought(*(order(str(n), NOW - timedelta(days=n * 10)) for n in (1, 2, 3)))
    found = memberships([segment({"overdue": {"times": 1.0000000003}})], profile, SHOP, NOW, {})
    assert found.next_flip == NOW + TICK
