"""Paths of ``functions/support`` in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from functions.admin.document import conversation_models as models
from functions.admin.document.described_operations import Operation, Section
from functions.admin.models.base import AnswerModel

TAG = "conversations"
_ERRORS = {
    400: "something of the request cannot be read; the message says what",
    401: "no key, or one that nobody holds",
    403: "a write key",
    404: "it is not there",
    405: "another method; `allow` says which",
    409: "it contradicts what is there; nothing was changed. `newer_messages`: with what came since",
    413: "the body is too large",
    429: "more than people write; `retry-after` says when to try again",
    503: "nothing was changed for sure: send it again with the same key after `retry-after` seconds",
}


class ConversationError(AnswerModel):
    """``newer``: what came since the agent looked."""

    error: str
    message: str
    newer: list[models.ConversationMessage] | None = None


def _below(path: str, name: str, summary: str, takes: Any, answer: Any = models.ConversationAnswer) -> Operation:
    full = f"/v1/conversations/{{id}}/{path}"
    return Operation("post", full, name, summary, (answer,), (400, 404, 409, 413), takes, sources=False)


OPERATIONS = (
    Operation(
        "get",
        "/v1/conversations",
        "conversations",
        "The pool: who has waited longest comes first",
        (models.ConversationList,),
        (400,),
        query=(
            ("state", "open (the default), waiting, snoozed, closed or spam"),
            ("assignee", "an agent's desk in place of a state; empty: nobody's"),
            ("order", "due: those that were promised an answer, who is due first before the others; without state"),
            ("limit", "items of one page, 1 to 200"),
            ("cursor", "the cursor of the page before"),
        ),
        sources=False,
    ),
    Operation(
        "post",
        "/v1/conversations/messages",
        "receiveMessage",
        "Tell what a customer said in a call, in a store, on a channel of the shop's own",
        (models.ReceivedAnswer,),
        (400, 409, 413),
        models.ReceivedRequest,
    ),
    Operation(
        "post",
        "/v1/chat",
        "writeChat",
        "A visitor of the shop's page writes; a public write key is enough",
        (models.ChatAnswer,),
        (400, 409, 413, 429),
        models.ChatRequest,
    ),
    Operation(
        "get",
        "/v1/chat",
        "readChat",
        "The messages of a chat, with its token as bearer",
        (models.ChatMessages,),
        (400,),
        query=(("after", "the after of the answer before"),),
    ),
    Operation(
        "get",
        "/v1/conversations/{id}",
        "conversation",
        "A conversation with its messages",
        (models.ShownConversation,),
        (404,),
        sources=False,
    ),
    Operation(
        "get",
        "/v1/conversations/{id}/files/{message}/{number}",
        "conversationFile",
        "A link to a file that the customer sent, for five minutes",
        (models.FileLink,),
        (404,),
        sources=False,
    ),
    Operation(
        "get",
        "/v1/conversations/{id}/canned-answers",
        "cannedAnswers",
        "Canned answers, filled for this conversation",
        (models.CannedAnswerList,),
        (400, 404),
        query=(("agent", "who would send it; the texts may say the name"),),
        sources=False,
    ),
    _below("replies", "reply", "Answer the customer, once", models.ReplyRequest, models.ConversationMessage),
    _below("notes", "note", "Leave a note for agents", models.NoteRequest, models.ConversationMessage),
    _below("assignment", "assign", "Say who works on it", models.AssignmentRequest),
    _below("state", "setState", "Open, snooze or close it, or mark it as spam", models.StateRequest),
    _below("details", "setDetails", "Say what it is about", models.DetailsRequest),
    _below(
        "presence", "look", "Say who looks at it, and hear who else does", models.PresenceRequest, models.PresenceAnswer
    ),
    _below("merge", "merge", "Show an older conversation with it", models.MergeRequest, models.ShownConversation),
)
SECTION = Section(TAG, OPERATIONS, _ERRORS, ConversationError)
