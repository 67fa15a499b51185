"""The one rule by which consent is read, against a reading by hand (docs/messages.md)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared.domain.consent.consent import EVERY_PURPOSE, Consent, FoldedRun, consent_state, in_force
from shared.domain.consent.consent_events import ConsentRecord, consent_record
from shared.domain.events.event import Event, Source
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys
from shared.stores.consent_items import consent_items, read_consent
from tests.support.cases import UNIT, cases

pytestmark = UNIT

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
KEYS = IdentifierKeys(b"s" * 64)
SHOP = Source("store", "store", trusted=True)
WEB = Source("web", "web", trusted=False)
FORM = Source("form", "web", trusted=False, may_grant_consent=True)

MOMENTS = st.integers(min_value=-3, max_value=3).map(lambda minutes: NOW + timedelta(minutes=minutes))
STATEMENTS = st.builds(
    Consent,
    channel=st.sampled_from(["email", "sms"]),
    purpose=st.sampled_from(["marketing", "service", EVERY_PURPOSE]),
    granted=st.booleans(),
    time=MOMENTS,
    received_at=MOMENTS,
    may_grant=st.booleans(),
    source=st.sampled_from(["web", "store"]),
    message_id=st.sampled_from(["m1", "m2", "m3"]),
    address_key=st.sampled_from(["", "e.1", "e.2"]),
)


def by_hand(consents: list[Consent], address: str) -> bool:
    """Minute by minute through history: at each one, first the grants that begin, then the withdrawals."""
    answer = False
    for minute in range(-4, 5):
        instant = NOW + timedelta(minutes=minute)
        for granting in (True, False):
            for one in consents:
                about = one.channel == "email" and one.address_key in {"", address} and one.received_at <= NOW
                if not about or one.granted != granting:
                    continue
                if granting and one.may_grant and one.purpose == "marketing":
                    again = [
                        same
                        for same in consents
                        if (same.source, same.message_id, same.address_key)
                        == (one.source, one.message_id, one.address_key)
                        and (same.channel, same.purpose, same.granted, same.may_grant)
                        == ("email", "marketing", True, True)
                        and same.received_at <= NOW
                    ]
                    if min(min(same.time, same.received_at) for same in again) == instant:
                        answer = True
                if not granting and one.purpose in {"marketing", EVERY_PURPOSE}:
                    arrivals = [
                        same.received_at
                        for same in consents
                        if structs.replace(same, received_at=NOW, may_grant=True)
                        == structs.replace(one, received_at=NOW, may_grant=True)
                        and same.received_at <= NOW
                    ]
                    answer = answer and max(one.time, min(arrivals)) != instant
    return answer


@cases(83)
@given(consents=st.lists(STATEMENTS, max_size=7), address=st.sampled_from(["e.1", "e.2"]), seed=st.integers(0, 99))
def test_the_rule_agrees_with_history(consents: list[Consent], address: str, seed: int) -> None:
    """Whatever was said in whatever order, the answer is what walking through history minute by minute gives."""
    state = consent_state(consents, "email", "marketing", address, NOW)
    assert state.granted == by_hand(consents, address)
    shuffled = random.Random(seed).sample(consents, len(consents))
    assert consent_state(shuffled * 2, "email", "marketing", address, NOW) == state
    assert state.proof is None or state.proof in consents


def said(granted: bool, minute: int, *, received: int | None = None, may_grant: bool = True, **other: str) -> Consent:
    return Consent(
        channel="email",
        purpose=other.pop("purpose", "marketing"),
        granted=granted,
        time=NOW + timedelta(minutes=minute),
        received_at=NOW + timedelta(minutes=minute if received is None else received),
        may_grant=may_grant,
        source="web",
        message_id=other.pop("message_id", f"m{minute}{granted}"),
        address_key=other.pop("address_key", ""),
    )


@pytest.mark.parametrize(
    ("consents", "granted"),
    [
        ([], False),
        ([said(True, -5)], True),
        ([said(True, -5, may_grant=False)], False),
        ([said(True, -5), said(False, -4, may_grant=False)], False),
        ([said(False, -5), said(True, -4)], True),
        ([said(True, -5), said(False, -5)], False),
        ([said(True, -5, received=-1), said(False, -3)], False),
        ([said(False, -5, received=-1), said(True, -3)], False),
        ([said(True, -5), said(False, -4, address_key="e.2")], True),
        ([said(True, -5), said(False, -4, address_key="e.1")], False),
        ([said(True, -5, address_key="e.2")], False),
        ([said(True, -5), said(False, -4, purpose=EVERY_PURPOSE)], False),
        ([said(True, -5, purpose=EVERY_PURPOSE)], False),
        ([said(True, -5, message_id="m"), said(False, -4), said(True, -3, message_id="m")], False),
        ([said(True, 1)], False),
    ],
    ids=[
        "never", "granted", "may not grant", "anybody withdraws", "granted again", "tie", "grant counts early",
        "withdrawal counts late", "other address", "this address", "grant of another address", "everything withdrawn",
        "everything is no grant", "a late retry of a grant", "not known yet",
    ],
)  # fmt: skip
def test_the_rule_case_by_case(consents: list[Consent], granted: bool) -> None:
    """Each sentence of the rule has its case."""
    assert consent_state(consents, "email", "marketing", "e.1", NOW).granted is granted


def event(source: Source = SHOP, **message: object) -> Event:
    body = {"type": "track", "event": "Consent Granted", "userId": "42", "messageId": "m1", **message}
    return read_message(body, source, NOW)


@pytest.mark.parametrize("granted", [False, True])
@pytest.mark.parametrize(
    "other",
    [
        {"message_id": "m2"}, {"source": "app"}, {"address_key": "e.1"}, {"purpose": EVERY_PURPOSE},
        {"text_version": "2"}, {"origin": "form"}, {"link": "m.1"}, {"may_grant": False}, {"merchant": True},
        {"public": True}, {"time": NOW - timedelta(minutes=1)},
        {"run": FoldedRun(NOW, NOW, 2, NOW)},
    ],
    ids=lambda other: "+".join(other),
)  # fmt: skip
def test_of_two_statements_of_one_moment_the_same_one_is_the_proof(other: dict[str, object], granted: bool) -> None:
    """In whatever order they are read: from the customer or from the address first."""
    one = Consent("email", "marketing", granted, NOW, NOW, True, "web", "m1")
    two = structs.replace(one, **other)
    state = consent_state([one, two], "email", "marketing", "e.1", NOW)
    assert state == consent_state([two, one], "email", "marketing", "e.1", NOW)
    assert state.proof in (one, two)


def test_a_withdrawal_that_is_sent_again_beats_no_grant_made_in_between() -> None:
    """It counts from its first arrival; two runs with the same last statement stay two."""
    first = structs.replace(said(False, -5), public=True)
    again = structs.replace(first, received_at=NOW - timedelta(minutes=1))
    granted = said(True, -3)
    for heard in permutations([first, again, granted]):
        assert consent_state(heard, "email", "marketing", "e.1", NOW).granted
        assert len(in_force(heard)) == 2
    runs = [structs.replace(first, run=FoldedRun(NOW, NOW, count, NOW)) for count in (2, 3)]
    assert in_force(runs) == runs


def test_an_address_is_told_twice() -> None:
    """A statement about an address lies under the customer and under the address, and reads back as it was."""
    found = event(
        properties={"channel": "email", "address": "Ayse@Example.COM", "text_version": "v3", "source": "checkout"}
    )
    record = consent_record(found, SHOP, KEYS)
    assert record is not None
    address = KEYS(parse_identifier("email:ayse@example.com"))
    assert record.partitions == (KEYS(parse_identifier("user:42")), address)
    assert (record.consent.address_key, record.consent.text_version, record.consent.origin) == (
        address,
        "v3",
        "checkout",
    )
    items = consent_items(record, trusted=True)
    assert [item["pk"] for item in items] == list(record.partitions)
    assert {read_consent(item) for item in items} == {record.consent}
    assert len({item["sk"] for item in items}) == 1


def test_a_folded_run_reads_back_and_counts_from_its_newest_statement() -> None:
    """A run is kept with its statement, and holds against a grant that began before the newest of the run."""
    run = FoldedRun(
        first_received=NOW - timedelta(minutes=9),
        last_received=NOW - timedelta(minutes=1),
        count=12,
        counts_from=NOW - timedelta(minutes=1),
        own=True,
    )
    folded = structs.replace(said(False, -5, may_grant=False), run=run, public=True)
    [item] = consent_items(ConsentRecord(("u.1",), folded), trusted=False)
    assert read_consent(item) == folded
    bare = item | {"run": {name: value for name, value in item["run"].items() if name not in {"own", "widened"}}}
    assert read_consent(bare).run == structs.replace(run, own=False)
    assert "run" not in consent_items(ConsentRecord(("u.1",), said(False, -5)), trusted=False)[0]
    assert not consent_state([folded, said(True, -3)], "email", "marketing", "e.1", NOW).granted
    assert consent_state([folded, said(True, 0)], "email", "marketing", "e.1", NOW).granted


def test_an_address_among_the_identifiers_is_named() -> None:
    """Without the property the channel's address that the event carries is meant; push has none."""
    context = {"traits": {"email": "ayse@example.com"}, "device": {"id": "D1", "token": "t"}}
    mail = consent_record(event(properties={"channel": "email"}, context=context), SHOP, KEYS)
    push = consent_record(event(properties={"channel": "push"}, context=context), SHOP, KEYS)
    text = consent_record(event(properties={"channel": "sms"}, context=context), SHOP, KEYS)
    assert mail is not None
    assert push is not None
    assert text is not None
    assert mail.consent.address_key == KEYS(parse_identifier("email:ayse@example.com"))
    assert (push.consent.address_key, text.consent.address_key) == ("", "")
    assert len(push.partitions) == 1


