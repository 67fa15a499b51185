"""What an event tells about the message of ours that it is about."""

from __future__ import annotations

from shared.domain.messages.message import Record


def about_message(record: Record) -> dict[str, str]:
    """Properties of an event about this message (docs/messages.md)."""
    return {
        "message_id": record.message_id,
        "journey": record.journey,
        "enrollment": record.enrollment,
        "step": record.step,
        "template": record.template,
        "purpose": record.purpose,
        "channel": record.channel,
    }
