"""The queue of conversations and the function of the minute: jobs, outcomes, and what a crash left."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.conversation import State, of_kind
from shared.domain.conversations.jobs import Outcome, UnreadableJob, message_job, outcome_job, read_job
from shared.domain.conversations.message import TEXT_LENGTH, Attachment, Inbound
from shared.domain.messages.request import SOCIAL
from shared.operators.answer_requests import hand_over_by
from tests.unit.ingest.world import ListQueue
from tests.unit.support.world import EMAIL, KEYS, PHONE, Support

pytestmark = pytest.mark.unit
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@given(TEXTS, TEXTS, st.booleans(), st.sampled_from([True, False, None]), st.lists(TEXTS, max_size=3))
def test_a_job_comes_out_as_it_went_in(
    text: str, subject: str, automatic: bool, verified: bool | None, refs: list[str]
) -> None:
    """Whatever a message holds."""
    one = Support().inbound(
        EMAIL, "m1", text, subject=subject, automatic=automatic, verified=verified, references=tuple(refs),
        reference="<a@b>", attachments=(Attachment("a.pdf", "application/pdf", 7, "x/1", ""),),
    )  # fmt: skip
    assert read_job(message_job(one), KEYS) == one
    support = Support()
    support.receiving.receive(one, one.at)
    [(_, message)] = support.all_messages()
    assert (message.verified, message.references, message.attachments) == (verified, one.references, one.attachments)
    assert read_job(outcome_job(Outcome("m", "failed", "stale")), KEYS) == Outcome("m", "failed", "stale")


def test_what_was_taken_and_could_not_be_delivered_returns_to_the_agent() -> None:
    """WhatsApp tells it later. Only of the very message that was sent, and once."""
    support = Support()
    one = support.taken(PHONE, "w1", channel="whatsapp")
    answer = support.answer(one.conversation, channel="whatsapp")
    sent = outcome_job(Outcome(answer.id, "sent", reference="wamid.1"))
    support.work(sent)
    assert support.shown(one.conversation)[0].state is State.WAITING
    support.work(outcome_job(Outcome(answer.id, "failed", "window_closed", "wamid.2")))
    support.work(outcome_job(Outcome(answer.id, "failed", "window_closed")))
    assert support.shown(one.conversation)[0].state is State.WAITING
    late = outcome_job(Outcome(answer.id, "failed", "window_closed", "wamid.1"))
    support.work(late, late, sent)
    found = support.shown(one.conversation)[0]
    assert (found.state, found.failed) == (State.OPEN, True)
    kept = support.conversations.message(answer.id)
    assert kept is not None
    assert (kept.delivery, kept.reason) == ("failed", "window_closed")


def test_an_answer_waits_in_the_queue_of_its_channel() -> None:
    """That of WhatsApp, Instagram and Messenger is one."""
    support = Support()
    mail = support.answer(support.taken(EMAIL, "m1").conversation, channel="email")
    social = support.answer(support.taken(PHONE, "w1", channel="whatsapp").conversation, channel="whatsapp")
    queues = {"sms": ListQueue(), "email": ListQueue(), SOCIAL: ListQueue()}
    hand_over = hand_over_by(queues, KEYS)
    hand_over(mail)
    hand_over(social)
    waiting = {name: [json.loads(body)["enrollment"] for body in queue.bodies] for name, queue in queues.items()}
    assert waiting == {"sms": [], "email": [mail.id], SOCIAL: [social.id]}


def test_a_long_text_is_cut_and_says_so() -> None:
    one = Support().inbound(EMAIL, "m1", "x" * (TEXT_LENGTH + 1))
    found = read_job(message_job(one), KEYS)
    assert isinstance(found, Inbound)
    assert (len(found.text), found.cut) == (TEXT_LENGTH, True)


@pytest.mark.parametrize(
    "body",
    ["", "[]", "7", '{"kind":"message"}', '{"kind":"outcome","message":"m","became":"lost"}',
     '{"kind":"message","channel":"fax"}',
     '{"kind":"message","channel":"sms","external_id":"1","who":"nobody","at":1,"text":"x"}',
     '{"kind":"message","channel":"sms","external_id":"1","who":"phone:+905321112233","at":"now","text":"x"}',
     '{"kind":"message","channel":"sms","external_id":"1","who":"phone:+905321112233","at":1e300,"text":"x"}',
     '{"kind":"message","channel":"sms","external_id":"1","who":"phone:+905321112233","at":1,"text":"x","attachments":[1]}'],
)  # fmt: skip
def test_what_is_no_job_stops_no_other(body: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is offered again, and in the end a dead letter; the message beside it is taken. The log names no customer."""
    support = Support()
    with pytest.raises(UnreadableJob):
        read_job(body, KEYS)
    good = message_job(support.inbound(PHONE, "s1"))
    assert support.work(body, good) == [{"itemIdentifier": "0"}]
    assert "unreadable: UnreadableJob" in caplog.text
    assert PHONE.removeprefix("phone:") not in caplog.text
    assert len(support.pool()) == 1
    assert support.work(good, good) == []
    assert len(support.all_messages()) == 1


