"""``GET /v1/cart`` and ``/v1/wishlist``: for the shop's server by its key, for the shop's page by a token."""

from __future__ import annotations

import hashlib
from typing import Any

from functions.ingest.environment import Environment
from shared.domain.identity.claims import CONTESTABLE
from shared.domain.identity.customer_token import InvalidCustomerToken
from shared.domain.identity.identifiers import Identifier
from shared.domain.profile.cart_json import cart_json, wishlist_json
from shared.http.answers import Answer, answer, forbidden, malformed, unauthorized
from shared.http.identifiers import read_identifier
from shared.http.request import Request, basic_key, bearer_key
from shared.queries.customer_tree import Member, Tree, load_tree
from shared.stores.customers import CustomerStore

_CACHING = {"cache-control": "private, no-store", "vary": "authorization"}


def read(request: Request, name: str, environment: Environment) -> Answer:
    """The cart or the wishlist; empty for somebody who is not known yet.

    Raises
    ------
    Problem
        401 without a key or with a token that opens nothing, 403 with a public key, 400 for a broken question.
    """
    who = _who(request, environment)
    profile = _tree(environment, who).profile()
    return _unless_known(request, cart_json(profile.cart) if name == "cart" else wishlist_json(profile.wishlist))


def _who(request: Request, environment: Environment) -> Identifier:
    key = bearer_key(request.headers)
    if key is None:
        key = basic_key(request.headers)
    if not key:
        raise unauthorized(
            "send a server's write key, or a token that your server signed, as Authorization: Bearer ..."
        )
    if "." in key:  # our keys hold no dot, a signed token holds two
        return _by_token(request, key, environment)
    found = environment.sources.find(key)
    if found is None:
        raise unauthorized("the write key is unknown; send that of a server as Authorization: Bearer <key>")
    if not found.source.trusted:
        raise forbidden("a public write key reads nothing; let your server sign a token for its visitor")
    return _named(request, environment)


def _by_token(request: Request, token: str, environment: Environment) -> Identifier:
    try:
        subject = environment.issuers.subject(token)
    except InvalidCustomerToken as broken:
        raise unauthorized(str(broken)) from broken
    if request.query.keys() & {"user", "identifier"}:
        raise malformed("a token names its customer itself; leave user and identifier out")
    return read_identifier(subject, environment.phone)


def _named(request: Request, environment: Environment) -> Identifier:
    user, written = request.query.get("user"), request.query.get("identifier")
    if (user is None) == (written is None):
        raise malformed("name the customer with either ?user=42 or ?identifier=email:ayse@example.com")
    return read_identifier(f"user:{user}" if written is None else written, environment.phone)


def _tree(environment: Environment, who: Identifier) -> Tree:
    """The customer. A browser or device proves nobody: it shows what was done on it signed out, and not the tree."""
    store = CustomerStore(environment.customers)
    key = environment.keys(who)
    if who.type in CONTESTABLE:
        return Tree(key, (Member(key, store.control(key)),))
    return load_tree(store, key)


def _unless_known(request: Request, content: dict[str, Any]) -> Answer:
    """The answer with its ETag, or 304 if the caller has it (RFC 9110, 13.1.2)."""
    found = answer(content, headers=_CACHING)
    tag = f'"{hashlib.sha256(found["body"].encode()).hexdigest()[:32]}"'
    found["headers"] |= {"etag": tag}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return found | {"statusCode": 304, "body": "", "headers": _CACHING | {"etag": tag}}
    return found
