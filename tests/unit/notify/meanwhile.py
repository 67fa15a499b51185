"""One message of a customer, and what may happen between any two calls of those who work on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from datetime import timedelta
from functools import cache
from typing import Any

from functions.ingest.feedback import Feedback
from functions.ingest.message_links import Reactions, Visitor
from functions.notify.service import TryAgain
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.events.ses_reports import Report
from shared.domain.identity.claims import LINK_RELEASED
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.message_links.message_link import MessageLink
from shared.domain.messages.message import Deferred, Reason, Record, Skipped, State
from shared.domain.messages.request import SendRequest
from shared.ports.sender import Accepted, Answer, Outgoing
from shared.stores.ledger import Ledger
from shared.stores.sends import read_sends
from tests.support.interleaving import Crash
from tests.support.world import KEYS, World, event
from tests.unit.notify.world import MORNING, SHOP, FakeSender, Shopping, request

CARD = "loyalty:L7"
HOME = KEYS(parse_identifier(CARD))
DELIVERIES = 12
SECOND = timedelta(seconds=1)
PERSON = Visitor("Mozilla/5.0 (Macintosh) Safari/605.1.15", "198.51.100.7")
HAPPENS = (
    "dies", "all die", "another attempt", "a late attempt", "another message", "skipped", "reported", "clicked",
    "ordered", "linked", "released",
)  # fmt: skip
"""What a script may hold."""
WENT_OUT = {State.CALLING, State.SENT, State.UNKNOWN}


class AllDie(BaseException):
    """Every environment that works dies, and nothing happens for three minutes."""


class Wrong(AssertionError):
    """What a promise forbids was seen."""


class Watched:
    """A port of a worker: after each call the next of the script may happen."""

    def __init__(self, real: Any, story: Story) -> None:
        self._real, self._story = real, story

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._real, name)

        def call(*said: Any, **more: Any) -> Any:
            result = method(*said, **more)
            self._story.goes_on()
            return result

        return call


class Provider:
    """Answers as told, then yes. Knows what it took, whatever the worker hears of it. ``True`` beside an answer: the
    message was taken."""

    def __init__(self, story: Story, answers: Sequence[tuple[Answer, bool]]) -> None:
        self._story, self._answers = story, list(answers)
        self.taken: dict[str, int] = {}

    def send(self, outgoing: Outgoing) -> Answer:
        answer, taken = self._answers.pop(0) if self._answers else (Accepted("p"), True)
        if taken:
            name = outgoing.message_id
            self._story.expect(name not in self._story.ended, "sent after its last word")
            self.taken[name] = self.taken.get(name, 0) + 1
        self._story.goes_on()
        return answer


class Story:
    """``script``: after so many calls, what happens. Every promise is looked at after each call."""

    def __init__(self, purpose: str, script: Sequence[tuple[int, str]], answers: Sequence[tuple[Answer, bool]]) -> None:
        self.shop = shop = _shop()
        self.customers, self.messages = shop.customers, shop.messages
        self.ledger = Ledger(shop.messages)
        self.provider = Provider(self, answers)
        self.message, self.other = (
            request("email", home=HOME, step=step, purpose=purpose, fresh_until_ms=2**42) for step in ("one", "two")
        )
        self.now = MORNING
        self.ended: set[str] = set()
        self.clicks = 0
        self._script, self._calls, self._quiet = list(script), 0, False

    def expect(self, holds: bool, promise: str) -> None:
        if not holds:
            raise Wrong(promise)

    def goes_on(self) -> None:
        """After a call of a worker."""
        self._calls += 1
        self.look()
        while self._script and self._calls >= self._script[0][0]:
            self._calls = 0
            self._happens(self._script.pop(0)[1])
            self.look()

    def look(self) -> None:
        """What anybody may see now: nothing that went out is said not to have, nothing is said that did not happen."""
        for wanted in (self.message, self.other):
            name, taken = wanted.message_id, self.provider.taken.get(wanted.message_id, 0)
            record = self.ledger.get(name)
            if wanted.commercial:
                self.expect(taken <= 1, "sent twice")
            if taken:
                self.expect(record is not None and _may_have_gone_out(record), f"not said to have gone out: {record}")
            if taken and wanted.commercial:
                self.expect(self._has_place(wanted), "no place under the caps")
            if record is not None and record.state is State.SENT:
                self.expect(taken > 0, "called sent, and was not")
            if record is not None and record.final and (wanted.commercial or record.state is not State.SENT):
                self.ended.add(name)  # a report of a transactional message may come while it is called again

    def deliver(self, wanted: SendRequest) -> Record | None:
        """One attempt of a worker; None if the queue is to offer the message again."""
        shop = self.shop
        shop.customers, shop.messages = Watched(self.customers, self), Watched(self.messages, self)  # type: ignore[assignment]
        service = shop.notifying(sender=self.provider)
        shop.customers, shop.messages = self.customers, self.messages
        try:
            return service.handle(wanted, self.now)
        except (Crash, TryAgain):
            return None

    def end(self) -> Record:
        """Deliver until the message has an outcome, ten minutes apart; a deferred one by its timer."""
        for _ in range(DELIVERIES):
            try:
                record = self.deliver(self.message)
            except AllDie:
                record = None
            if record is not None and record.final:
                return record
            self.now += timedelta(minutes=10)
            if record is not None and isinstance(record.outcome, Deferred):
                self.now = max(self.now, record.outcome.until)
        raise Wrong("the message came to no end")

    def _happens(self, what: str) -> None:
        self.now += SECOND
        match what:
            case "dies":
                raise Crash
            case "all die":
                self.now += timedelta(minutes=3)
                raise AllDie
            case "another attempt":
                self.deliver(self.message)
            case "a late attempt":
                stale = {"fresh_until_ms": self.message.due_ms - 1}
                self.deliver(self.message.model_copy(update=stale))
            case "another message":
                self.deliver(self.other)
            case "skipped":
                why = Skipped(Reason.SUPERSEDED)
                self.ledger.skip(self.message, HOME, why, self.now)
            case "reported" | "clicked":
                if self.provider.taken.get(self.message.message_id):
                    self._reported() if what == "reported" else self._clicked()
            case "ordered":
                self.shop.send("Order Completed", at=self.now, who=CARD, order_id="o1", products=[{"product_id": "z"}])
            case "linked":
                self.shop.world.send(event("Linked", ["user:42", CARD], at=self.now, trusted=True))
            case "released":
                said = event(LINK_RELEASED, [CARD], at=self.now, trusted=True, owner="user:42")
                self.shop.world.send(said)

    def _reported(self) -> None:
        name = self.message.message_id
        report = Report(name, f"r-{self.now.isoformat()}", "Email Delivered", self.now, True, delivered=True)
        known = Feedback(self.customers, self.ledger, KEYS).take_report(report, "ses", self.now)
        self.expect(known, "a report about no message")
        record = self.ledger.get(name)
        self.expect(record is not None and record.state is State.SENT, "a report did not settle it")

    def _clicked(self) -> None:
        self.clicks += 1
        link = MessageLink(self.message.message_id, self.clicks, "https://shop.example/")
        Reactions(self.customers, self.messages, KEYS).clicked(link, PERSON, self.now)
        self.expect(self.told("Email Link Clicked") == self.clicks, "a click was lost")

    def told(self, name: str) -> int:
        """How many events of this name the log of the home has about the message."""
        events = self.shop.world.store.events(HOME)
        return sum(one.name == name and one.properties["message_id"] == self.message.message_id for one in events)

    def listed(self) -> bool:
        """Whether whoever asks for the messages of the home, also to erase them, finds this one."""
        page = self.ledger.of_home(HOME)
        return any(item["pk"] == self.message.message_id for item in page.items)

    def _has_place(self, wanted: SendRequest) -> bool:
        items = (self.customers.get(KEYS(parse_identifier(who)), "sends") for who in (CARD, "user:42"))
        return any(place.unit == wanted.unit for found in items for place in read_sends(found).places)


def _may_have_gone_out(record: Record) -> bool:
    """Of a transactional message also what waits to be called again, or is being taken up again."""
    waits = record.state in {State.DEFERRED, State.CLAIMED} and record.purpose == "transactional"
    return record.state in WENT_OUT or (waits and record.attempts > 0)


@cache
def _before() -> Shopping:
    """Ayşe's card, which nobody has linked to her account yet; she agreed to e-mail."""
    shop, yesterday = Shopping(SHOP), MORNING - timedelta(days=1)
    shop.send("identify", at=yesterday, who=CARD, traits={"email": "ayse@example.com", "language": "tr"})
    shop.send("Product Added", at=yesterday, who=CARD, product_id="p", quantity=1, name="Elbise", price="10")
    shop.send("identify", at=yesterday, who="user:42", traits={"first_name": "Ayşe"})
    shop.consent("email", granted=True, home=CARD)
    return shop


def _shop() -> Shopping:
    """The same shop with tables of its own: to publish the definitions anew would take most of the time."""
    before = _before()
    shop, world = copy(before), World()
    world.memory.put_many(before.world.memory.items())
    shop.world, shop.customers, shop.sender = world, world.memory, FakeSender()
    shop.catalog, shop.timers = MemoryTable(), MemoryTable()
    shop.catalog.put_many(before.catalog.items())
    shop.messages = MemoryTable(indexes=INDEXES["messages"])
    return shop
