"""What the paths of conversations take and answer (docs/conversations.md). ``functions/support`` reads requests without
these models."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, Time
from shared.domain.conversations.conversation import Channel, InboundChannel, Kind, Priority
from shared.domain.conversations.message import TEXT_LENGTH

State = Literal["open", "waiting", "snoozed", "closed", "spam"]
_AGENT = Field(min_length=1, max_length=64, description="who says it", examples=["deniz"])
_KEY = Field(None, max_length=100, description="names the request: sent again, it is the same answer or note")
_TEXT = Field(min_length=1, max_length=TEXT_LENGTH)


class AnswerFile(BaseModel):
    """PNG, JPEG, GIF, WebP or PDF, as its bytes say. All files of an answer hold 4 MB at most."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1, description="in base64")


class ReplyRequest(BaseModel):
    """``seen``: the mark that the conversation was shown with."""

    model_config = ConfigDict(extra="forbid")

    seen: str
    channel: Channel
    text: str | None = Field(None, min_length=1, max_length=20_000, description="what is to be said; or `canned`")
    canned: str | None = Field(None, min_length=1, max_length=64, description="the name of a canned answer to send")
    agent: str = _AGENT
    subject: str | None = Field(None, max_length=250, description="of an e-mail; else the conversation's")
    files: list[AnswerFile] | None = Field(None, max_length=5)
    key: str | None = _KEY


class NoteRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = _TEXT
    agent: str = _AGENT
    key: str | None = _KEY


class ReceivedRequest(BaseModel):
    """A message that the customer gave elsewhere: in a call, in a store, on a channel of the shop's own."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=200, description="told again with the same id, it changes nothing")
    channel: InboundChannel
    customer: str = Field(min_length=1, max_length=300, examples=["phone:+905321112233"])
    text: str = _TEXT
    subject: str | None = Field(None, max_length=250)


class AssignmentRequest(BaseModel):
    """An empty text or null takes it back."""

    model_config = ConfigDict(extra="forbid")

    agent: str | None = Field(None, max_length=64)
    team: str | None = Field(None, max_length=64)


class StateRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "snoozed", "closed", "spam"]
    for_: str | None = Field(None, alias="for", description="of a snooze, such as 3h or 2d")


class DetailsRequest(BaseModel):
    """Fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    order_id: str | None = Field(None, max_length=100)
    priority: Priority | None = None
    tags: list[str] | None = Field(None, max_length=20)
    subject: str | None = Field(None, max_length=250)
    vouched: Literal[True] | None = Field(None, description="the sender of forged mails is the customer after all")


class PresenceRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agent: str = _AGENT


class PresenceAnswer(AnswerModel):
    """``others``: agents who look at it too. Who says nothing for ``seconds`` is gone."""

    others: list[str]
    seconds: int


class MergeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    with_: str = Field(alias="with", description="a closed conversation of the same customer")


class ChatRequest(BaseModel):
    """``token``: from the answer before; ``customer_token``: that the shop's server signed. With neither a chat of
    somebody unknown begins."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100, description="sent again with the same id, it is the same message")
    text: str = Field(min_length=1, max_length=4_000)
    token: str | None = None
    customer_token: str | None = None


class ChatAnswer(AnswerModel):
    """``token`` opens the chat for 30 days."""

    id: str
    at: Time
    token: str


class ChatMessage(AnswerModel):
    id: str
    from_: Literal["visitor", "shop"] = Field(alias="from")
    text: str
    at: Time


class ChatMessages(AnswerModel):
    """``after``: give it with the next question."""

    items: list[ChatMessage]
    after: str


class CannedAnswer(AnswerModel):
    """A text that agents send again and again, filled for the conversation; empty if that cannot be done.
    ``template``: of an approved template of WhatsApp its name, its language and its values."""

    name: str
    label: dict[str, str]
    language: str
    channels: list[Channel]
    text: str
    template: list[str]


class CannedAnswerList(AnswerModel):
    items: list[CannedAnswer]


class ConversationRow(AnswerModel):
    """A conversation without its messages. ``failed``: the last answer did not go out. ``due_at``: until when the team
    promised an answer; ``warned_at`` and ``late_at`` when that came close, and when it was over. ``asked_at``: when the
    customer was asked how it was; ``rating``: 1 to 5. ``apart``: its mails are forged as far as is known; it is shown
    beside no other conversation of the customer."""

    id: str
    state: State
    kind: Kind
    priority: Priority
    channel: Channel
    customer: str
    subject: str
    assignee: str | None
    team: str | None
    tags: list[str]
    order_id: str | None
    messages_count: int
    reopened: int
    failed: bool
    apart: bool
    opened_at: Time
    first_inbound_at: Time | None
    last_inbound_at: Time | None
    first_answer_at: Time | None
    last_answer_at: Time | None
    waiting_since: Time | None
    snoozed_until: Time | None
    closed_at: Time | None
    due_at: Time | None
    warned_at: Time | None
    late_at: Time | None
    asked_at: Time | None
    rated_at: Time | None
    rating: int | None


class ConversationList(AnswerModel):
    items: list[ConversationRow]
    cursor: Cursor


class ConversationMember(AnswerModel):
    """Messages of one identifier; all members are shown as one."""

    id: str
    customer: str
    messages_count: int


class ReachableBy(AnswerModel):
    """Where a channel takes free text for a day only: until when, and how many seconds that is."""

    channel: Channel
    to: str
    free_text_until: Time | None
    templates_only: bool
    free_text_seconds_left: int | None


class ConversationAnswer(ConversationRow):
    """``root``: the customer; ``channels``: by which an answer reaches him now."""

    members: list[ConversationMember]
    root: str
    seen: str
    channels: list[ReachableBy]


class MessageAttachment(AnswerModel):
    """``number``: by which a link to it is asked for; null if it was not kept, because of ``refused``."""

    name: str
    type: str
    size: int
    refused: str | None
    number: int | None


class ConversationMessage(AnswerModel):
    """``delivery``: how far an answer is, with ``reason`` if it did not go out. ``verified``: whether the channel
    vouches for the sender. ``cut``: something was left out. ``quoted``: what a reply quotes, folded away from its text.
    ``related``: the conversation that a mail goes on from, if it came from another address."""

    id: str
    conversation: str
    at: Time
    direction: Literal["in", "out", "note"]
    channel: Channel
    author: str | None
    to: str | None
    subject: str
    text: str
    cut: bool
    quoted: str
    related: str | None
    automatic: bool
    verified: bool | None
    delivery: Literal["pending", "sent", "failed", "unknown"] | None
    reason: str | None
    attachments: list[MessageAttachment]


class FileLink(AnswerModel):
    """``url`` works without a key until ``expires_at``. ``shown``: it is a picture that a page may show; else
    it is a download."""

    url: str
    expires_at: Time
    name: str
    type: str
    size: int
    shown: bool


class ShownConversation(ConversationAnswer):
    """With its messages and notes, the oldest first."""

    messages: list[ConversationMessage]


class ReceivedAnswer(AnswerModel):
    state: Literal["taken", "repeated"]
    id: str
    conversation: str
    at: Time


class CustomerConversation(ConversationRow):
    """With its messages and notes."""

    messages: list[ConversationMessage]


class CustomerConversations(AnswerModel):
    items: list[CustomerConversation]
    cursor: Cursor
