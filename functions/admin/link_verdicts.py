"""``POST /v1/customers/{child}/release`` and ``/relink``: a person's word on one link, stored as an ordinary event."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.admin.environment import Environment
from functions.admin.find_customer import find_key
from functions.admin.json_body import json_body
from shared.domain.events.event import Event, EventType, Source
from shared.domain.events.size_limits import MESSAGE_ID_LENGTH
from shared.domain.identity.claims import LINK_RELEASED, LINK_RESTORED, Claim, Verdict
from shared.domain.identity.identifiers import Identifier
from shared.domain.identity.keys import event_id, milliseconds, moment
from shared.domain.identity.links import after
from shared.http.answers import Answer, Problem, answer, malformed
from shared.http.identifiers import read_identifier
from shared.http.request import Request
from shared.queries.customer_tree import Member
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.links import Links, parted_item

RELEASE, RELINK = "release", "relink"
NAMES = {RELEASE: LINK_RELEASED, RELINK: LINK_RESTORED}
REASON_LENGTH = 500
_WORDS = frozenset({"owner", "reason", "messageId"})
_EXAMPLE = '{"owner": "user:42", "reason": "why"}, with messageId if you may send it again'


@dataclass(frozen=True, slots=True)
class Word:
    """What the body says: from which owner, why, and an id by which a retry is known."""

    owner: Identifier
    reason: str
    message_id: str


def say(request: Request, environment: Environment, written: str, word: str, source: Source) -> Answer:
    """Take one word; segmentation follows it within seconds, so the answer is 202 and tells what will happen.

    The event goes into the log of the child, where it counts, and into the owner's, whose timeline should tell it too.

    Raises
    ------
    Problem
        400 for a body that says nothing, 404 if nobody is known by the identifier, 409 if the two were never linked.
    """
    said = _read(request, environment)
    key, owner_key = find_key(environment, written), environment.keys(said.owner)
    control = CustomerStore(environment.customers).control(key)
    child = Member(key, control).identifier or (read_identifier(written, environment.phone) if written != key else None)
    claim = control.claim
    if child is None or claim is None or not _ever_linked(claim, owner_key):
        raise Problem(
            409,
            "not_linked",
            "these two were never linked; /links of the customer shows who was (it follows in seconds)",
        )
    stored = Links(environment.customers)
    words = stored.words(owner_key, key)
    now = _time(words, claim.verdicts.get(owner_key), said, environment)
    verdict: Verdict = (now, event_id(said.message_id, trusted=True), "release" if word == RELEASE else "link")
    about = {"owner": str(said.owner), "reason": said.reason}
    environment.customers.put_many(
        [
            event_item(_event(word, said, source, now, child, about), environment.keys),
            event_item(_event(word, said, source, now, said.owner, about | {"child": str(child)}), environment.keys),
            parted_item(owner_key, key, words | {verdict[1]: now}),
        ]
    )
    parent = after(claim, owner_key, verdict).parent()
    names = stored.names([parent] if parent else [])
    then = None if parent is None else names.get(parent, parent)
    return answer(
        {
            "accepted": True,
            "messageId": said.message_id,
            "child": str(child),
            "owner": str(said.owner),
            "owner_then": then,
            "will": _will(word, str(child), str(said.owner), then),
        },
        202,
    )


def _time(words: Mapping[str, int], known: Verdict | None, said: Word, environment: Environment) -> int:
    """A retry has the time of the first; else it is later than every word on this link, whatever the clocks say."""
    sent_steps = words.get(event_id(said.message_id, trusted=True))
    if sent_steps is not None:
        return sent_steps
    last = max((known[0] if known else 0), *words.values(), 0)
    return max(milliseconds(environment.clock.now()), last + 1)


def _ever_linked(claim: Claim, owner: str) -> bool:
    return owner in claim.trusted.owners or owner in claim.public.owners or owner in claim.verdicts


def _event(word: str, said: Word, source: Source, now: int, who: Identifier, about: Mapping[str, Any]) -> Event:
    return Event(
        type=EventType.TRACK,
        name=NAMES[word],
        message_id=said.message_id,
        time=moment(now),
        received_at=moment(now),
        source=source.name,
        channel=source.channel,
        trusted=True,
        identifiers=(who,),
        properties=about,
        context={"active": False},  # nobody visited: it is no hour in which the customer is active
    )


def _will(word: str, child: str, owner: str, then: str | None) -> str:
    if word == RELEASE:
        stands = "it stands alone" if then is None else f"it belongs to {then}"
        return (
            f"within seconds {child} is taken from {owner} and {stands}; events stay where they are, relink undoes it"
        )
    if then == owner:
        return f"within seconds {child} belongs to {owner} again, with everything that it tells; release undoes it"
    return f"the claim of {owner} on {child} counts again, but {then} outranks it: {child} stays with {then}"


def _read(request: Request, environment: Environment) -> Word:
    body = json_body(request, words=_WORDS, example=_EXAMPLE)
    owner, reason, message_id = body.get("owner"), body.get("reason"), body.get("messageId")
    if not isinstance(owner, str):
        raise malformed("owner is the identifier that the link goes to, such as user:42")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > REASON_LENGTH:
        raise malformed(f"reason says why, in 1 to {REASON_LENGTH} characters: it stays in the timeline")
    if message_id is None:
        message_id = secrets.token_hex(16)
    elif not isinstance(message_id, str) or not message_id.strip() or len(message_id) > MESSAGE_ID_LENGTH:
        raise malformed(f"messageId is a text of at most {MESSAGE_ID_LENGTH} characters")
    return Word(read_identifier(owner, environment.phone), reason.strip(), message_id)
