"""Who may do what: roles come from the groups of the identity provider, rights from the roles."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Right(StrEnum):
    """What a page or a change asks for."""

    SEE = "see"
    """Segments, journeys, sending and its state: no person."""
    SEE_CONVERSATIONS = "see_conversations"
    ANSWER = "answer"
    """Answer customers, and change who works on a conversation and how far it is."""
    SEE_CUSTOMERS = "see_customers"
    LINK = "link"
    """Say that two identifiers are not one person, or are."""
    SEND = "send"
    """Pause and stop journeys; stop all sending; let a channel go on."""
    EDIT = "edit"
    """Write drafts of segments and journeys, and throw them away."""
    TEXTS = "texts"
    """Write drafts of what customers are told: canned answers, and what is said outside the hours."""
    PUBLISH = "publish"
    """Publish drafts, and bring an earlier release back."""
    STOCK = "stock"
    """Products and stock: no person."""
    HAND_OUT = "hand_out"
    """Say that a pick-up is ready, and hand it out for its code."""
    REPORTS = "reports"
    """Revenue and what brought it: sums of many people."""
    CAMPAIGN = "campaign"
    """Write, test, schedule and cancel campaigns."""
    PEOPLE_RIGHTS = "people_rights"
    """Requests of people: see them, carry them out, refuse and lift them."""
    AUDIT = "audit"
    """See what people changed in the console."""


MARKETER, AGENT, PRIVACY, STORE, ADMIN = "marketer", "agent", "privacy", "store", "admin"
RIGHTS: dict[str, frozenset[Right]] = {
    MARKETER: frozenset(
        {
            Right.SEE,
            Right.SEE_CUSTOMERS,
            Right.SEND,
            Right.EDIT,
            Right.TEXTS,
            Right.PUBLISH,
            Right.CAMPAIGN,
            Right.REPORTS,
            Right.STOCK,
        }
    ),
    AGENT: frozenset(
        {
            Right.SEE,
            Right.SEE_CUSTOMERS,
            Right.LINK,
            Right.SEE_CONVERSATIONS,
            Right.ANSWER,
            Right.TEXTS,
            Right.STOCK,
        }
    ),
    PRIVACY: frozenset(
        {
            Right.SEE,
            Right.SEE_CUSTOMERS,
            Right.LINK,
            Right.SEE_CONVERSATIONS,
            Right.AUDIT,
            Right.STOCK,
            Right.PEOPLE_RIGHTS,
        }
    ),
    STORE: frozenset({Right.STOCK, Right.HAND_OUT}),
    ADMIN: frozenset(Right),
}
"""By role. A role that is not here gives no right."""


def known_roles(groups: Iterable[str]) -> tuple[str, ...]:
    """Those of the groups that are roles, in one order."""
    given = frozenset(groups)
    return tuple(role for role in RIGHTS if role in given)


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """Everything that one of the roles permits."""
    return frozenset(right for role in roles for right in RIGHTS.get(role, ()))
