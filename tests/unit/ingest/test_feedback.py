"""Reports of SES become facts about the customer, once each, and settle what was not known about a sending."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Literal, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.ingest.feedback import Feedback
from functions.ingest.message_links import Reactions, Visitor
from shared.domain.consent.consent import consent_state
from shared.domain.events.event import Event
from shared.domain.events.ses_reports import read_report
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.lifecycle import Claim
from shared.domain.messages.message import Sent, State, Unknown
from shared.domain.messages.request import SendRequest
from shared.ports import Throttled
from shared.stores.consent_items import read_consent
from shared.stores.event_items import read_event
from shared.stores.ledger import Ledger, write_record
from tests.support.cases import also_long, cases
from tests.unit.ingest.payloads import payload
from tests.unit.ingest.world import NOW, World

pytestmark = pytest.mark.unit

NAMES = {
    "send": "Email Sent",
    "delivery": "Email Delivered",
    "bounce": "Email Bounced",
    "complaint": "Email Marked as Spam",
    "open": "Email Opened",
    "click": "Email Link Clicked",
    "reject": "Email Rejected",
    "rendering_failure": "Email Rejected",
    "delivery_delay": "Email Delayed",
    "subscription": "Unsubscribed",
}


class Mail:
    """One mail to user:42 that was handed to SES, whose answer did not arrive; or a text message to its operator."""

    def __init__(self, channel: Literal["email", "sms"] = "email") -> None:
        self.world = World()
        self.home = self.world.keys(parse_identifier("user:42"))
        self.address = self.world.keys(parse_identifier("email:ayse@example.com"))
        self.ledger = Ledger(self.world.messages)
        self.feedback = Feedback(self.world.customers, self.ledger, self.world.keys)
        request = SendRequest(
            home=self.home,
            enrollment="e1",
            journey="cart-recovery",
            release=3,
            step="reminder",
            template="cart-reminder",
            purpose="marketing",
            channels=(channel,),
            due_ms=0,
            fresh_until_ms=1,
            clock_ms=0,
        )
        claim = self.ledger.begin(request, self.home, NOW)
        assert isinstance(claim, Claim)
        described = replace(claim.record, text="Sepet", address_key=self.address, language="tr")
        calling = self.ledger.calling(described, NOW)
        assert calling is not None
        self.calling = calling
        self.id = request.message_id

    def report(self, name: str, **changed: Any) -> Any:
        """The detail of a payload, about this mail."""
        text = json.dumps(payload(f"ses/{name}")["detail"]).replace('"MESSAGE"', json.dumps(self.id))
        detail: Any = json.loads(text)
        for part in detail.values():
            if isinstance(part, dict) and "tags" not in part:
                part |= changed
        return detail

    def log(self) -> list[Event]:
        return [read_event(item) for item in self.world.customers.query(self.home, prefix="t#").items]

    def state(self) -> State:
        found = self.ledger.get(self.id)
        assert found is not None
        return found.state


@pytest.mark.parametrize(("name", "event"), NAMES.items())
def test_each_report_is_an_event_of_the_customer(name: str, event: str) -> None:
    """Each of SES's ten reports lands once in the message's home, tells which message it was, and holds no address."""
    mail = Mail()
    for _ in range(3):
        assert mail.feedback.record(mail.report(name), NOW)
    (found,) = mail.log()
    assert (found.name, found.source, found.trusted) == (event, "ses", True)
    assert found.properties["message_id"] == mail.id
    assert (found.properties["journey"], found.properties["step"]) == ("cart-recovery", "reminder")
    assert "ayse@example.com" not in str(mail.world.customers.query(mail.home).items)


def test_two_clicks_are_two_events() -> None:
    """Another moment, another link or another reader of one mail is another click; the same report again is none."""
    mail = Mail()
    for changed in (
        {},
        {},
        {"timestamp": "2026-11-22T09:06:01.000Z"},
        {"link": "https://www.shop.example/"},
        {"ipAddress": "192.0.2.9"},
    ):
        mail.feedback.record(mail.report("click", **changed), NOW)
    assert [event.name for event in mail.log()] == ["Email Link Clicked"] * 4
    assert len({event.message_id for event in mail.log()}) == 4


@pytest.mark.parametrize("name", ["open", "click"])
@pytest.mark.parametrize(
    ("changed", "machine"),
    [
        ({}, None),
        ({"userAgent": "Mozilla/5.0"}, "privacy_proxy"),
        ({"userAgent": "Barracuda Sentinel (EE)"}, "scanner"),
        (
            {"userAgent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"},
            None,
        ),
        ({"timestamp": "2026-11-22T09:00:02.000Z"}, "too_fast"),
        ({"timestamp": "2026-11-22T09:00:02.001Z"}, None),
        ({"userAgent": None}, None),
    ],
)
def test_what_a_program_did_is_marked(name: str, changed: dict[str, Any], machine: str | None) -> None:
    """Apple's proxy, a scanner and whoever is faster than people are named in the event; in doubt it is a person."""
    mail = Mail()
    mail.feedback.record(mail.report(name, **changed), NOW)
    (found,) = mail.log()
    assert found.properties.get("machine") == machine


