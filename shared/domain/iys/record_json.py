"""What Turkey's register of consent holds and was told, as operators see it."""

from __future__ import annotations

from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.iys.record import Record
from shared.domain.iys.statement import CHANNEL_OF_TYPE, Statement


def record_json(record: Record) -> dict[str, Any]:
    """``status`` is what the register holds; ``statements`` what it was told or has to be, the oldest first."""
    known = record.known
    return {
        "channel": CHANNEL_OF_TYPE[record.type],
        "address": record.recipient or None,
        "recipient_type": record.recipient_type,
        "type": record.type,
        "status": None if known is None else known.status,
        "status_at": None if known is None else time_text(known.at),
        "statements": [_statement_json(one) for one in record.statements],
    }


def _statement_json(one: Statement) -> dict[str, Any]:
    return {
        "status": one.status,
        "at": time_text(one.at),
        "source": one.source,
        "state": one.state,
        "code": one.code or None,
        "due_by": time_text(one.due_by),
        "late": one.late,
        "messageId": one.said or None,
    }
