"""Who may ask: whoever holds an admin key, and trusted sources (a till, the shop's server) by their write key."""

from __future__ import annotations

from functions.stock.environment import Environment
from shared.http.answers import forbidden, unauthorized
from shared.http.request import Request, any_key


def authorize(request: Request, environment: Environment, *, only_admin: bool) -> bool:
    """Find who asks, before anything else of the request is read. True for the admin key.

    Raises
    ------
    Problem
        401 without a known key, 403 with one that may not ask this.
    """
    key = any_key(request.headers)
    found = environment.sources.find(key) if key else None
    if found is None:
        raise unauthorized("the key is missing or unknown; send it as Authorization: Bearer <key>")
    if found.kind != "admin":
        if not found.source.trusted:
            raise forbidden("a public write key says nothing about stock; ask with that of a till or a server")
        if only_admin:
            raise forbidden("this is asked with the admin key")
    return found.kind == "admin"