@pytest.mark.parametrize("name", ["send", "delivery", "open", "click", "bounce", "complaint", "delivery_delay"])
def test_a_lost_answer_is_settled(name: str) -> None:
    """A report that SES took the mail settles CALLING and UNKNOWN as SENT."""
    calling, unknown = Mail(), Mail()
    unknown.ledger.settle(unknown.calling, Unknown("timeout"), NOW)
    for mail in (calling, unknown):
        mail.feedback.record(mail.report(name), NOW)
        assert mail.state() == State.SENT


@pytest.mark.parametrize("name", ["reject", "rendering_failure"])
def test_what_never_left_is_not_called_sent(name: str) -> None:
    """A mail that SES rejected is not settled as sent."""
    mail = Mail()
    mail.feedback.record(mail.report(name), NOW)
    assert mail.state() == State.CALLING


def test_our_own_sent_stands() -> None:
    """A message that is known to be sent stays as it is, whatever is reported."""
    mail = Mail()
    mail.ledger.settle(mail.calling, Sent(NOW, "ses-1"), NOW)
    before = mail.ledger.get(mail.id)
    mail.feedback.record(mail.report("delivery"), NOW + timedelta(minutes=1))
    assert mail.ledger.get(mail.id) == before


@pytest.mark.parametrize(("name", "purpose"), [("bounce", "all"), ("complaint", "all"), ("subscription", "marketing")])
def test_no_more_mail_to_this_address(name: str, purpose: str) -> None:
    """A hard bounce and a complaint withdraw everything, an opt-out marketing; at the customer and at the address."""
    mail = Mail()
    for _ in range(2):
        mail.feedback.record(mail.report(name), NOW)
    for partition in (mail.home, mail.address):
        (item,) = mail.world.customers.query(partition, prefix="consent#").items
        said = read_consent(item)
        assert (said.granted, said.channel, said.purpose, said.address_key) == (False, "email", purpose, mail.address)
        assert not consent_state([said], "email", "marketing", mail.address, NOW).granted


@pytest.mark.parametrize(
    ("name", "changed"),
    [("bounce", {"bounceType": "Transient"}), ("complaint", {"complaintFeedbackType": "not-spam"}), ("delivery", {})],
)
def test_a_passing_trouble_withdraws_nothing(name: str, changed: dict[str, str]) -> None:
    """A full mailbox, or somebody who says it is no spam, is an event and nothing more."""
    mail = Mail()
    assert mail.feedback.record(mail.report(name, **changed), NOW)
    assert mail.world.customers.query(mail.home, prefix="consent#").items == []


