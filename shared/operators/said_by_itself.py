"""What the shop says without an agent: whether it may, and under which subject."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.conversations.conversation import Conversation
from shared.domain.conversations.mail_headers import answered_messages
from shared.domain.conversations.message import SUBJECT_LENGTH, Inbound
from shared.domain.privacy.held_rights import Held
from shared.domain.service.rules import ServiceRules
from shared.queries.customer_tree import Tree
from shared.stores.conversations import Conversations

SUBJECTS: Mapping[str, str] = {"tr": "Mesajınız hakkında", "en": "About your message"}


def may_be_told(tree: Tree, one: Conversation) -> bool:
    """Whether the shop may say something in this conversation without an agent.

    Not to somebody who restricted the processing of his data (GDPR 18, KVKK 11): only a person answers him. Not where
    the sender is in doubt.
    """
    return tree.held(Held.RESTRICT) is None and not one.apart and not one.spam


def subject_of(rules: ServiceRules, language: str, begun: str = "") -> str:
    """The subject of a mail that the shop sends by itself: never words that somebody sent to us.

    ``begun``: the subject of a mail of ours that the customer's goes on from.
    """
    if begun:
        return begun if begun[:3].lower() == "re:" else f"Re: {begun}"
    text, _ = rules.text_in(SUBJECTS, language)
    name = " ".join(str(rules.shop.get("name", "")).split())
    return f"{name}: {text}"[:SUBJECT_LENGTH] if name else text


def begun_by_us(conversations: Conversations, inbound: Inbound) -> str:
    """The subject of the agent's mail that a mail answers, if an agent wrote it to this very address; else empty.

    Two requests for a mail that names one of ours, else none.
    """
    for name in answered_messages(inbound.references)[-1:]:
        message = conversations.message(name)
        if message is not None and message.author and message.to == inbound.who and message.direction == "out":
            return message.subject
    return ""
