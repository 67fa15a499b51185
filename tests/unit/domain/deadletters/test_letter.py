"""What a dead letter is about: ids alone, whatever its body holds, and how its work is done again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.jobs import Outcome, message_job, outcome_job
from shared.domain.conversations.message import Inbound
from shared.domain.deadletters.letter import (
    QUEUES,
    UNREADABLE,
    ArmTimer,
    Letter,
    ReadStream,
    ReplayCustomer,
    Send,
    read_letter,
)
from shared.domain.deadletters.repair import CustomerChange, RepairTask
from shared.domain.identity.keys import event_id
from shared.domain.messages.request import SendRequest
from tests.support.cases import also_long, cases
from tests.unit.ingest.world import NOW

pytestmark = pytest.mark.unit

KEY = "u." + "a" * 22
SORT_KEY = "t#2026-11-22T10:00:00.000Z#order-7#s"
REQUEST = SendRequest(
    home=KEY,
    enrollment="abc",
    journey="cart-recovery",
    release=3,
    step="reminder",
    template="cart-reminder",
    purpose="marketing",
    channels=("push", "email"),
    due_ms=1,
    fresh_until_ms=2,
    clock_ms=1,
)
CUSTOMER = {"pk": {"S": KEY}, "sk": {"S": "customer"}, "version": {"N": "1"}}
REPORT: dict[str, Any] = {
    "detail": {"eventType": "Bounce", "mail": {"messageId": "m-1", "destination": ["a@b.example"]}},
}
TEXTED = {"eventType": "TEXT_INVALID", "messageId": "s-1", "destinationPhoneNumber": "+905321112233"}
REPLY = {"inboundMessageId": "in-1", "messageBody": "Ret", "originationNumber": "+905321112233"}
STREAM: dict[str, Any] = {
    "requestContext": {"condition": "RetryAttemptsExhausted"},
    "DDBStreamBatchInfo": {
        "shardId": "shardId-00000001",
        "startSequenceNumber": "100",
        "endSequenceNumber": "140",
        "batchSize": 7,
        "approximateArrivalOfFirstRecord": "2026-11-22T10:00:00Z",
        "approximateArrivalOfLastRecord": "2026-11-22T10:00:09Z",
    },
}


def given_up(**body: Any) -> str:
    return json.dumps({"function": "x", "reason": "ValueError", **body})


def notice(content: Any) -> str:
    return json.dumps({"Type": "Notification", "Message": json.dumps(content)})


INBOUND = Inbound("sms", "in-1", "", "phone:+905321112233", NOW, "Where is it?")
MESSAGE = message_job(INBOUND)
EVENT = {"pk": KEY, "sk": SORT_KEY}
TIMER = {"kind": "journey", "due": "2026-11-22T10:00:00+00:00", "home": KEY, "ref": "cart-recovery#abc"}
BATCH = {"v": 1, "shard": "journey#3", "timers": [["2026-11-22T10:00:00.000Z#u.x#j#e", 1, ""]]}


@pytest.mark.parametrize(
    ("queue", "body", "kind", "about"),
    [
        ("push", REQUEST.model_dump_json(), "message", {"message": REQUEST.message_id, "journey": "cart-recovery"}),
        (
            "privacy-work",
            '{"erasure": "20261129T101500Z-0a1b2c3d4e5f"}',
            "work",
            {"erasure": "20261129T101500Z-0a1b2c3d4e5f"},
        ),
        ("measure-work", '{"table":"events"}\n{"table":"orders"}\n', "work", {"rows": "2"}),
        (
            "stock-work",
            '{"about": "back", "product": "ceket #1", "episode": 12, "shard": 0}',
            "work",
            {"announced": "back", "episode": "12"},
        ),
        (
            "stock-work",
            '{"kind": "shop", "connector": "m", "items": [["1", "a", 5, true]], "levels": [["1", "x", 4, 5, 0, "9"]]}',
            "work",
            {"shop": "m", "items": "1", "levels": "1"},
        ),
        ("segment-work", '{"release": 4, "shard": 7}', "work", {"release": "4", "shard": "7"}),
        ("schedule-work", json.dumps(BATCH), "work", {"timers": "1"}),
        ("iys-work", json.dumps({"homes": [KEY]}), "work", {"customers": "1", "changes": "0"}),
        ("support-work", MESSAGE, "work", {"channel": "sms", "message": INBOUND.id}),
        ("support-work", outcome_job(Outcome("abc", "sent")), "work", {"answer": "abc"}),
        ("segment-on-events", given_up(**EVENT), "event", {"event": event_id("order-7", trusted=True)}),
        ("segment-on-due", given_up(pk=KEY, due="2026"), "customer", {"customer": KEY}),
        ("segment-on-queue", given_up(pk=KEY, release=4), "customer", {"customer": KEY}),
        ("schedule-on-customer", given_up(pk=KEY, sk="customer"), "change", {"customer": KEY}),
        ("schedule-on-due", given_up(**TIMER), "timer", {"timer": "cart-recovery#abc"}),
        ("feedback-work", json.dumps(REPORT), "report", {"report": "Bounce", "provider_id": "m-1"}),
        ("feedback-work", notice(TEXTED), "report", {"report": "TEXT_INVALID", "provider_id": "s-1"}),
        ("feedback-work", notice(REPLY), "report", {"reply": "in-1"}),
        ("segment-on-events-undelivered", json.dumps(STREAM), "stream", {"records": "7"}),
    ],
)
def test_a_letter_says_what_it_is_about(queue: str, body: str, kind: str, about: dict[str, str]) -> None:
    """Its kind and its ids, and there is a way to do its work again."""
    letter = read_letter(queue, body)
    assert letter.kind == kind
    assert about.items() <= letter.about.items()
    assert letter.repair is not None


def test_each_letter_is_repaired_where_its_work_is_done() -> None:
    """A message goes to its channel, an event to segment by its key, a change to schedule with its images."""
    assert read_letter("push", REQUEST.model_dump_json()).repair == Send("push", REQUEST.model_dump_json())
    folded = RepairTask(events=((KEY, SORT_KEY),))
    assert read_letter("segment-on-events", given_up(**EVENT)).repair == Send("segment-work", folded.body())
    assert RepairTask.model_validate_json(folded.body()) == folded
    change = given_up(pk=KEY, sk="customer", new=CUSTOMER, old=None)
    assert read_letter("schedule-on-customer", change).repair == Send(
        "schedule-work", CustomerChange(new=CUSTOMER).body()
    )
    assert read_letter("schedule-on-customer", given_up(pk=KEY, sk="customer")).repair == ReplayCustomer(KEY)
    timer = given_up(**TIMER, revision=5, step="reminder")
    assert read_letter("schedule-on-queue", timer).repair == ArmTimer(KEY, "cart-recovery#abc", 5, "reminder")
    assert read_letter("schedule-on-queue", given_up(**TIMER)).repair == ArmTimer(KEY, "cart-recovery#abc", 0, "")
    for report in (json.dumps(REPORT), notice(REPLY)):
        assert read_letter("feedback-work", report).repair == Send("feedback-work", report)
    assert read_letter("schedule-on-customer-undelivered", json.dumps(STREAM)).repair == ReadStream(
        "schedule-on-customer", "shardId-00000001", "100", "140"
    )


def test_timers_that_are_handed_out_again_are_looked_up_first() -> None:
    """They may have been fired since the letter was written."""
    repair = read_letter("schedule-work", json.dumps(BATCH)).repair
    assert isinstance(repair, Send)
    assert json.loads(repair.body) == {**BATCH, "again": True}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("pk", "sk", "home", "ref", "kind", "reason", "new", "old", "due", "revision", "step", "timers", "shard"),
        *("release", "repair", "change", "Message", "detail", "mail", "events", "customers"),
        "DDBStreamBatchInfo",
    ]
)
NEAR = st.one_of(JSON, st.just(KEY), st.just(SORT_KEY), st.just("journey"), st.dictionaries(NAMES, JSON, max_size=5))
BODIES = st.text(max_size=40) | JSON.map(json.dumps) | st.dictionaries(NAMES, NEAR, max_size=8).map(json.dumps)


@also_long
@cases(25)
@given(queue=st.sampled_from(QUEUES), body=BODIES)
def test_no_body_is_an_error(queue: str, body: str) -> None:
    """Whatever stands in a letter, it is read as a letter; what cannot be read has no repair."""
    letter = read_letter(queue, body)
    assert isinstance(letter, Letter)
    assert (letter.repair is None) == (letter.kind == "unreadable")


SECRET = "ayse@example.com"


@also_long
@pytest.mark.parametrize("queue", QUEUES)
@cases(20, 200)
@given(place=st.integers(0, 200))
def test_what_customers_said_is_never_shown(queue: str, place: int) -> None:
    """An address in any field of any letter is in no id and in no reason that is shown."""
    for raw in (
        REQUEST.model_dump(mode="json"),
        given_up(**EVENT),
        given_up(**TIMER),
        REPORT,
        notice(TEXTED),
        notice(REPLY),
        STREAM,
        BATCH,
        CUSTOMER,
    ):
        body = json.loads(raw) if isinstance(raw, str) else json.loads(json.dumps(raw))
        paths = list(leaves(body))
        *way, name = paths[place % len(paths)]
        inner = body
        for part in way:
            inner = inner[part]
        inner[name] = SECRET
        letter = read_letter(queue, json.dumps(body))
        assert SECRET not in json.dumps([dict(letter.about), letter.reason])


def leaves(content: Any, way: tuple[Any, ...] = ()) -> Any:
    """The ways to everything in a document that holds no other."""
    inner = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for name, value in inner:
        if isinstance(value, dict | list) and value:
            yield from leaves(value, (*way, name))
        else:
            yield (*way, name)


def test_an_empty_letter_is_unreadable() -> None:
    """So is one of another form."""
    assert all(read_letter(queue, body) == UNREADABLE for queue in QUEUES for body in ("", "[]", "{}", "7"))
