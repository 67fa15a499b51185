"""Answers of agents: each sent at most once by the ledger, and what became of it told to the conversation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from functions.notify.answer_files import AnswerFiles
from functions.notify.answering import Answering
from functions.notify.dead_tokens import DeadTokens
from functions.notify.environment import Environment
from functions.notify.follow_up import FollowUp
from functions.notify.on_queue import work
from functions.notify.provider_gate import ProviderGate
from functions.notify.service import TryAgain
from shared.adapters.memory import MemoryTable
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.conversations.conversation import Channel
from shared.domain.conversations.jobs import Outcome, read_job
from shared.domain.conversations.message import Message
from shared.domain.conversations.sent_files import sent_file
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.controls import Controls
from shared.domain.messages.message import State
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.templates.content import ContentFile, EmailContent
from shared.operators import conversations
from shared.operators.answer_requests import answer_request
from shared.ports import Table
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable
from shared.stores.breakers import Breakers
from shared.stores.consent_items import consent_items
from shared.stores.controls import ControlStore
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.ledger import Ledger
from shared.stores.right_marks import put_right_marks
from shared.stores.timers import Timers
from tests.support.interleaving import Crash
from tests.unit.support.world import EMAIL, KEYS, PHONE, Support

pytestmark = pytest.mark.unit


class Provider:
    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> Answer:
        self.sent.append(outgoing)
        return self.answers.pop(0) if self.answers else Accepted("ses-1")


class Queue:
    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_many(self, bodies: Sequence[str]) -> None:
        self.bodies += bodies


class World:
    """A pool with one question in it, and notify beside it."""

    def __init__(self, *answers: Answer) -> None:
        self.support = Support()
        self.provider, self.told = Provider(*answers), Queue()
        self.messages, self.catalog = MemoryTable(indexes=("by_home",)), MemoryTable()
        self.answering = self.made(self.messages)

    def made(self, messages: Table) -> Answering:
        controls, customers = ControlStore(self.catalog), CustomerStore(self.support.customers_table)
        return Answering(
            ledger=Ledger(messages),
            conversations=Conversations(self.support.table),
            customers=customers,
            controls=controls,
            shop_name=lambda: "Kervan Moda",
            keys=KEYS,
            sender=self.provider,
            provider=ProviderGate(Breakers(self.catalog, "email", controls), sleep=lambda _seconds: None),
            told=self.told,  # type: ignore[arg-type]
            files=AnswerFiles(lambda: self.support.bucket, lambda: self.support.links),
            dead_tokens=DeadTokens(customers, FollowUp(customers, Timers(MemoryTable()), {}, KEYS)),
        )

    def answered(self, who: str = EMAIL) -> tuple[Message, SendRequest]:
        """An agent's answer to a question, and how it is handed over."""
        channel = self.support.inbound(who, "").channel
        question = self.support.taken(who, "m1", subject="S-1", reference="<q@shop>", references=("<p@shop>",))
        message = self.support.answer(question.conversation, channel=channel)
        return message, answer_request(message, KEYS)

    def handle(self, request: SendRequest) -> State:
        return self.answering.handle(request, self.support.clock.time).state

    def became(self) -> list[tuple[str, str]]:
        jobs = [read_job(body, KEYS) for body in self.told.bodies]
        return [(job.became, job.reason) for job in jobs if isinstance(job, Outcome)]


def test_what_is_said_by_itself_stops_for_who_restricted_his_data_meanwhile() -> None:
    """It waits in the queue when he restricts; an agent's answer goes out."""
    world = World()
    message, request = world.answered()
    key = KEYS(parse_identifier(EMAIL))
    put_right_marks(world.support.customers_table, [key], Mark(Held.RESTRICT, "case1", key, message.at))
    own = structs.replace(message, id="b" * 26, place=message.place + 1, author="", automatic=True)
    world.support.conversations.put([], own)
    assert world.handle(answer_request(own, KEYS)) is State.SKIPPED
    assert world.became() == [("failed", "restricted")]
    assert world.handle(request) is State.SENT
    assert len(world.provider.sent) == 1