def test_who_may_grant_is_decided_at_the_door() -> None:
    """A trusted source may grant, a public one only by its settings; what it said is kept as proof either way."""
    granting = [
        record.consent.may_grant
        for source in (SHOP, WEB, FORM)
        if (record := consent_record(event(source, properties={"channel": "email"}), source, KEYS))
    ]
    assert granting == [True, False, True]


def test_unsubscribed_withdraws_mail() -> None:
    """Segment's lifecycle event is a withdrawal, of e-mail if it does not say more."""
    record = consent_record(event(event="unsubscribed"), SHOP, KEYS)
    assert record is not None
    assert (record.consent.granted, record.consent.channel, record.consent.purpose) == (False, "email", "marketing")


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"channel": "fax"},
        {"channel": []},
        {"channel": "email", "purpose": "Mark#eting"},
        {"channel": "email", "address": "nobody"},
        {"channel": "email", "address": ""},
        {"channel": "email", "address": 7},
        {"channel": "sms", "address": {}},
    ],
)
def test_a_statement_that_says_nothing_is_refused(properties: dict[str, object]) -> None:
    """Without a channel, a purpose and a possible address nobody knows what was agreed to."""
    with pytest.raises(Refused, match="Consent Granted"):
        consent_record(event(properties=properties), SHOP, KEYS)


def test_other_events_say_nothing() -> None:
    """Only these three names of track are statements."""
    assert consent_record(event(event="Order Completed"), SHOP, KEYS) is None
    assert consent_record(event(type="page", name="Consent Granted"), SHOP, KEYS) is None