@pytest.mark.parametrize(("became", "state"), [("sent", "waiting"), ("failed", "open"), ("unknown", "open")])
def test_what_became_of_an_answer_is_noted(became: str, state: str) -> None:
    """One that did not go out, or may not have, returns to the agent with the reason; told again, nothing changes."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    answer = support.answer(id_)
    support.later(minutes=1)
    job = outcome_job(Outcome(answer.id, became, "" if became == "sent" else "provider_rejected", "ses-1"))  # type: ignore[arg-type]
    assert support.work(job, job) == []
    [one] = support.shown(id_)
    assert (one.state.value, one.failed, support.pool(state)) == (state, became != "sent", [id_])
    found = support.conversations.message(answer.id)
    assert found is not None
    assert (found.delivery, found.reference) == (became, "ses-1")
    before = support.shown(id_)
    assert support.work(job) == []
    assert support.shown(id_) == before


def test_feedback_settles_what_was_unknown() -> None:
    """Sent after all."""
    support = Support()
    answer = support.answer(support.taken(EMAIL, "m1").conversation)
    support.work(outcome_job(Outcome(answer.id, "unknown", "x")), outcome_job(Outcome(answer.id, "sent")))
    found = support.conversations.message(answer.id)
    assert found is not None
    assert found.delivery == "sent"
    support.work(outcome_job(Outcome(answer.id, "failed", "late")))
    assert support.conversations.message(answer.id) == found


def test_an_answer_that_nobody_heard_of_is_handed_over_again_for_a_day() -> None:
    """Its id is the same, so it is sent once; after a day it returns to the agent."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    answer = support.answer(id_)
    assert support.tick(minutes=1)["handed"] == 0
    assert support.tick(minutes=1)["handed"] == 1
    assert support.handed == [answer, answer]
    for _ in range(24 * 4 + 3):
        support.tick(minutes=15)
    found = support.conversations.message(answer.id)
    assert found is not None
    assert (found.delivery, found.reason) == ("failed", "stale")
    assert support.shown(id_)[0].state is State.OPEN
    handed = len(support.handed)
    support.tick(hours=5)
    assert len(support.handed) == handed


def test_a_change_whose_events_were_not_written_is_told_later() -> None:
    """A crash between the change and the customer's log opens the case two minutes later."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    support.later(seconds=1)
    told = len(support.events(EMAIL))
    lost = replace(support.agents, customers=_Dying(support.customers))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        lost.change(id_, lambda one: of_kind(one, "complaint", support.clock.time), support.clock.time)
    assert len(support.events(EMAIL)) == told
    assert support.tick(minutes=3)["told"] == 1
    assert [event.name for event in support.events(EMAIL)].count("Case Opened") == 1


class _Dying:
    """Reads, and dies before it writes."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        if name == "put_events":
            raise RuntimeError("the environment dies here")
        return getattr(self._store, name)


def test_bodies_hold_no_more_than_a_queue_takes() -> None:
    """256 KB with the longest text and everything that comes with it."""
    one = Support().inbound(
        EMAIL, "m" * 200, "\u2028" * TEXT_LENGTH, subject="ş" * 250, reference="r" * 999,
        references=tuple("q" * 999 for _ in range(99)),
        attachments=tuple(Attachment("n" * 200, "t" * 100, 1, "p" * 200) for _ in range(50)),
    )  # fmt: skip
    assert len(message_job(one).encode()) < 200_000
    assert json.loads(message_job(one))["text"]
