"""One message of a conversation: what a customer wrote, what an agent answered, or a note that only agents see."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.conversations.conversation import Channel, digest

Direction = Literal["in", "out", "note"]
Delivery = Literal["", "pending", "sent", "failed", "unknown"]
TEXT_LENGTH = 20_000
"""Characters of one message that are kept; a longer one is cut and says so."""
SUBJECT_LENGTH = 250
MOST_ATTACHMENTS = 20
NOT_FETCHED = "not_fetched"
"""Why a file is not there that still lies with its channel."""
REMOVED = "removed"
"""The reason of a customer's message without words: he took it back."""


def visible(text: str) -> str:
    """A text as it is kept: signs that nobody can see are taken out; a browser's line ends become plain ones."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc").strip()


class Attachment(Struct, frozen=True):
    """A file that came with a message. ``place``: where it is kept, empty if it was not taken. ``refused``: why not.
    ``source``: where its channel keeps it for a while; it is no part of what is stored."""

    name: str
    type: str
    size: int
    place: str = ""
    refused: str = ""
    source: str = ""


class Inbound(Struct, frozen=True):
    """What a channel delivered, before it belongs to a conversation.

    Attributes
    ----------
    external_id
        The channel's own id: the same however often the message is delivered.
    automatic
        An out-of-office reply, a bounce or another machine wrote it. It opens nothing and is never answered.
    reference
        The id by which an answer continues the channel's own thread (the Message-ID of an e-mail).
    verified
        Whether the channel vouches for the sender: False for an e-mail that fails DMARC, None if it says nothing.
    quoted
        What the message quotes, folded away from ``text``.
    related
        The conversation whose answer it goes on from, if that is another customer's as far as is known.
    suspect
        The channel takes it for spam.
    from_list
        A mailing list or a sender of mass mail: an agent may answer, a machine never does (RFC 3834).
    """

    channel: Channel
    external_id: str
    home: str
    who: str
    at: datetime
    text: str
    subject: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    reference: str = ""
    references: tuple[str, ...] = ()
    verified: bool | None = None
    cut: bool = False
    quoted: str = ""
    related: str = ""
    suspect: bool = False
    from_list: bool = False

    @property
    def forged(self) -> bool:
        """The channel says that somebody else wrote it."""
        return self.verified is False

    @property
    def id(self) -> str:
        """The id under which the message is kept."""
        return digest("received", self.channel, self.external_id)


class Message(Struct, frozen=True):
    """``place``: its number within the conversation, in the order of arrival. ``author``: the agent; empty of a
    customer. ``to``: the identifier that an answer goes to. ``delivery``: how far an answer is, with ``reason`` if it
    did not go out."""

    id: str
    conversation: str
    place: int
    at: datetime
    direction: Direction
    channel: Channel
    text: str
    author: str = ""
    subject: str = ""
    to: str = ""
    delivery: Delivery = ""
    reason: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    reference: str = ""
    references: tuple[str, ...] = ()
    verified: bool | None = None
    cut: bool = False
    quoted: str = ""
    related: str = ""
    template: tuple[str, ...] = ()
    """Of an approved template of WhatsApp its name, the code of its language, and its values."""
    beside: tuple[str, ...] = ()
    """Of an answer the conversations of other identifiers of the customer that its agent was shown with this one."""


def without_words(message: Message) -> Message:
    """Its place stays taken, so that a repetition of its channel does not bring it back."""
    return replace(message, text="", subject="", quoted="", related="", attachments=(), references=(), reference="")


def of_inbound(inbound: Inbound, conversation: str, place: int) -> Message:
    """The message as it is kept."""
    return Message(
        id=inbound.id,
        conversation=conversation,
        place=place,
        at=inbound.at,
        direction="in",
        channel=inbound.channel,
        text=inbound.text,
        subject=inbound.subject,
        attachments=inbound.attachments,
        automatic=inbound.automatic,
        reference=inbound.reference,
        references=inbound.references,
        verified=inbound.verified,
        cut=inbound.cut,
        quoted=inbound.quoted,
        related=inbound.related,
    )
