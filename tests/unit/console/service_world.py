"""Ayşe writes: on Instagram and by e-mail about a return; others wait, and some of what is written is hostile."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.conversations.conversation import Channel, closed, of_kind
from shared.domain.conversations.conversation import Conversation as Stored
from shared.domain.conversations.message import Attachment, Inbound
from shared.domain.conversations.receive import receive
from shared.domain.identity.identifiers import parse_identifier
from shared.queries.customer_conversations import conversations_of
from shared.stores.customers import CustomerStore
from tests.unit.admin.test_questions import fold, told
from tests.unit.console.console_world import URL
from tests.unit.console.shop_world import HOSTILE, ShopWorld

AYSE, INSTAGRAM = "email:ayse@example.com", "external:instagram/777"


class ServiceWorld(ShopWorld):
    """``ayse_talk`` is one conversation of two channels; ``mehmet_talk`` of somebody unknown; ``hostile_talk`` holds
    what should never be markup."""

    def __init__(self, url: str = URL) -> None:
        super().__init__(url)
        identity = {"externalIds": [{"type": "instagram", "id": "777"}]}
        told(self, userId="42", event="Account Linked", context=identity)
        fold(self)
        self.ayse_talk = self.wrote(AYSE, "The jacket S-1 is too small. May I bring it to the store?", "m-1")
        self.clock.advance(timedelta(minutes=30))
        self.mehmet_talk = self.wrote("phone:+905321112233", "Do you ship to İzmir?", "m-2", "sms")
        self.clock.advance(timedelta(minutes=12))
        attachments = (Attachment(HOSTILE[1][:60], "image/png", 1, refused="type"),)
        self.hostile_talk = self.wrote(
            "email:x@example.com", "\n".join(HOSTILE), "m-3", subject=HOSTILE[0], attachments=attachments
        )
        self.clock.advance(timedelta(minutes=3))

    def wrote(
        self,
        who: str,
        text: str,
        id_: str,
        channel: Channel = "email",
        *,
        subject: str = "",
        attachments: tuple[Attachment, ...] = (),
        verified: bool | None = None,
    ) -> str:
        """A message of a customer, as the function of support takes it; the number of its conversation."""
        store, now = self.desk.conversations, self.clock.now()
        home = self.keys(parse_identifier(who))
        inbound = Inbound(
            channel, id_, home, who, now, text, subject=subject, attachments=attachments, verified=verified
        )
        found = conversations_of(CustomerStore(self.customers), store, home)
        received = receive(inbound, found.conversations, now)
        changed = [received.target, *([received.lead] if received.lead is not None else [])]
        store.put(changed, received.message, begun=found.newest[home] if received.begun else None)
        return received.target.id

    def talk(self, id_: str) -> Stored:
        """As it is stored."""
        found = self.desk.conversations.get(id_)
        assert found is not None
        return found

    def seen(self, id_: str) -> str:
        """The mark of what a page shows now."""
        from shared.domain.conversations.answer import seen_mark

        return seen_mark(self.desk.agents.show(id_).group)

    def make_return(self, id_: str) -> None:
        now = self.clock.now()
        self.desk.agents.change(id_, lambda one: of_kind(one, "return", now), now, whole=False)

    def close(self, id_: str) -> None:
        now = self.clock.now()
        self.desk.agents.change(id_, lambda one: closed(one, now), now)
