"""Who may ask: whoever holds an admin key. The one place where that is decided."""

from __future__ import annotations

from functions.admin.environment import Environment
from shared.domain.events.event import Source
from shared.http.answers import forbidden, unauthorized
from shared.http.request import Request, any_key


def authorize(request: Request, environment: Environment) -> Source:
    """Find who asks, before anything else of the request is read.

    Raises
    ------
    Problem
        401 without an admin key, 403 with a write key.
    """
    key = any_key(request.headers)
    found = environment.sources.find(key) if key else None
    if found is None:
        raise unauthorized("the admin key is missing or unknown; send it as Authorization: Bearer <admin key>")
    if found.kind != "admin":
        raise forbidden("a write key reads nothing; ask with the admin key")
    return found.source
