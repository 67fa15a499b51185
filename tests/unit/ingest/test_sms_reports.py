"""Reports of End User Messaging about text messages become events of the customer, once each."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest import on_feedback
from shared.domain.consent.suppression import suppressed
from shared.domain.events.sms_reports import EVENT_TYPES, read_sms_report
from shared.domain.messages.message import State
from shared.ports import Throttled
from shared.stores.consent_items import read_consent
from tests.support.queued_reports import INVOCATION, notified, queued
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import NOW

pytestmark = pytest.mark.unit


def report(kind: str, message_id: str = "m1", **more: Any) -> dict[str, Any]:
    """A notification as the service documents it."""
    return {
        "eventType": kind,
        "eventVersion": "1.0",
        "eventTimestamp": 1_795_255_200_000,
        "isFinal": True,
        "originationPhoneNumber": "+12065550152",
        "destinationPhoneNumber": "+905321112233",
        "messageId": "862a8790-60c0-4430-9b2b-658bdexample",
        "messageStatus": kind.removeprefix("TEXT_"),
        "context": {"kervan_message": message_id},
        "totalMessagePrice": 0.09582,
        **more,
    }


@pytest.fixture
def texted(monkeypatch: pytest.MonkeyPatch) -> Mail:
    """A message whose call got no answer; the function works on its tables."""
    mail = Mail()
    monkeypatch.setattr(on_feedback, "feedback", lambda: mail.feedback)
    monkeypatch.setattr(on_feedback, "environment", lambda: mail.world)
    return mail


def give(*details: Any) -> None:
    """What SNS puts into the queue of the function; all of it is taken."""
    assert on_feedback.handler(notified(*details), INVOCATION) == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("TEXT_DELIVERED", "SMS Delivered", None),
        ("TEXT_SUCCESSFUL", "SMS Delivered", None),
        ("TEXT_CARRIER_BLOCKED", "SMS Delivery Failed", "carrier_blocked"),
        ("TEXT_TTL_EXPIRED", "SMS Delivery Failed", "expired"),
        ("TEXT_INVALID", "SMS Delivery Failed", "invalid_number"),
    ],
)
def test_each_report_is_one_event_and_settles_the_call(texted: Mail, kind: str, name: str, reason: str | None) -> None:
    """However often it comes, it is one event without the number, and the provider is known to have the message."""
    for _ in range(3):
        give(report(kind, texted.id))
    (found,) = texted.log()
    assert (found.name, found.source, found.properties.get("reason")) == (name, "end_user_messaging", reason)
    assert found.properties["message_id"] == texted.id
    assert texted.state() is State.SENT
    assert "905321112233" not in str(texted.world.customers.query(texted.home).items)


def test_a_number_that_does_not_exist_gets_nothing_more(texted: Mail) -> None:
    """An invalid number is suppressed under its key; one that is out of reach is not."""

    def refusals() -> list[Any]:
        return [read_consent(item) for item in texted.world.customers.query(texted.address, prefix="consent#").items]

    give(report("TEXT_UNREACHABLE", texted.id))
    assert refusals() == []
    give(report("TEXT_INVALID", texted.id))
    found = suppressed(refusals(), "email", texted.address, NOW + timedelta(days=1))
    assert found is not None
    assert found.origin == "invalid_number"


def test_a_success_that_is_not_final_waits_for_the_delivery(texted: Mail) -> None:
    """Of the network's yes and the later confirmation one counts; what is on its way is no news."""
    give(report("TEXT_SUCCESSFUL", texted.id, isFinal=False), report("TEXT_QUEUED", texted.id))
    assert texted.log() == []
    give(report("TEXT_DELIVERED", texted.id))
    assert len(texted.log()) == 1


def test_reports_about_others_messages_change_nothing(texted: Mail) -> None:
    """A configuration set may be shared: what names no message of ours is let go."""
    give(report("TEXT_DELIVERED", "unknown"), {"eventType": "TEXT_DELIVERED"}, [], None, "text")
    broken = [{"Message": "{"}, {"Message": "[" * 100_000}]
    assert on_feedback.handler(queued(*broken), INVOCATION) == {"batchItemFailures": []}
    assert texted.log() == []


@pytest.mark.parametrize("body", ["", "{", "null", "[]", "{}", '{"Message": 7}', "[" * 100_000])
def test_what_is_no_report_becomes_a_dead_letter(texted: Mail, body: str, caplog: pytest.LogCaptureFixture) -> None:
    """The queue offers it again until it lies there; the reports beside it are taken, and it is not logged."""
    notice = notified(report("TEXT_DELIVERED", texted.id))["Records"][0]["body"]
    assert on_feedback.handler(queued(body, notice), INVOCATION) == {"batchItemFailures": [{"itemIdentifier": "q0"}]}
    assert len(texted.log()) == 1
    assert [record.message for record in caplog.records] == ["unreadable: UnreadableReport"]


def test_a_report_waits_while_a_table_does_not_take_it(texted: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is offered again, alone, and is one event in the end."""
    batch = notified(report("TEXT_DELIVERED", "unknown"), report("TEXT_DELIVERED", texted.id))
    put = texted.world.customers.put_many
    monkeypatch.setattr(texted.world.customers, "put_many", _throttled)
    assert on_feedback.handler(batch, INVOCATION) == {"batchItemFailures": [{"itemIdentifier": "q1"}]}
    monkeypatch.setattr(texted.world.customers, "put_many", put)
    assert on_feedback.handler(batch, INVOCATION) == {"batchItemFailures": []}
    assert len(texted.log()) == 1


def test_a_report_that_does_not_fit_into_the_invocation_waits(texted: Mail) -> None:
    """A function that is ended answers nothing, and the whole batch would be offered again."""
    batch = notified(report("TEXT_DELIVERED", texted.id), report("TEXT_DELIVERED", "unknown"))
    left = [on_feedback.MARGIN_MS + 1, on_feedback.MARGIN_MS]
    ending = SimpleNamespace(get_remaining_time_in_millis=lambda: left.pop(0))
    assert on_feedback.handler(batch, ending) == {"batchItemFailures": [{"itemIdentifier": "q1"}]}
    assert len(texted.log()) == 1


def _throttled(*_items: Any) -> None:
    raise Throttled("busy")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["eventType", "context", "messageId", "eventTimestamp", "isFinal"]),
        _JSON | st.sampled_from(EVENT_TYPES) | st.just({"kervan_message": "m"}),
    )
)
def test_any_notification_can_be_read(detail: dict[str, Any]) -> None:
    """Nothing that a notification may hold raises, and no time lies far in the future."""
    found = read_sms_report(detail, NOW)
    if found is not None:
        assert found.time <= NOW + timedelta(days=2)
