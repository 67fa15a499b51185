"""Notes who was seen with a push token, before the facts that name it are written (``push_tokens``)."""

from __future__ import annotations

from collections.abc import Callable

from shared.domain.facts.facts import Facts
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import type_of_key
from shared.stores.customers import CustomerStore

TokenKey = Callable[[str], str]
"""The partition key of a token: a keyed digest."""


def note_holders(store: CustomerStore, pk: str, held: Facts | None, facts: Facts, key: TokenKey) -> None:
    """Notes a user under the tokens that its facts name for the first time. Repeating it changes nothing."""
    if type_of_key(pk) is not IdentifierType.USER:
        return
    known = held.tokens.entries if held is not None else {}
    for token in facts.tokens.entries.keys() - known.keys():
        store.put_holder(key(token), pk)
