"""Messages of customers are taken, agents answer, what became of an answer is noted, timers wake and warn."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from benchmarks.deployment import KEYS, NOW
from benchmarks.fault_matrix.events import Invoked
from benchmarks.fault_matrix.world import Items, World
from functions.support import on_due, on_queue
from functions.support.ask_satisfaction import AskSatisfaction
from functions.support.auto_answers import AutoAnswers
from functions.support.environment import Environment
from functions.support.erased_people import ErasedPeople
from functions.support.outcomes import Outcomes
from functions.support.receiving import Receiving
from shared.adapters.liquid import LiquidRenderer
from shared.domain.conversations.answer import Draft, seen_mark
from shared.domain.conversations.conversation import Channel
from shared.domain.conversations.jobs import Outcome, message_job, outcome_job
from shared.domain.conversations.message import Inbound, Message
from shared.domain.conversations.rating_token import RatingTokens
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.service.rules import read_rules
from shared.operators.agent_actions import AgentActions
from shared.operators.answer_requests import hand_over_by
from shared.operators.service_levels import ServiceLevels
from shared.ports import Clock
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.own_answer_limits import OwnAnswerLimits
from shared.stores.timers import Timers

RULES = read_rules(
    {
        "teams": [
            {
                "team": "support",
                "default": True,
                "hours": {"mon-sun": "00:00-06:00"},
                "answer": {"first": "2h", "next": "4h"},
                "outside_hours": {"text": {"tr": "Yarın yazarız.", "en": "We write tomorrow."}},
            }
        ]
    }
)
WHO = parse_identifier("email:ayse@example.com")
RENDER = LiquidRenderer()
SENDS = ("email",)


@dataclass
class Stopped:
    """A clock that a scenario turns."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True, slots=True)
class Desk:
    """The part of support's environment that these functions need."""

    clock: Clock
    conversations: Conversations
    timers: Timers
    keys: Any
    receiving: Receiving
    agents: AgentActions
    outcomes: Outcomes
    hand_over: Callable[[Message], None]
    satisfaction: AskSatisfaction


class Supported(World):
    """Support's environment."""

    tables = ("conversations", "customers", "timers")
    queues = ("email",)

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.clock = Stopped()

    def compose(self) -> Desk:
        conversations, customers = Conversations(self.at["conversations"]), CustomerStore(self.at["customers"])
        timers = Timers(self.at["timers"])
        levels = ServiceLevels(lambda: RULES, timers)
        hand_over = hand_over_by({"email": self.queue["email"]}, KEYS)
        away = AutoAnswers(
            conversations, timers, lambda: RULES, hand_over, SENDS, RENDER, _no_pause,
            OwnAnswerLimits(conversations.table),
        )  # fmt: skip
        agents = AgentActions(conversations, customers, timers, KEYS, hand_over, SENDS, _no_pause, levels)
        erased = ErasedPeople(self.at["customers"], lambda _id: None)  # nobody carries a mark here
        tokens = RatingTokens(b"a secret of the benchmark, which is long enough")
        return Desk(
            clock=self.clock,
            conversations=conversations,
            timers=timers,
            keys=KEYS,
            receiving=Receiving(conversations, customers, KEYS, _no_pause, levels, erased, away),
            agents=agents,
            outcomes=Outcomes(conversations, _no_pause, levels),
            hand_over=hand_over,
            satisfaction=AskSatisfaction(conversations, agents, timers, tokens, lambda: "https://api.example"),
        )

    def afterwards(self, composed: Any) -> None:
        """The timers of the next hour: an answer of which nothing was heard is handed over again."""
        for span in (timedelta(minutes=20), timedelta(minutes=40)):
            self.clock.time += span
            on_due.respond(Invoked(), composed)

    def state(self) -> dict[str, Any]:
        """Without counters of answers by themselves, which a crash may count twice, and where the sweep goes on."""
        held = super().state()
        kept = {key: one for key, one in held["conversations"].items() if not key.startswith(("chat#", "sweep"))}
        return {**held, "conversations": kept}

    def _worked(self, composed: Any, body: str) -> bool:
        desk = cast("Environment", composed)
        return not on_queue.work({"Records": [{"messageId": "1", "body": body}]}, lambda: desk)["batchItemFailures"]


class Receive(Supported):
    channel: Channel = "email"
    title = "A mail of a customer begins a conversation, and is answered by itself"
    function = "support-on-queue"
    again = "the queue"

    def attempt(self, composed: Any) -> bool:
        return self._worked(composed, message_job(_inbound(self.channel)))


class AgentAnswers(Supported):
    title = "An agent answers"
    function = "support-api"
    again = "the agent, after 503"
    channel: Channel = "email"

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.clock.time += timedelta(minutes=5)

    def attempt(self, composed: Any) -> bool:
        conversation = _conversation(self)
        seen = seen_mark(composed.agents.show(conversation).group)
        draft = Draft(conversation, "k1", "out", self.channel, "Yolda.", "deniz")
        composed.agents.write(draft, seen, self.clock.time)
        return True


class AgentChats(AgentAnswers):
    title = "An agent answers in the chat, where nothing is sent"
    channel = "chat"


class AnswerFailed(Supported):
    title = "An answer did not go out: it returns to the agents"
    function = "support-on-queue"
    again = "the queue"

    def attempt(self, composed: Any) -> bool:
        return self._worked(composed, outcome_job(Outcome(_answer_id(self), "failed", reason="bounced")))


class Tick(Supported):
    title = "An answer of which nothing was heard is handed over again"
    function = "support-on-due"
    again = "the next minute"

    def __init__(self, items: Items, faults: Any = ()) -> None:
        super().__init__(items, faults)
        self.clock.time += timedelta(minutes=30)

    def attempt(self, composed: Any) -> bool:
        on_due.respond(Invoked(), composed)
        return True


def _no_pause(_attempt: int) -> None:
    """Conflicts of one run are tried again at once."""


class ReceiveChat(Receive):
    channel = "chat"


def _inbound(channel: Channel) -> Inbound:
    at = NOW - timedelta(minutes=1)
    mail = channel == "email"
    return Inbound(
        channel, "m-1", KEYS(WHO), str(WHO), at, "Siparişim nerede?", subject="S-1" if mail else "",
        reference="<1@x>" if mail else "", verified=True,
    )  # fmt: skip


def _conversation(world: World) -> str:
    return next(str(item["conversation"]) for item in world.memory["conversations"].items() if "conversation" in item)


def _answer_id(world: World) -> str:
    """Of the answer that the agent wrote."""
    for item in world.memory["conversations"].items():
        said = json.loads(item["data"]) if str(item["sk"]).startswith("m#") else {}
        if said.get("direction") == "out" and not said.get("automatic"):
            return str(item["id"])
    raise AssertionError("nobody has answered")


def _items(world: World) -> Items:
    return {name: held.items() for name, held in world.memory.items()}


@cache
def empty() -> Items:
    return {}


@cache
def received() -> Items:
    """A customer has written, and was answered by itself."""
    world = Receive(empty())
    assert world.attempt(world.compose())
    return _items(world)


@cache
def chatted() -> Items:
    """A customer has written in the chat."""
    world = ReceiveChat(empty())
    assert world.attempt(world.compose())
    return _items(world)


@cache
def answered() -> Items:
    """An agent has answered too."""
    world = AgentAnswers(received())
    assert world.attempt(world.compose())
    return _items(world)
