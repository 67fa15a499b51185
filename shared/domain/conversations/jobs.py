"""What is put into the queue of conversations: a message that a channel delivered, or what became of an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from shared.domain.conversations.conversation import INBOUND_CHANNELS
from shared.domain.conversations.message import (
    MOST_ATTACHMENTS,
    SUBJECT_LENGTH,
    TEXT_LENGTH,
    Attachment,
    Inbound,
)
from shared.domain.identity.identifiers import InvalidIdentifier, parse_identifier
from shared.domain.identity.keys import milliseconds, moment

Became = Literal["sent", "failed", "unknown"]
REFERENCE_LENGTH = 300
MOST_REFERENCES = 20


class UnreadableJob(ValueError):
    """The body is no job of ours. The message holds no content."""


class Outcome(Struct, frozen=True):
    """What became of an answer. ``reason`` is a word of the ledger; ``reference`` the id that the channel gave it."""

    message: str
    became: Became
    reason: str = ""
    reference: str = ""


class Rating(Struct, frozen=True):
    """What a customer chose on the page of a question. ``asked_at`` names the question."""

    conversation: str
    asked_at: datetime
    value: int


class Removal(Struct, frozen=True):
    """Who wrote a message took it back. ``home``: the key of his identifier; ``at``: when he did."""

    message: str
    home: str
    at: datetime


def removal_job(removal: Removal) -> str:
    said = {"kind": "removal", "message": removal.message, "home": removal.home, "at": milliseconds(removal.at)}
    return json.dumps(said, separators=(",", ":"))


def rating_job(rating: Rating) -> str:
    said = {"kind": "rating", "conversation": rating.conversation, "value": rating.value}
    return json.dumps({**said, "asked_at": milliseconds(rating.asked_at)}, separators=(",", ":"))


def message_job(one: Inbound) -> str:
    """The body that tells of a message; the key of its identifier is made again by the reader."""
    said: dict[str, Any] = {
        "kind": "message",
        "channel": one.channel,
        "external_id": one.external_id,
        "who": one.who,
        "at": milliseconds(one.at),
        "text": one.text[:TEXT_LENGTH],
        "subject": one.subject[:SUBJECT_LENGTH],
        "automatic": one.automatic,
        "reference": one.reference[:REFERENCE_LENGTH],
        "references": [reference[:REFERENCE_LENGTH] for reference in one.references[-MOST_REFERENCES:]],
        "verified": one.verified,
        "cut": one.cut or len(one.text) > TEXT_LENGTH,
        "attachments": [
            [file.name, file.type, file.size, file.place, file.refused, *([file.source] if file.source else [])]
            for file in one.attachments[:MOST_ATTACHMENTS]
        ],
    }
    kept = {name: value for name, value in said.items() if value not in ("", False, None, [])}
    return json.dumps({**kept, "text": said["text"], "verified": one.verified}, separators=(",", ":"))


def outcome_job(outcome: Outcome) -> str:
    said = {"kind": "outcome", "message": outcome.message, "became": outcome.became, "reason": outcome.reason}
    return json.dumps({**said, "reference": outcome.reference}, separators=(",", ":"))


def read_job(body: str, keys: Any) -> Inbound | Outcome | Rating | Removal:
    """The job in a body. ``keys`` makes the key of an identifier.

    Raises
    ------
    UnreadableJob
        If it is something else.
    """
    try:
        content = json.loads(body)
        if content["kind"] == "outcome":
            return _outcome(content)
        if content["kind"] == "rating":
            return _rating(content)
        if content["kind"] == "removal":
            return Removal(str(content["message"]), str(content["home"]), _instant(content["at"]))
        return _inbound(content, keys)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as broken:
        raise UnreadableJob("the body is no job for conversations") from broken


def _outcome(content: Mapping[str, Any]) -> Outcome:
    if content["became"] not in ("sent", "failed", "unknown"):
        raise UnreadableJob("nobody knows this outcome")
    return Outcome(
        str(content["message"]), content["became"], str(content.get("reason", "")), str(content.get("reference", ""))
    )


def _rating(content: Mapping[str, Any]) -> Rating:
    value = content["value"]
    if type(value) is not int or not 1 <= value <= 5:
        raise UnreadableJob("nobody knows this rating")
    return Rating(str(content["conversation"]), _instant(content["asked_at"]), value)


def _inbound(content: Mapping[str, Any], keys: Any) -> Inbound:
    if content["channel"] not in INBOUND_CHANNELS:
        raise UnreadableJob("nobody knows this channel")
    try:
        who = parse_identifier(content["who"])
    except InvalidIdentifier as broken:
        raise UnreadableJob("the job names nobody") from broken
    return Inbound(
        channel=content["channel"],
        external_id=str(content["external_id"]),
        home=keys(who),
        who=str(who),
        at=_instant(content["at"]),
        text=str(content["text"]),
        subject=str(content.get("subject", "")),
        attachments=tuple(_attachment(one) for one in content.get("attachments", ())),
        automatic=bool(content.get("automatic")),
        reference=str(content.get("reference", "")),
        references=tuple(str(one) for one in content.get("references", ())),
        verified=content.get("verified"),
        cut=bool(content.get("cut")),
    )


def _attachment(row: Any) -> Attachment:
    name, kind, size, place, refused, *more = row  # who still waited in the queue at a release has no source
    return Attachment(str(name), str(kind), int(size), str(place), str(refused), *map(str, more[:1]))


def _instant(ms: Any) -> datetime:
    if type(ms) is not int:
        raise UnreadableJob("the time is no number")
    return moment(ms)
