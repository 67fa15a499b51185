"""``POST /v1/customers/{child}/release`` and ``/relink``: an operator's verdict on a link, stored as an event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.events.event import Event, EventType, Source
from shared.domain.identity.claims import LINK_RELEASED, LINK_RESTORED, Claim, Verdict
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import event_id, milliseconds, moment
from shared.domain.identity.links import after
from shared.http.answers import Problem
from shared.http.identifiers import read_identifier
from shared.operators.environment import Environment
from shared.operators.find_customer import find_key
from shared.queries.customer_tree import Member
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.links import Links, parted_item

RELEASE, RELINK = "release", "relink"
EVENT_NAMES = {RELEASE: LINK_RELEASED, RELINK: LINK_RESTORED}


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """What an operator decided: which action, for which owner, why, and an id by which a retry is known."""

    action: str
    owner: Identifier
    reason: str
    message_id: str


@dataclass(frozen=True, slots=True)
class WantedVerdict:
    """The same as it was written: the owner as text, and an id only from who may send it again."""

    owner: str
    reason: str
    message_id: str | None = None


def store_verdict(
    environment: Environment, written: str, action: str, wanted: WantedVerdict, source: Source
) -> dict[str, Any]:
    """Store one verdict on a link; segmentation follows it within seconds, and the answer tells what will happen.

    The event goes into the log of the child, where it counts, and into the owner's, whose timeline should tell it too.

    Raises
    ------
    Problem
        400 for an identifier that cannot be read, 409 if the two were never linked.
    """
    given = GivenVerdict(
        action,
        read_identifier(wanted.owner, environment.phone),
        wanted.reason.strip(),
        secrets.token_hex(16) if wanted.message_id is None else wanted.message_id,
    )
    key, owner_key = find_key(environment, written), environment.keys(given.owner)
    control = CustomerStore(environment.customers).control(key)
    child = Member(key, control).identifier or (read_identifier(written, environment.phone) if written != key else None)
    claim = control.claim
    if child is None or claim is None or not _ever_linked(claim, owner_key):
        raise Problem(
            409,
            "not_linked",
            "these two were never linked; /links of the customer shows who was (it follows in seconds)",
        )
    earlier = Links(environment.customers).verdict_times(owner_key, key)
    now = _time(earlier, claim.verdicts.get(owner_key), given, environment)
    verdict: Verdict = (now, event_id(given.message_id, trusted=True), "release" if action == RELEASE else "link")
    about = {"owner": str(given.owner), "reason": given.reason}
    environment.customers.put_many(
        [
            event_item(_event(given, source, now, child, about), environment.keys),
            event_item(_event(given, source, now, given.owner, about | {"child": str(child)}), environment.keys),
            parted_item(owner_key, key, earlier | {verdict[1]: now}),
        ]
    )
    then = _owner_then(after(claim, owner_key, verdict), environment)
    return {
        "accepted": True,
        "messageId": given.message_id,
        "child": str(child),
        "owner": str(given.owner),
        "owner_then": then,
        "will": _will(action, str(child), str(given.owner), then),
    }


def _time(earlier: Mapping[str, int], known: Verdict | None, given: GivenVerdict, environment: Environment) -> int:
    """A retry has the time of the first attempt; else it is later than every verdict on this link."""
    first_time = earlier.get(event_id(given.message_id, trusted=True))
    if first_time is not None:
        return first_time
    last = max((known[0] if known else 0), *earlier.values(), 0)
    return max(milliseconds(environment.clock.now()), last + 1)


def _owner_then(claim: Claim, environment: Environment) -> str | None:
    """The owner that counts by this claim, in its plain form as far as it is known."""
    parent = claim.parent()
    return None if parent is None else Links(environment.customers).names([parent]).get(parent, parent)


def _ever_linked(claim: Claim, owner: str) -> bool:
    return owner in claim.trusted.owners or owner in claim.public.owners or owner in claim.verdicts


def _event(given: GivenVerdict, source: Source, now: int, who: Identifier, about: Mapping[str, Any]) -> Event:
    return Event(
        type=EventType.TRACK,
        name=EVENT_NAMES[given.action],
        message_id=given.message_id,
        time=moment(now),
        received_at=moment(now),
        source=source.name,
        channel=source.channel,
        trusted=True,
        identifiers=(who,),
        properties=about,
        context={"active": False},  # nobody visited: it is no hour in which the customer is active
    )


def _will(action: str, child: str, owner: str, then: str | None) -> str:
    if action == RELEASE:
        stands = "it stands alone" if then is None else f"it belongs to {then}"
        return (
            f"within seconds {child} is taken from {owner} and {stands}; events stay where they are, relink undoes it"
        )
    if then == owner:
        return f"within seconds {child} belongs to {owner} again, with everything that it tells; release undoes it"
    return f"the claim of {owner} on {child} counts again, but {then} outranks it: {child} stays with {then}"
