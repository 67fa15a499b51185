"""The webhook of a gateway: only its operator is heard, reports and replies become events once, nothing leaks."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest import on_feedback
from functions.ingest.sms_replies import SmsReplies
from shared.domain.consent.consent import consent_state
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.senders.gateway import Gateway
from shared.stores.consent_items import read_consent
from shared.stores.senders import ProviderIds, put_sender
from tests.support.https_sender_cases import GATEWAY_DEFINITION
from tests.support.queued_reports import INVOCATION, notified, queued
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import NOW, STORE_KEY, World, http_event
from tests.unit.support.world import Support

pytestmark = pytest.mark.unit

TOKEN = "t0ken-of-the-operator"
PHONE = "+905321112233"
WEBHOOK: dict[str, Any] = {
    "check": {"secret": "hook", "header": "X-Token"},
    "items": "items",
    "reports": {
        "message_id": "ref",
        "status": "state",
        "delivered": ["1", "delivered"],
        "failed": {"3": "invalid_number", "4": "carrier_unreachable"},
    },
    "replies": {"from": "from", "text": "msg", "id": "id"},
}


def hooked(world: World, **changed: Any) -> World:
    """A deployment with the gateway ``operator`` and its webhook."""
    definition = copy.deepcopy(GATEWAY_DEFINITION) | {"webhook": WEBHOOK | changed}
    put_sender(world.catalog, Gateway.model_validate(definition))
    world.hook_secrets["operator"] = {"hook": TOKEN}
    return world


def post(world: World, body: Any, name: str = "operator", **headers: str) -> tuple[int, Any]:
    given = {"content-type": "application/json", "x-token": TOKEN} | headers
    return world.send(http_event("POST", f"/v1/hooks/sms/{name}", body, given))


def texted() -> Mail:
    """A message of ours by SMS, and the webhook that may report about it."""
    mail = Mail(channel="sms")
    hooked(mail.world)
    return mail


def consents(world: World) -> list[Any]:
    key = world.keys(parse_identifier(f"phone:{PHONE}"))
    return [read_consent(item) for item in world.customers.query(key, prefix="consent#").items]


def permitted(world: World) -> bool:
    key = world.keys(parse_identifier(f"phone:{PHONE}"))
    return consent_state(consents(world), "sms", "marketing", key, world.clock.now()).granted


def reply(text: str, name: str = "r1") -> dict[str, Any]:
    return {"items": [{"from": PHONE.removeprefix("+"), "msg": text, "id": name}]}


def agree(world: World) -> None:
    """The customer agreed in the shop, an hour ago."""
    status, _ = world.post(
        "/v1/track",
        {
            "userId": "42",
            "event": "Consent Granted",
            "properties": {"channel": "sms", "address": PHONE, "source": "checkout"},
            "timestamp": (NOW - timedelta(hours=1)).isoformat(),
        },
        key=STORE_KEY,
    )
    assert status == 200


@pytest.mark.parametrize(
    ("state", "name", "reason"),
    [("1", "SMS Delivered", None), (1, "SMS Delivered", None), ("4", "SMS Delivery Failed", "carrier_unreachable")],
)
def test_a_report_is_one_event(state: Any, name: str, reason: str | None) -> None:
    """However often and late it is repeated, it is one event of the message's customer."""
    mail = texted()
    for _ in range(3):
        assert post(mail.world, {"items": [{"ref": mail.id, "state": state}]}) == (200, {"success": True})
        mail.world.clock.advance(timedelta(hours=1))
    (found,) = mail.log()
    assert (found.name, found.properties.get("reason"), found.source) == (name, reason, "operator")
    assert found.properties["message_id"] == mail.id


def test_reports_by_the_operators_id() -> None:
    """Where the operator knows its own ids only, the message is found by what the sender noted."""
    mail = texted()
    reports = {"provider_id": "jobid", "status": "state", "delivered": ["1"]}
    mail.world.clock.advance(timedelta(minutes=2))
    hooked(mail.world, reports=reports)
    ProviderIds(mail.world.messages).note("operator", "job-7", mail.id, NOW)
    post(mail.world, {"items": [{"jobid": "job-7", "state": 1}, {"jobid": "job-8", "state": 1}]})
    assert [event.name for event in mail.log()] == ["SMS Delivered"]


def test_reports_about_other_channels_and_strangers_change_nothing() -> None:
    """An operator of text messages says nothing of e-mail, and unknown states say nothing at all."""
    mail = Mail()
    hooked(mail.world)
    post(mail.world, {"items": [{"ref": mail.id, "state": 1}, {"ref": "m9", "state": 1}, {"ref": mail.id, "state": 9}]})
    assert mail.log() == []