def test_an_answer_is_sent_once_with_its_thread() -> None:
    """To whoever wrote, as text, continuing his mail; handed over again, it is told again and not sent again."""
    world = World()
    message, request = world.answered()
    assert world.handle(request) is State.SENT
    assert world.handle(request) is State.SENT
    [sent] = world.provider.sent
    assert (sent.address.to, sent.purpose, sent.sender_name) == ("ayse@example.com", "service", "Kervan Moda")
    known_again = f"<{message.id}@conversation.kervan>"
    assert sent.headers == {"In-Reply-To": "<q@shop>", "References": f"{known_again} <p@shop> <q@shop>"}
    assert isinstance(sent.content, EmailContent)
    assert (sent.content.subject, sent.content.text) == ("Re: S-1", "It is on its way.")
    assert world.became() == [("sent", ""), ("sent", "")]
    world.support.work(*world.told.bodies)
    found = world.support.conversations.message(message.id)
    assert found is not None
    assert found.delivery == "sent"


def test_what_an_agent_writes_is_text() -> None:
    world = World()
    question = world.support.taken(EMAIL, "m1")
    from shared.domain.conversations.answer import Draft

    draft = Draft(question.conversation, "k", "out", "email", "<script>x</script>\nA & B\n\nBye", "deniz")
    seen = world.support.seen(question.conversation)
    message = world.support.agents.write(draft, seen, world.support.clock.time)
    world.handle(answer_request(message, KEYS))
    [sent] = world.provider.sent
    assert isinstance(sent.content, EmailContent)
    assert "<p>&lt;script&gt;x&lt;/script&gt;<br>A &amp; B</p><p>Bye</p>" in sent.content.html


@pytest.mark.parametrize(
    ("answer", "state", "became"),
    [
        (Refused("provider_rejected"), State.FAILED, [("failed", "provider_rejected")]),
        (Unreachable("provider_permanent_failure"), State.FAILED, [("failed", "provider_permanent_failure")]),
        (Ambiguous("provider_timeout"), State.UNKNOWN, [("unknown", "provider_timeout")]),
        (Postponed("provider_paused"), State.DEFERRED, []),
    ],
)
def test_what_the_provider_says_returns_to_the_agent(
    answer: Answer, state: State, became: list[tuple[str, str]]
) -> None:
    """An answer that may have gone out is never sent again by itself; one that waits is told nothing of."""
    world = World(answer)
    _, request = world.answered()
    assert world.handle(request) is state
    assert world.became() == became
    world.handle(request)
    assert len(world.provider.sent) == (2 if state is State.DEFERRED else 1)


def test_switches_hold_answers_and_consent_does_not() -> None:
    """Stop lets it wait; shadow mode, the allow-list and an address that gets nothing end it with the reason."""
    world = World()
    _, request = world.answered()
    store = ControlStore(world.catalog)
    store.write(Controls(global_stop=True))
    assert (world.handle(request), world.became()) == (State.DEFERRED, [])
    for controls, reason in (
        (Controls(shadow=True), "shadow_mode"),
        (Controls(allow_list=frozenset({"e.x"})), "not_on_allow_list"),
    ):
        other = World()
        _, asked = other.answered()
        ControlStore(other.catalog).write(controls)
        assert (other.handle(asked), other.became()) == (State.SKIPPED, [("failed", reason)])
        assert other.provider.sent == []
    store.write(Controls())
    assert world.handle(request) is State.SENT


@pytest.mark.parametrize(("purpose", "sends"), [("all", False), ("marketing", True)])
def test_an_address_that_refused_everything_gets_no_answer(purpose: str, sends: bool) -> None:
    """A bounce or a complaint holds for answers too; a refusal of marketing does not."""
    world = World()
    _, request = world.answered()
    now, address = world.support.clock.time, KEYS(parse_identifier(EMAIL))
    said = Consent(
        channel="email", purpose=purpose, granted=False, time=now, received_at=now, may_grant=False, source="ses",
        message_id="x", address_key=address, origin="bounce",
    )  # fmt: skip
    world.support.customers_table.put_many(consent_items(ConsentRecord((address,), said), trusted=True))
    assert world.handle(request) is (State.SENT if sends else State.SKIPPED)
    assert world.became() == [("sent", "")] if sends else [("failed", "suppressed")]


def test_an_answer_of_yesterday_and_one_that_was_erased_are_not_sent() -> None:
    world = World()
    _, request = world.answered()
    world.support.later(hours=24)
    assert world.handle(request) is State.SKIPPED
    other = World()
    _, gone = other.answered()
    other.handle(gone.model_copy(update={"enrollment": "erased"}))
    assert (world.became(), other.became()) == ([("failed", "stale")], [("failed", "erased")])
    assert world.provider.sent == other.provider.sent == []


