"""Shows an older conversation of the same customer with another one."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from shared.http.answers import Problem, malformed, not_found
from shared.operators import conversations
from shared.operators.agent_actions import UnknownConversation
from shared.operators.conversations import Environment
from shared.ports import Conflict


def merge(environment: Environment, id_: str, other: str) -> dict[str, Any]:
    """Live conversations of a customer are shown as one anyway; a closed one is from now on.

    Conversations of two customers are not merged: an answer would tell one of them about the other.

    Raises
    ------
    Problem
        404 if one of them is not there, 409 for two customers, 503 if somebody else writes it now.
    """
    try:
        shown, merged = environment.agents.show(id_), environment.agents.show(other)
    except UnknownConversation as unknown:
        raise not_found("there is no such conversation; GET /v1/conversations lists them") from unknown
    if shown.tree.root != merged.tree.root:
        raise Problem(
            409,
            "two_customers",
            "the conversations are of two customers; link their identifiers first, if they are one",
        )
    first, second = shown.group[0], merged.group[0]
    if first.id == second.id:
        return conversations.show(environment, id_)
    if first.apart or second.apart:
        raise Problem(409, "not_allowed", "one of them is kept apart; say first that its sender is the customer")
    if second.live:
        raise malformed("name the closed conversation in with, and the live one in the path")
    try:
        environment.conversations.put([replace(second, shown_with=first.id)])
    except Conflict as other_write:
        raise Problem(
            503, "unavailable", "somebody else writes it now; send it again", {"retry-after": "1"}
        ) from other_write
    return conversations.show(environment, id_)
