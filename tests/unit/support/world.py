"""A pool of conversations in memory, with identifiers that are linked and released by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from functions.support.agent_actions import AgentActions
from functions.support.receiving import Receiving
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.conversations.answer import Draft, seen_mark
from shared.domain.conversations.conversation import Channel, Conversation
from shared.domain.conversations.message import Inbound, Message
from shared.domain.events.event import Event
from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import IdentifierKeys, milliseconds
from shared.ports import Table
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore, Hint
from shared.stores.event_items import read_event
from shared.stores.timers import Timers
from tests.unit.ingest.world import NOW, StoppedClock

EMAIL, INSTAGRAM, PHONE = "email:ayse@example.com", "external:instagram/777", "phone:+905321112233"
_CHANNELS: dict[str, Channel] = {"email": "email", "phone": "sms", "external": "instagram", "user": "chat"}
KEYS = IdentifierKeys(b"s" * 64)


class Support:
    """``wrap`` stands between the functions and their tables: a test may crash them there."""

    def __init__(self, wrap: Any = lambda table: table) -> None:
        self.clock = StoppedClock(NOW)
        self.table = MemoryTable(indexes=INDEXES["conversations"])
        self.customers_table = MemoryTable(indexes=INDEXES["customers"])
        self.timers_table = MemoryTable()
        self.handed: list[Message] = []
        conversations, customers = self.stores(wrap)
        self.receiving = Receiving(conversations, customers, KEYS, lambda _attempt: None)
        self.agents = AgentActions(
            conversations, customers, Timers(wrap(self.timers_table)), KEYS, self.handed.append, lambda _attempt: None
        )
        self.conversations, self.customers = self.stores(lambda table: table)

    def stores(self, wrap: Any) -> tuple[Conversations, CustomerStore]:
        def wrapped(table: Table) -> Table:
            found: Table = wrap(table)
            return found

        return Conversations(wrapped(self.table)), CustomerStore(wrapped(self.customers_table))

    def later(self, **span: float) -> datetime:
        """Moves the clock."""
        self.clock.time += timedelta(**span)
        return self.clock.time

    def link(self, child: str, owner: str) -> None:
        """As segmentation does when a trusted source says that ``child`` belongs to ``owner``."""
        self._claim(child, owner, "link")

    def release(self, child: str, owner: str) -> None:
        self._claim(child, owner, "release")

    def _claim(self, child: str, owner: str, verdict: Any) -> None:
        child_key, owner_key = KEYS(parse_identifier(child)), KEYS(parse_identifier(owner))
        control = self.customers.control(child_key)
        stamp = milliseconds(self.clock.time)
        claim = control.claim or Claim(child)
        claim.verdicts[owner_key] = (stamp, "e", verdict)
        self.customers.put_claim(child_key, claim, previous=control.claim_version, moving=None)
        self.customers.put_owns(owner_key, child_key, Hint(stamp, f"{control.claim_version}"))
        above = self.customers.control(owner_key)
        if above.claim is None:  # so that its plain form is known
            self.customers.put_claim(owner_key, Claim(owner), previous=0, moving=None)

    def inbound(self, who: str, external_id: str, text: str = "Where is S-1?", **more: Any) -> Inbound:
        channel = _CHANNELS[who.partition(":")[0]]
        home = KEYS(parse_identifier(who))
        values = {"channel": channel, "at": self.clock.time, **more}
        return Inbound(external_id=external_id, home=home, who=who, text=text, **values)

    def receive(self, who: str, external_id: str, text: str = "Where is S-1?", **more: Any) -> Message | None:
        return self.receiving.take(self.inbound(who, external_id, text, **more), self.clock.time)[1]

    def taken(self, who: str, external_id: str, **more: Any) -> Message:
        message = self.receive(who, external_id, **more)
        assert message is not None
        return message

    def shown(self, id_: str) -> tuple[Conversation, ...]:
        return self.agents.show(id_).group

    def seen(self, id_: str) -> str:
        return seen_mark(self.shown(id_))

    def answer(self, id_: str, key: str = "k1", *, seen: str | None = None, channel: Channel = "email") -> Message:
        draft = Draft(id_, key, "out", channel, "It is on its way.", "deniz")
        return self.agents.write(draft, self.seen(id_) if seen is None else seen, self.clock.time)

    def pool(self, state: str = "open") -> list[str]:
        page = self.conversations.page("pool", state, limit=1000, newest_first=False, cursor=None)
        return [item["pk"].partition("#")[2] for item in page.items]

    def events(self, who: str) -> list[Event]:
        page = self.customers_table.query(KEYS(parse_identifier(who)), prefix="t#")
        return [read_event(item) for item in page.items]

    def all_messages(self) -> list[tuple[Conversation, Message]]:
        """Every message that is stored, with its conversation, read from the table itself."""
        items = [item for of_pk in self.table._items.values() for item in of_pk.values()]
        ids = [item["pk"].partition("#")[2] for item in items if item["sk"] == "conversation"]
        found = self.conversations.get_many(ids)
        return [(one, message) for one in found for message in self.conversations.messages(one.id)]
