"""Who may ask: whoever holds an admin key; a trusted source may tell of messages by its write key."""

from __future__ import annotations

from functions.support.environment import Environment
from shared.http.answers import forbidden, unauthorized
from shared.http.request import Request, any_key


def authorize(request: Request, environment: Environment, *, also_sources: bool, also_public: bool = False) -> None:
    """Find who asks, before anything else of the request is read.

    Raises
    ------
    Problem
        401 without a known key, 403 with one that may not ask this.
    """
    key = any_key(request.headers)
    found = environment.sources.find(key) if key else None
    if found is None:
        raise unauthorized("the key is missing or unknown; send it as Authorization: Bearer <admin key>")
    if found.kind != "admin" and not (also_sources and (found.source.trusted or also_public)):
        raise forbidden("a write key reads no conversation; ask with the admin key")
