"""The paths of conversations."""

from __future__ import annotations

from functions.console.rights import Right
from functions.console.route import get, post

CONVERSATION_ROUTES = (
    get("conversations", "conversations.show", Right.SEE_CONVERSATIONS),
    get("conversations/live", "conversation_live.news", Right.SEE_CONVERSATIONS),
    get("conversations/next", "conversations.next_one", Right.SEE_CONVERSATIONS),
    get("conversations/*", "conversations.one", Right.SEE_CONVERSATIONS),
    get("conversations/*/customer", "conversation_customer.show", Right.SEE_CONVERSATIONS),
    get("conversations/*/files/*/*", "conversations.file", Right.SEE_CONVERSATIONS),
    post("conversations/*/answer", "conversation_changes.answer", Right.ANSWER),
    post("conversations/*/assignment", "conversation_changes.assign", Right.ANSWER),
    post("conversations/*/state", "conversation_changes.set_state", Right.ANSWER),
    post("conversations/*/details", "conversation_changes.set_details", Right.ANSWER),
)