def test_stop_withdraws_with_proof_and_start_takes_it_back() -> None:
    """STOP and START are events of the number and statements with their origin; again and again they count once."""
    world = hooked(World())
    agree(world)
    assert permitted(world)
    post(world, reply("İptal!", "r1"))
    assert not permitted(world)
    (withdrawal,) = [one for one in consents(world) if not one.granted]
    assert (withdrawal.source, withdrawal.origin, withdrawal.channel) == ("operator", "sms_reply", "sms")
    world.clock.advance(timedelta(minutes=1))
    post(world, reply("BAŞLAT", "r2"))
    assert permitted(world)
    world.clock.advance(timedelta(minutes=1))
    post(world, reply("İptal!", "r1"))  # delivered again, after the grant
    assert permitted(world)
    names = [event.name for event in world.events_of(f"phone:{PHONE}")]
    assert names == ["Consent Withdrawn", "Consent Granted"]


def test_without_ids_the_newest_refusal_holds_whatever_is_delivered_again() -> None:
    """STOP, START and STOP in minutes end with a no, which counts once; so does a START that comes again later."""
    world = hooked(World(), replies={"from": "from", "text": "msg"})
    agree(world)
    for minutes, text, wanted in (
        (1, "STOP", False),
        (1, "STOP", False),
        (1, "START", True),
        (1, "STOP", False),
        (1, "STOP", False),
        (90, "START", False),  # delivered again
        (24 * 60, "START", True),
        (1, "STOP", False),
    ):
        world.clock.advance(timedelta(minutes=minutes))
        assert post(world, reply(text)) == (200, {"success": True})
        assert permitted(world) is wanted
    assert [one.granted for one in consents(world) if one.origin == "sms_reply"] == [False, True, False, True, False]


@pytest.mark.parametrize("text", ["nonstop", "durum nedir", "tamam", "START", "EVET"])
def test_other_words_and_a_first_start_change_nothing(text: str) -> None:
    """A text that holds a keyword, and a START of somebody who refused nothing, store nothing."""
    world = hooked(World())
    assert post(world, reply(text)) == (200, {"success": True})
    assert consents(world) == []
    assert world.events_of(f"phone:{PHONE}") == []


def heard_by_topic(monkeypatch: pytest.MonkeyPatch) -> World:
    """The function on the queue of reports works on its tables; the number agreed."""
    world = hooked(World())
    agree(world)
    replies = SmsReplies(world.customers, world.keys, world.environment.phone, lambda: world.told)
    monkeypatch.setattr(on_feedback, "replies", lambda: replies)
    monkeypatch.setattr(on_feedback, "environment", lambda: world)
    return world


def test_the_topic_of_two_way_messages_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that SNS delivers withdraws too; what cannot be read is let go."""
    world = heard_by_topic(monkeypatch)
    message = {"originationNumber": PHONE, "messageBody": "Ret", "inboundMessageId": "in-1", "messageKeyword": "K"}
    broken = [message | {"originationNumber": None}, message | {"messageBody": 7}, message | {"inboundMessageId": ""}]
    on_feedback.handler(notified(*broken, message), INVOCATION)
    assert not permitted(world)


@pytest.mark.parametrize("taken_again", ["START", "STOP"])
def test_a_start_that_waited_lifts_no_stop_that_was_written_after_it(
    taken_again: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused number writes START and STOP. Whichever of the two waits in the queue, it stays refused."""
    world = heard_by_topic(monkeypatch)
    notices = {
        name: {
            "Message": json.dumps({"originationNumber": PHONE, "messageBody": text, "inboundMessageId": name}),
            "Timestamp": (NOW + timedelta(minutes=minute)).isoformat(timespec="milliseconds"),
        }
        for name, text, minute in (("first", "STOP", 1), ("START", "START", 2), ("STOP", "STOP", 3))
    }
    in_time = "STOP" if taken_again == "START" else "START"
    for name, minutes in (("first", 1), (in_time, 3), (taken_again, 60)):
        world.clock.advance(timedelta(minutes=minutes))
        assert on_feedback.handler(queued(notices[name]), INVOCATION) == {"batchItemFailures": []}
    assert not permitted(world)


