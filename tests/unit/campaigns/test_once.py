"""Whatever crashes, comes twice, moves, or is joined while a campaign runs: each customer and each mailbox gets one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from functions.notify import on_queue
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.events.event import Event, EventType
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.messages.message import Record, State
from shared.ports.sender import Answer, Outgoing
from shared.stores.consent_items import consent_items
from shared.stores.customers import Hint, StoredFacts
from tests.support.cases import UNIT, cases
from tests.support.world import KEYS
from tests.unit.campaigns.world import START, Store, local

pytestmark = UNIT

NAMES = ("user:p0", "user:p1", "loyalty:L7")
HOMES = tuple(KEYS(parse_identifier(name)) for name in NAMES)
MAILBOXES = ("a@example.com", "b@example.com", "c@example.com", "d@example.com")
CALLS = ("put", "put_many", "delete", "query", "get", "get_many")


class Died(Exception):
    """A worker of notify was killed, right after a call."""


class Running:
    """A campaign to two users and a loyalty card, handed over and not delivered yet."""

    def __init__(self) -> None:
        self.store = Store()
        self.mailbox: dict[str, str] = {}
        self.joined = False
        self.left = 0
        self.twice: list[str] = []
        self.got: list[tuple[frozenset[str], str]] = []
        for home, mailbox in zip(HOMES, MAILBOXES, strict=False):
            self.moves(HOMES.index(home), mailbox)
            self.store.store.put_member(home, "high-value", time_text(START))
            said = Consent("email", "marketing", True, START, START, True, "web", home, "")
            self.store.customers.put_many(consent_items(ConsentRecord((home,), said), trusted=True))
        for table in (self.store.customers, self.store.ingest.messages):
            for name in CALLS:
                setattr(table, name, self._watched(getattr(table, name)))
        object.__setattr__(self.store.notify["email"].notifying, "sender", self)
        self.store.plan()
        self.store.until(local(10, 30))
        self.store.clock.time = local(10, 30)
        self.store.tick()
        batches, self.store.work.bodies = self.store.work.bodies, []
        self.store.worker(batches)
        handed, self.store.queues["email"].bodies = self.store.queues["email"].bodies, []
        self.bodies = sorted(handed, key=lambda body: HOMES.index(json.loads(body)["home"]))

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            answer = call(*arguments, **options)
            self._burn()
            return answer

        return watched

    def _burn(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Died

    def customer(self, home: str) -> frozenset[str]:
        return frozenset({HOMES[0], HOMES[2]}) if self.joined and home != HOMES[1] else frozenset({home})

    def send(self, outgoing: Outgoing) -> Answer:
        """The provider sees whether somebody gets a second one. (Raised here, notify would take it for a crash.)"""
        left, self.left = self.left, 0
        record = self.store.ledger.get(outgoing.message_id)
        assert record is not None
        customer = self.customer(record.home)
        if any(customer & others or outgoing.address.to == to for others, to in self.got):
            self.twice.append(outgoing.address.to)
        self.got.append((frozenset({record.home}), outgoing.address.to))
        self.left = left
        answer = self.store.sender.fake.send(outgoing)
        self._burn()
        return answer

    def delivers(self, place: int, dies_after: int) -> bool:
        """False if the queue offers it again."""
        self.left = dies_after
        records = [{"messageId": "1", "body": self.bodies[place]}]
        answer = on_queue.work({"Records": records}, lambda: self.store.notify["email"])
        self.left = 0
        return answer == {"batchItemFailures": []}

    def moves(self, place: int, mailbox: str) -> None:
        who, home, now = parse_identifier(NAMES[place]), HOMES[place], self.store.clock.time
        found = self.store.store.control(home).facts
        before, version = (found.facts, found.version) if found else (Facts(), 0)
        event = Event(
            type=EventType.IDENTIFY, name="Identified", message_id=f"{home}{version}", time=now, received_at=now,
            source="server", channel="server", trusted=True, identifiers=(who,),
            traits={"email": mailbox, "first_name": "Ayşe", "language": "tr"},
        )  # fmt: skip
        facts = StoredFacts(fold(before, [event], features({})), version + 1, 1)
        self.store.store.put_facts(home, facts, previous=version)
        self.mailbox[home] = mailbox

    def joins(self) -> None:
        """The shop links the card to the first user."""
        if not self.joined:
            at = milliseconds(self.store.clock.time)
            claim = Claim.by(HOMES[0], (at, "joined"), trusted=True, name=NAMES[2])
            self.store.store.put_claim(HOMES[2], claim, previous=0, moving=None)
            self.store.store.put_owns(HOMES[0], HOMES[2], Hint(at, "m"))
            self.joined = True


deliveries = st.tuples(st.just("deliver"), st.integers(0, 2), st.integers(0, 16))
moves = st.tuples(st.just("move"), st.integers(0, 2), st.integers(0, len(MAILBOXES) - 1))
joins = st.tuples(st.just("join"), st.just(0), st.just(0))


@example(steps=[("deliver", 1, 5), ("move", 0, 1), ("move", 1, 0)])  # claimed by the one, sent by the next owner
@given(steps=st.lists(st.one_of(deliveries, deliveries, moves, joins), max_size=12))
@cases(8)
def test_everybody_gets_one_whatever_happens_on_the_way(steps: list[tuple[str, int, int]]) -> None:
    """Deliveries in any order, again and again, dying after any call; addresses that change, are swapped and shared; a
    card that becomes the user's. In the end nobody is left out, unless a death left it unknown whether he got it."""
    running = Running()
    for what, place, more in steps:
        running.store.clock.time += timedelta(seconds=30)
        if what == "deliver":
            running.delivers(place, more)
        elif what == "move":
            running.moves(place, MAILBOXES[more])
        else:
            running.joins()
    for _ in range(6):
        running.store.clock.time += timedelta(minutes=3)
        done = [running.delivers(place, 0) for place in range(3)]
        if all(done):
            break
    else:
        raise AssertionError("the queue never ends")
    assert running.twice == []
    ledger, messages = running.store.ledger, running.store.ingest.messages
    records = [ledger.get(item["pk"]) for item in messages.items() if item["sk"] == "message"]
    unknown = {one for record in records if record and record.state is State.UNKNOWN for one in _names(record)}
    for home in HOMES:
        customer = running.customer(home)
        mailboxes = {running.mailbox[one] for one in customer}
        reached = any(customer & others or to in mailboxes for others, to in running.got)
        unsure = unknown & {*customer, *(KEYS(parse_identifier(f"email:{one}")) for one in mailboxes)}
        assert reached or unsure
        assert any(ledger.of_home(one).items for one in customer)  # what was sent, or why nothing was


def _names(record: Record) -> tuple[str, str]:
    return record.home, record.address_key
