"""Who else looks at a conversation, for agents who are about to answer (docs/conversations.md#two-agents)."""

from __future__ import annotations

from typing import Any

from shared.http.answers import not_found
from shared.operators.conversations import Environment
from shared.stores.lookers import LASTS, Lookers


def look(environment: Environment, id_: str, agent: str) -> dict[str, Any]:
    """The agent looks at it now, and is told who else does. All conversations that are shown as one count as one.

    Raises
    ------
    Problem
        404 if there is no such conversation.
    """
    one = environment.conversations.get(id_)
    if one is None:
        raise not_found("there is no such conversation; GET /v1/conversations lists them")
    now = environment.clock.now()
    others = Lookers(environment.conversations.table).look(one.shown_with or one.id, agent, now)
    return {"others": others, "seconds": int(LASTS.total_seconds())}
