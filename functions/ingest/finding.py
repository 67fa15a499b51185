"""From what people write to the customer that is meant."""

from __future__ import annotations

import re

from functions.ingest.answers import malformed, not_found
from functions.ingest.environment import Environment
from shared.domain.identity.identifiers import Identifier, InvalidIdentifier, parse_identifier
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore

_KEY = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")


def read_identifier(environment: Environment, written: str) -> Identifier:
    """``type:value`` as people write it.

    Raises
    ------
    Problem
        400 if it can be nobody's.
    """
    try:
        return parse_identifier(written, environment.phone)
    except InvalidIdentifier as broken:
        raise malformed(str(broken)) from broken


def find_key(environment: Environment, written: str) -> str:
    """The partition key of ``type:value``, or of an id that we gave."""
    if _KEY.fullmatch(written):
        return written
    return environment.keys(read_identifier(environment, written))


def find_tree(environment: Environment, written: str) -> Tree:
    """The customer that an identifier belongs to.

    Raises
    ------
    Problem
        400 if the identifier cannot be read, 404 if nobody is known by it.
    """
    key = find_key(environment, written)
    store = CustomerStore(environment.customers)
    tree = load_tree(store, key)
    known = len(tree.members) > 1 or tree.control.facts or tree.control.customer
    if not known and not store.log_page(key, limit=1).items:
        raise not_found("nobody is known by this identifier")
    return tree
