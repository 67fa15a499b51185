"""What happened to a customer, and what was sent, as lines of a list."""

from __future__ import annotations

from typing import Any

from shared.domain.events.event import Event
from shared.domain.identity.keys import time_text
from shared.domain.messages.evidence import detail_of
from shared.domain.messages.evidence_json import FindJourney, evidence_json, no_journey
from shared.domain.messages.message import Deferred, Failed, Record, Sent, Skipped, Unknown

MESSAGE = "message"
"""The type of a message among the types of events."""


def event_line(event: Event, identifier: str, *, provisional: bool = False) -> dict[str, Any]:
    """One event: its name, the (corrected) time of the client, and under ``identifier`` whose log it lies in.
    ``provisional``: a public source said it, and it does not count as long as no trusted one does."""
    return {
        "kind": "event",
        "time": time_text(event.time),
        "received_at": time_text(event.received_at),
        "type": event.type.value,
        "event": event.name,
        "messageId": event.message_id,
        "source": event.source,
        "channel": event.channel,
        "trusted": event.trusted,
        **({"provisional": True} if provisional else {}),
        "identifier": identifier,
        "identifiers": [str(one) for one in event.identifiers],
        **({"previous": str(event.alias_of)} if event.alias_of else {}),
        "properties": dict(event.properties),
        "traits": dict(event.traits),
        "context": dict(event.context),
    }


def message_line(record: Record, identifier: str, find: FindJourney = no_journey) -> dict[str, Any]:
    """One message, at the time of its last decision: what an event has, and ``message`` with the outcome."""
    return {
        "kind": "message",
        "time": time_text(record.decided_at),
        "received_at": time_text(record.updated_at),
        "type": MESSAGE,
        "event": f"Message {record.state.value.capitalize()}",
        "messageId": record.message_id,
        "source": "kervan",
        "channel": record.channel,
        "trusted": True,
        "identifier": identifier,
        "identifiers": [identifier],
        "properties": {},
        "traits": {},
        "context": {},
        "message": message_json(record, find),
    }


def message_json(record: Record, find: FindJourney = no_journey) -> dict[str, Any]:
    """One message: how far it is, and if it was not sent the reason with its evidence. No address.

    ``find`` reads the journey whose conditions are read aloud.
    """
    outcome = record.outcome
    reason = outcome.reason if isinstance(outcome, Deferred | Skipped | Failed | Unknown) else None
    found = outcome.evidence if isinstance(outcome, Deferred | Skipped) else ()
    detail = outcome.detail if isinstance(outcome, Deferred | Skipped) else ""
    return {
        "message_id": record.message_id,
        "at": time_text(record.decided_at),
        "journey": record.journey,
        "enrollment": record.enrollment,
        "step": record.step,
        "template": record.template,
        "channel": record.channel,
        "purpose": record.purpose,
        "release": record.release,
        "state": record.state.value,
        "reason": reason or None,
        "detail": detail or detail_of(found) or None,
        "evidence": evidence_json(reason, found, record.release, record.journey, record.step, find) if reason else None,
        "sent_at": time_text(outcome.at) if isinstance(outcome, Sent) else None,
        "until": time_text(outcome.until) if isinstance(outcome, Deferred) else None,
        "text": record.text,
        "coupon": record.coupon or None,
        "test": record.test,
    }