@pytest.mark.parametrize("place", range(8))
def test_a_crash_after_any_call_sends_at_most_once(place: int) -> None:
    """Whatever died: the next attempt sends it once in all, or says that it may have gone out."""
    world = World()
    _, request = world.answered()
    dying = _Dying(world.messages, place)
    for _ in range(3):
        try:
            world.made(dying).handle(request, world.support.clock.time)  # type: ignore[arg-type]
        except (Crash, TryAgain):
            world.support.later(minutes=3)
    assert len(world.provider.sent) == (0 if place == 1 else 1)
    assert world.became()[-1][0] == ("unknown" if place == 1 else "sent")


def test_a_crash_within_the_call_is_told_as_unknown() -> None:
    """The provider may have said yes: nobody calls again, and the agent is told."""
    world = World()
    _, request = world.answered()
    world.provider.send = _dies  # type: ignore[method-assign, assignment]
    with pytest.raises(Crash):
        world.handle(request)
    with pytest.raises(TryAgain):
        world.handle(request)
    world.support.later(minutes=3)
    assert world.handle(request) is State.UNKNOWN
    assert world.became() == [("unknown", "provider_unknown")]


def _dies(_outgoing: Outgoing) -> Answer:
    raise Crash


class _Dying:
    """A ledger's table whose environment dies after one of its calls."""

    def __init__(self, table: MemoryTable, place: int) -> None:
        self._table, self._left = table, place

    def __getattr__(self, name: str) -> object:
        call = getattr(self._table, name)

        def counted(*given: object, **named: object) -> object:
            found = call(*given, **named)
            self._left -= 1
            if self._left == -1:
                raise Crash
            return found

        return counted


def test_the_queue_of_a_channel_takes_answers_beside_messages() -> None:
    """By the same worker; what cannot be brought to an outcome is offered again."""
    world = World()
    _, request = world.answered(PHONE)
    body = request.model_dump_json(exclude_none=True)
    environment = Environment(
        channel="sms",
        clock=world.support.clock,
        notifying=_Unused(),  # type: ignore[arg-type]
        answering=lambda: world.answering,
    )
    assert work({"Records": [{"messageId": "1", "body": body}]}, lambda: environment)["batchItemFailures"] == []
    assert [one.address.to for one in world.provider.sent] == ["+905321112233"]
    assert json.loads(body)["purpose"] == "service"
    late = replace(environment, answering=lambda: _raise())
    again = work({"Records": [{"messageId": "1", "body": body}]}, lambda: late)["batchItemFailures"]
    assert again == [{"itemIdentifier": "1"}]


class _Unused:
    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} of messages is asked")


def _raise() -> Answering:
    raise TryAgain("busy")


def test_an_answer_is_fresh_for_a_day() -> None:
    _, request = World().answered()
    assert request.fresh_until - request.due == timedelta(hours=24)


def with_file(world: World, channel: Channel = "email") -> tuple[Message, SendRequest]:
    """An answer of an agent with a file, as the console keeps it."""
    who = EMAIL if channel == "email" else PHONE
    question = world.support.taken(who, "q1", channel=channel)
    shown = world.support.seen(question.conversation)
    files = (sent_file("fatura.pdf", b"%PDF-1.7"),)
    said = conversations.write(
        world.support.environment, question.conversation, direction="out", channel=channel, text="Here.",
        agent="deniz", seen=shown, key="k1", files=files,
    )  # fmt: skip
    message = world.support.conversations.message(said["id"])
    assert message is not None
    return message, answer_request(message, KEYS)


def test_a_file_goes_out_with_its_answer() -> None:
    world = World()
    _message, request = with_file(world)
    assert world.handle(request) is State.SENT
    content = world.provider.sent[0].content
    assert isinstance(content, EmailContent)
    assert content.files == (ContentFile("fatura.pdf", "application/pdf", b"%PDF-1.7"),)


def test_an_answer_whose_file_is_gone_returns_to_its_agent() -> None:
    """Without it, it would say something else."""
    world = World()
    _message, request = with_file(world)
    world.support.bucket.kept.clear()
    assert world.handle(request) is State.SKIPPED
    assert (world.provider.sent, world.became()) == ([], [("failed", "content_missing")])
