"""``GET /v1/customers/{id}/links``: which event made each link, who undid it, and what is contested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.events.event import Event
from shared.domain.identity.claims import Claim
from shared.domain.identity.keys import moment, rank_of_key, time_text
from shared.domain.identity.links import Link, links_of
from shared.http.answers import malformed
from shared.operators.environment import Environment
from shared.operators.find_customer import find_tree
from shared.operators.paging import limit_of, read_mark, write_mark
from shared.queries.customer_tree import Member, Tree
from shared.stores.customers import CustomerStore
from shared.stores.links import Links


def links(environment: Environment, identifier: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Every identifier of the customer, root first, then those that were released from it; each with its links."""
    return links_of_tree(environment, find_tree(environment, identifier), query)


def links_of_tree(environment: Environment, tree: Tree, query: Mapping[str, str]) -> dict[str, Any]:
    """The same of a customer that was read."""
    limit = limit_of(query)
    mark = _mark(query)
    store, stored = CustomerStore(environment.customers), Links(environment.customers)
    members = {member.key: member for member in tree.members}
    parted = {child for key in members for child in stored.parted(key) if child not in members}
    order = [tree.root, *sorted({*members, *parted} - {tree.root}, key=_place)]
    rest = order if mark is None else [key for key in order if key != tree.root and _place(key) > mark]
    shown = [members.get(key) or Member(key, store.control(key)) for key in rest[:limit]]
    told = {member.key: links_of(member.control.claim or Claim()) for member in shown}
    names = stored.names(link.owner for found in told.values() for link in found)
    items = [_identifier(member, told[member.key], member.key in members, names, stored) for member in shown]
    more = len(rest) > limit
    return {"items": items, "cursor": write_mark(["links", *_place(rest[limit - 1])]) if more else None}


def _identifier(
    member: Member, found: tuple[Link, ...], is_member: bool, names: Mapping[str, str], stored: Links
) -> dict[str, Any]:
    contested = member.control.claim.contested_from(member.key) if member.control.claim else None
    owner = next((link.owner for link in found if link.state == "current"), None)
    return {
        "identifier": member.name,
        "id": member.key,
        "member": is_member,
        "owner": None if owner is None else names.get(owner, owner),
        "contested_from": None if contested is None else time_text(moment(contested)),
        "links": [_link(member.key, link, names, stored) for link in found],
    }


def _link(child: str, link: Link, names: Mapping[str, str], stored: Links) -> dict[str, Any]:
    verdict = None
    if link.verdict is not None:
        when, event_id, word = link.verdict
        said = stored.event(child, (when, event_id))
        verdict = {
            "word": "released" if word == "release" else "restored",
            "time": time_text(moment(when)),
            "reason": said.properties.get("reason") if said else None,
            "event": _event(said),
        }
    return {
        "owner": names.get(link.owner, link.owner),
        "owner_id": link.owner,
        "state": link.state,
        "since": time_text(moment(link.since)),
        "trusted": link.trusted,
        "said": [
            {
                "time": time_text(moment(saying.stamp[0])),
                "trusted": saying.trusted,
                "event": _event(stored.event(link.owner, saying.stamp)),
            }
            for saying in link.sayings
        ],
        "verdict": verdict,
    }


def _event(event: Event | None) -> dict[str, Any] | None:
    """The event that said so; None if the log does not hold it any more."""
    if event is None:
        return None
    return {
        "event": event.name,
        "type": event.type.value,
        "messageId": event.message_id,
        "time": time_text(event.time),
        "received_at": time_text(event.received_at),
        "source": event.source,
        "channel": event.channel,
        "identifiers": [str(one) for one in event.identifiers],
    }


def _place(key: str) -> tuple[int, str]:
    return rank_of_key(key), key


def _mark(query: Mapping[str, str]) -> tuple[int, str] | None:
    match read_mark(query):
        case None:
            return None
        case ["links", int() as rank, str() as key]:
            return rank, key
        case _:
            raise malformed("the cursor is not one of this list; start again without it")