def test_a_start_by_the_topic_takes_a_stop_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if a clock is ahead, or the notification tells no time."""
    world = heard_by_topic(monkeypatch)
    steps = [("STOP", {}, False), ("START", {}, True), ("STOP", {"Timestamp": "2999-01-01T00:00:00Z"}, False)]
    for place, (text, more, wanted) in enumerate([*steps, ("START", {"Timestamp": "2999-01-01T00:00:00Z"}, True)]):
        world.clock.advance(timedelta(minutes=5))
        said = {"originationNumber": PHONE, "messageBody": text, "inboundMessageId": f"in-{place}"}
        on_feedback.handler(queued({"Message": json.dumps(said), **more}), INVOCATION)
        assert permitted(world) is wanted


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("operator", {"x-token": "wrong"}),
        ("operator", {"x-token": ""}),
        ("operator", {"x-token": "ş"}),
        ("unknown", {}),
        ("Not a name", {}),
        ("a" * 300, {}),
    ],
)
def test_who_is_not_the_operator_learns_nothing(name: str, headers: dict[str, str]) -> None:
    """A wrong token and an unknown name give the same answer, and nothing is stored."""
    world = hooked(World())
    assert post(world, reply("STOP"), name, **headers) == (
        401,
        {"error": "unauthorized", "message": "the webhook is unknown, or its token or signature is not right"},
    )
    assert consents(world) == []


def test_a_webhook_without_a_stored_secret_hears_nobody() -> None:
    """An empty secret is no secret: nobody gets in by sending nothing."""
    world = hooked(World())
    world.hook_secrets.clear()
    assert post(world, reply("STOP"), **{"x-token": ""})[0] == 401


def test_a_token_in_the_query() -> None:
    """Operators that can only be given an address bring the token in its query."""
    world = hooked(World(), check={"secret": "hook", "query": "token"})
    event = http_event("POST", "/v1/hooks/sms/operator", reply("STOP"), {"content-type": "application/json"})
    assert world.send(event)[0] == 401
    assert world.send(event | {"queryStringParameters": {"token": TOKEN}})[0] == 200
    assert [one.granted for one in consents(world)] == [False]


def test_a_signed_webhook() -> None:
    """The signature covers time and body; another body, another time and an old request are refused."""
    check = {"secret": "hook", "hmac_header": "X-Signature", "timestamp_header": "X-Time"}
    world = hooked(World(), check=check)
    body = json.dumps(reply("STOP"))

    def signed(at: float, text: str = body) -> dict[str, str]:
        stamp = str(int(at))
        digest = hmac.new(TOKEN.encode(), f"{stamp}.{text}".encode(), hashlib.sha256).hexdigest()
        return {"x-time": stamp, "x-signature": f"sha256={digest}"}

    now = NOW.timestamp()
    assert post(world, body, **signed(now - 301))[0] == 401
    assert post(world, body, **signed(now, body + " "))[0] == 401
    assert post(world, body, **(signed(now) | {"x-time": str(int(now) + 1)}))[0] == 401
    assert post(world, body, **(signed(now) | {"x-time": "9" * 400}))[0] == 401
    assert consents(world) == []
    assert post(world, body, **signed(now - 299))[0] == 200


def test_a_form_is_one_item() -> None:
    """Operators that post a form; a number without its plus, or as it is written in the shop's country."""
    world = hooked(World(), items=None)
    for place, number in enumerate(("905321112233", "05321112233", "+905321112233")):
        form = f"from={number}&msg=RET&id=f{place}".replace("+", "%2B")
        assert post(world, form, **{"content-type": "application/x-www-form-urlencoded"})[0] == 200
    assert len(consents(world)) == 3


@pytest.fixture(scope="module")
def hostile() -> World:
    return hooked(World())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["items", "ref", "state", "from", "msg", "id", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(body=st.binary(max_size=60) | _JSON, form=st.booleans())
def test_any_body_is_answered(hostile: World, body: Any, form: bool) -> None:
    """Whatever is posted, the answer is 200 or 400 and repeats nothing of it."""
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    status, answer = post(hostile, body, **{"content-type": kind})
    assert status in {200, 400}
    assert set(answer) <= {"success", "error", "message"}


def test_a_reply_that_is_no_keyword_is_a_message_to_the_shop() -> None:
    """Once, however often it is delivered; keywords are about consent alone, and nobody's words are kept in the log."""
    world, support = hooked(World()), Support()
    for _ in range(2):
        post(world, reply("Stop please, where is S-1?"))
    post(world, reply("STOP"))
    post(world, reply("   "))
    assert support.work(*world.told.bodies) == []
    [(conversation, message)] = support.all_messages()
    assert (conversation.who, message.channel, message.text) == (f"phone:{PHONE}", "sms", "Stop please, where is S-1?")
    assert "S-1" not in str(world.customers.items())


def test_nothing_of_a_reply_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the number nor the words."""
    world = hooked(World())
    with caplog.at_level(logging.DEBUG):
        post(world, reply("STOP"))
        post(world, reply("my secret words"))
    assert caplog.records
    assert "5321112233" not in caplog.text
    assert "secret words" not in caplog.text
    assert "STOP" not in caplog.text


def test_other_methods_and_paths() -> None:
    """The webhook is posted to; other paths below it do not exist."""
    world = hooked(World())
    assert world.get("/v1/hooks/sms/operator")[0] == 405
    assert world.send(http_event("POST", "/v1/hooks/email/operator", {}, {}))[0] == 404
    assert world.send(http_event("POST", "/v1/hooks/sms", {}, {}))[0] == 404
