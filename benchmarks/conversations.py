"""Conversations: what taking a message and answering it cost, and a page of a pool of 100,000."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks import prices
from benchmarks.deployment import KEYS, NOW
from benchmarks.rows import Row
from functions.support.erased_people import ErasedPeople
from functions.support.outcomes import Outcomes
from functions.support.receiving import Receiving
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.conversations.answer import Draft, seen_mark
from shared.domain.conversations.conversation import Conversation, digest
from shared.domain.conversations.jobs import Outcome
from shared.domain.conversations.message import Inbound, Message
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.service.rules import read_rules
from shared.operators.agent_actions import AgentActions
from shared.operators.service_levels import ServiceLevels
from shared.stores.conversation_items import POOL, conversation_write
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.timers import Timers

PART = "conversations"
RULES = read_rules(
    {
        "teams": [
            {
                "team": "support",
                "default": True,
                "hours": {"mon-sun": "00:00-24:00"},
                "answer": {"first": "2h", "next": "4h", "warn_before": "30m"},
                "escalate": {"priority": "urgent"},
            }
        ],
        "routing": [
            {"routing": "late", "when": {"words": ["gelmedi"], "open_order": True}, "set": {"priority": "high"}}
        ],
    }
)
PEOPLE = 1_000
OPEN = 100_000
PAGE = 50
TEXT = "Merhaba, S-1 numaralı siparişim hâlâ gelmedi. Ne zaman elimde olur?"
SQS_OF_A_JOB = 3
"""Requests to SQS for one message in a queue: sending, receiving and deleting, as if there were no batches."""


@dataclass(slots=True)
class Desk:
    """Tables in memory, and what support does with them."""

    table: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["conversations"]))
    customers: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["customers"]))
    timers: MemoryTable = field(default_factory=MemoryTable)
    handed: list[Message] = field(default_factory=list)

    @property
    def conversations(self) -> Conversations:
        return Conversations(self.table)

    def receiving(self) -> Receiving:
        customers = CustomerStore(self.customers)
        erased = ErasedPeople(self.customers, lambda _id: None)
        return Receiving(self.conversations, customers, KEYS, lambda _attempt: None, self.levels(), erased)

    def agents(self) -> AgentActions:
        store = CustomerStore(self.customers)
        sends, timers = ("email", "sms", "whatsapp"), Timers(self.timers)
        return AgentActions(
            self.conversations, store, timers, KEYS, self.handed.append, sends, lambda _attempt: None, self.levels()
        )

    def levels(self) -> ServiceLevels:
        """A team that promises an answer, and rules for what begins: each message is looked at by them."""
        return ServiceLevels(lambda: RULES, Timers(self.timers))

    def tables(self) -> tuple[MemoryTable, ...]:
        return self.table, self.customers, self.timers


def rows(people: int = PEOPLE, waiting: int = OPEN) -> Iterator[Row]:
    """A first message of each person, a second one, an answer with what became of it; then the pool."""
    desk = Desk()
    receiving, agents, outcomes = (
        desk.receiving(),
        desk.agents(),
        Outcomes(desk.conversations, lambda _attempt: None, desk.levels()),
    )
    taken: dict[int, str] = {}

    def take(person: int, number: int, now: datetime) -> None:
        _, message = receiving.receive(_inbound(person, number, now), now)
        if message is None:
            raise AssertionError("a message was not taken")
        taken[person] = message.conversation

    def answer(person: int) -> None:
        seen = seen_mark(agents.show(taken[person]).group)
        draft = Draft(taken[person], f"k{person}", "out", "email", "Yolda.", "deniz")
        agents.write(draft, seen, NOW + timedelta(hours=1))

    yield from _counted(desk, "a message that begins a conversation", people, lambda one: take(one, 1, NOW))
    later = NOW + timedelta(minutes=5)
    yield from _counted(desk, "a message that goes on", people, lambda one: take(one, 2, later))
    yield from _counted(desk, "showing and answering", people, answer)
    sent = list(desk.handed)
    told = NOW + timedelta(hours=2)
    yield from _counted(
        desk, "what became of an answer", people,
        lambda one: outcomes.note(Outcome(sent[one].id, "sent", reference="ses-1"), told),
    )  # fmt: skip
    yield Row(
        PART, "queue of a message or an answer: requests to SQS", SQS_OF_A_JOB, "",
        dollars=SQS_OF_A_JOB * prices.SQS_REQUESTS,
    )  # fmt: skip
    yield from _pool(waiting)


def _inbound(person: int, number: int, at: datetime) -> Inbound:
    who = parse_identifier(f"email:b-{person}@example.com")
    return Inbound(
        "email",
        f"m-{person}-{number}",
        KEYS(who),
        str(who),
        at,
        TEXT,
        subject="S-1",
        reference=f"<{person}-{number}@x>",
    )


def _counted(desk: Desk, what: str, people: int, act: Callable[[int], object]) -> Iterator[Row]:
    for table in desk.tables():
        table.usage.reset()
    began = time.process_time()
    for person in range(people):
        act(person)
    seconds = time.process_time() - began
    used = [table.usage for table in desk.tables()]
    requests, read, write = (
        sum(getattr(one, name) for one in used) / people for name in ("requests", "read_units", "write_units")
    )
    yield Row(PART, f"{what}: requests", requests, "")
    yield Row(PART, f"{what}: read units", read, "RU")
    yield Row(PART, f"{what}: write units", write, "WU", dollars=prices.of_units(read=read, write=write))
    yield Row(PART, f"{what}: processor time", seconds / people * 1000, "ms", note="tables in memory")


def _pool(waiting: int) -> Iterator[Row]:
    """The first page, and one behind its cursor."""
    desk = Desk()
    for number in range(waiting):
        desk.table.put(conversation_write(_open(number)).item)
    store = desk.conversations
    cursor: str | None = None
    for what, skipped in (("the first page", 0), ("the tenth page", 9)):
        for _ in range(skipped - 1):  # the first was read before
            cursor = store.page(POOL, "open", limit=PAGE, newest_first=False, cursor=cursor).cursor
        desk.table.usage.reset()
        page = store.page(POOL, "open", limit=PAGE, newest_first=False, cursor=cursor)
        if len(page.items) != PAGE:
            raise AssertionError("the pool has no such page")
        cursor, used = page.cursor, desk.table.usage
        name = f"pool of {waiting:,}, {what} of {PAGE}"
        yield Row(PART, f"{name}: requests", used.requests, "", target=1)
        yield Row(PART, f"{name}: read units", used.read_units, "RU", dollars=prices.of_units(read=used.read_units))


def _open(number: int) -> Conversation:
    who = parse_identifier(f"email:b-{number}@example.com")
    at = NOW - timedelta(seconds=number)
    return Conversation(
        id=digest("conversation", str(number))[:13], home=KEYS(who), who=str(who), channel="email", opened_at=at,
        messages=2, first_inbound_at=at, last_inbound_at=at, waiting_since=at, subject="S-1 siparişim nerede?",
        windows={"email": at}, thread=(f"<{number}@mail.example.com>",),
    )  # fmt: skip
