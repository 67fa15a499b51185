"""``GET /v1/customers/{id}/consents``: what holds now per channel and purpose and why, and every statement as proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.ingest.answers import malformed
from functions.ingest.environment import Environment
from functions.ingest.finding import find_tree
from functions.ingest.paging import limit_of, read_mark, write_mark
from shared.domain.consent import CHANNELS
from shared.domain.consent_view import Statement, gather, holding, place, statement_json
from shared.domain.messages.address import address_of
from shared.stores.consent_items import statements
from shared.stores.links import name_of


def consents(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """``now`` is what a gate would decide from; ``items`` are the statements, the last received first."""
    limit = limit_of(query)
    mark = _mark(query)
    tree = find_tree(environment, identifier)
    profile = tree.profile()
    partitions = {member.key: name_of(member) for member in tree.members}
    plain = {environment.keys(known): str(known) for known in profile.identifiers}
    in_use: dict[str, str] = {}
    for channel in CHANNELS:
        address = address_of(profile, channel, environment.keys, phone=environment.phone, dead={})
        if address is not None:
            in_use[channel] = address.key
            kind = "email" if channel == "email" else "phone"
            plain[address.key] = f"{kind}:{address.to}" if address.to else f"{len(address.tokens)} devices"
            if address.to:
                partitions.setdefault(address.key, plain[address.key])
    found = gather(
        Statement(said, trusted, (name,))
        for key, name in partitions.items()
        for said, trusted in statements(environment.customers, key)
    )
    rest = [one for one in found if mark is None or list(place(one)) < mark]
    items = [statement_json(one, plain) for one in rest[:limit]]
    cursor = write_mark(["consents", *place(rest[limit - 1])]) if len(rest) > limit else None
    return {"now": holding(found, in_use, plain, environment.clock.now()), "items": items, "cursor": cursor}


def _mark(query: Mapping[str, str]) -> list[Any] | None:
    match read_mark(query):
        case None:
            return None
        case ["consents", str(), str(), str(), str(), str(), bool()] as mark:
            return list(mark[1:])
        case _:
            raise malformed("the cursor is not one of this list; start again without it")
