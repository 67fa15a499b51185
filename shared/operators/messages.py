"""``GET /v1/customers/{id}/messages``: what was sent to somebody and what not, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.profile.timeline_json import message_json
from shared.http.answers import not_found
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree
from shared.operators.merging import merged_page
from shared.operators.past_journeys import journeys_of
from shared.operators.timeline_lanes import EVER, messages_of
from shared.stores.ledger import Ledger, read_record
from shared.stores.releases import Releases


def messages(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The messages of all its identifiers, newest decision first, with the reason of what was not sent."""
    tree = find_tree(environment, identifier)
    lanes = [messages_of(environment.messages, key, EVER) for key in tree.keys]
    find = journeys_of(Releases(environment.catalog))
    entries, cursor = merged_page(
        "messages", lanes, query, lambda _kind, _key, item: message_json(read_record(item), find)
    )
    return {"items": entries, "cursor": cursor}


def message(environment: Environment, identifier: str, message_id: str) -> dict[str, Any]:
    """One message of a customer; one of somebody else's is none.

    Raises
    ------
    Problem
        404 if this customer has no such message.
    """
    tree = find_tree(environment, identifier)
    record = Ledger(environment.messages).get(message_id)
    if record is None or record.home not in tree.keys:
        raise not_found("there is no such message of this customer")
    return message_json(record, journeys_of(Releases(environment.catalog)))
