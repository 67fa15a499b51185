"""From what people write to the customer that is meant."""

from __future__ import annotations

import re

from shared.http.answers import not_found
from shared.http.identifiers import read_identifier
from shared.operators.environment import People
from shared.queries.customer_tree import Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.links import Links

_KEY = re.compile(r"[a-z]\.[A-Za-z0-9_-]{22}")


def find_key(environment: People, written: str) -> str:
    """The partition key of ``type:value``, or of an id that we gave."""
    if _KEY.fullmatch(written):
        return written
    return environment.keys(read_identifier(written, environment.phone))


def find_tree(environment: People, written: str) -> Tree:
    """The customer that an identifier belongs to. Known is also who is only named by a decision about somebody else's
    identifier: he can ask for his erasure.

    Raises
    ------
    Problem
        400 if the identifier cannot be read, 404 if nobody is known by it.
    """
    key = find_key(environment, written)
    store = CustomerStore(environment.customers)
    tree = load_tree(store, key)
    own = tree.control
    known = len(tree.members) > 1 or own.facts or own.customer or own.wrote_anew
    if not known and not store.log_page(key, limit=1).items and not Links(environment.customers).parted(key):
        raise not_found("nobody is known by this identifier")
    return tree
