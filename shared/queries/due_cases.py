"""Which requests of people should be answered soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.privacy.case import Due, due_of
from shared.ports import Table
from shared.stores.cases import Cases

LOOKED_BACK = timedelta(days=120)
"""Requests of the last months are read. One that has no answer after that was overdue for ninety days."""


def due_cases(catalog: Table, now: datetime) -> Due:
    """One request for 200 cases of the last four months."""
    return due_of(Cases(catalog).asked_since(now - LOOKED_BACK), now)
