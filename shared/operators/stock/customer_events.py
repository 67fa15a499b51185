"""Events that follow from stock: written at once, and once more by a timer in case that a crash came between."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.identity.keys import safe_id
from shared.operators.stock.environment import Environment
from shared.stores.stock_events import Notice

REF = "notice"
AFTER = timedelta(minutes=2)
"""Longer than a request takes: by then the notice is there, or never will be."""


def arm_notice(environment: Environment, notice: Notice, now: datetime) -> None:
    """Before the transaction that writes the notice."""
    environment.timers.arm("stock", now + AFTER, safe_id(notice.id), REF, step=notice.id)


def write_event(environment: Environment, notice: Notice) -> None:
    """Write the event into the customer's log; twice is once."""
    environment.people().notices.send(notice)