def test_opting_in_is_no_report_of_ours() -> None:
    """A subscription that opts in grants nothing and leaves no event: consent needs its own proof."""
    mail = Mail()
    kept = {"newTopicPreferences": {"unsubscribeAll": False, "topicSubscriptionStatus": []}}
    assert not mail.feedback.record(mail.report("subscription", **kept), NOW)
    assert mail.log() == []


def test_mail_of_others_is_passed_over() -> None:
    """A report without our tag, or about a message that the ledger does not know, changes nothing."""
    mail = Mail()
    foreign = payload("ses/delivery")["detail"]
    assert not mail.feedback.record(foreign, NOW)
    untagged = mail.report("delivery")
    del untagged["mail"]["tags"]
    assert not mail.feedback.record(untagged, NOW)
    assert mail.log() == []


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["eventType", "mail", "tags", "kervan_message", "bounce", "timestamp", "click"]), inner
        ),
    ),
    max_leaves=8,
)


@also_long
@cases(50)
@given(detail=ODD, kind=st.sampled_from(["Bounce", "Click", "Subscription", "Send"]), part=ODD)
def test_a_senseless_report_breaks_nothing(detail: Any, kind: str, part: Any) -> None:
    """Whatever comes over the bus is read or passed over, never raised: it would come again and again."""
    read_report(detail, NOW)
    tagged = {"eventType": kind, "mail": {"tags": {"kervan_message": ["m"]}}, kind.lower(): part}
    report = read_report(tagged, NOW)
    assert report is None or (report.message_id == "m" and len(report.report_id) <= 100)


def test_a_complaint_counts_once_however_often_it_is_reported() -> None:
    """EventBridge delivers at least once, and Lambda tries again: one complaint never stops all marketing."""
    mail = Mail()
    counted: list[tuple[str, str]] = []

    class Counting:
        def count(self, what: str, channel: str, _now: Any, *, recipient: str) -> None:
            assert recipient
            counted.append((what, channel))

    feedback = Feedback(mail.world.customers, mail.ledger, mail.world.keys, cast("Any", Counting()))
    for _ in range(3):
        assert feedback.record(mail.report("complaint"), NOW)
        assert feedback.record(mail.report("bounce"), NOW)
    assert sorted(counted) == [("bounced", "email"), ("complained", "email")]


def test_a_report_that_is_tried_again_counts_once() -> None:
    """The count comes last: what fails before it is tried again as a whole."""
    mail = Mail()
    counted: list[str] = []

    class Counting:
        def count(self, what: str, _channel: str, _now: Any, **_: Any) -> None:
            counted.append(what)

    class Busy(Ledger):
        left = 2

        def settle_by_feedback(self, message_id: str, now: Any) -> Any:
            self.left -= 1
            if self.left >= 0:
                raise Throttled
            return super().settle_by_feedback(message_id, now)

    feedback = Feedback(mail.world.customers, Busy(mail.world.messages), mail.world.keys, cast("Any", Counting()))
    for _ in range(2):
        with pytest.raises(Throttled):
            feedback.record(mail.report("send"), NOW)
    assert feedback.record(mail.report("send"), NOW)
    assert counted == ["sent"]


def test_a_test_message_tells_nothing_of_its_recipient() -> None:
    """Deliveries, opens and clicks of a test are no events of the customer; a bounce still gives the address up."""
    mail = Mail()
    mail.world.messages.put(write_record(replace(mail.calling, test=True)))
    for name in ("send", "delivery", "open", "click", "bounce"):
        mail.feedback.record(mail.report(name), NOW)
    visitor = Visitor("Mozilla/5.0", "192.0.2.1")
    Reactions(mail.world.customers, mail.world.messages, mail.world.keys).opened(mail.id, visitor, NOW)
    kept = [item["sk"] for item in mail.world.customers.items()]
    assert [sk for sk in kept if sk.startswith("t#")] == []
    assert [sk for sk in kept if sk.startswith("consent#")] != []
