"""Who changed what in the console: written before the change is made, and completed after it.

Items of the catalog: ``pk`` ``changes#<month>``, ``sk`` ``<time>#<id>``. People are named by their keys only.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.domain.identity.keys import time_text
from shared.ports import Page, Table

PARTITION = "changes#"
_ID_BYTES = 6
Outcome = Literal["asked", "done", "refused"]


@dataclass(frozen=True, slots=True)
class Change:
    """``what`` is a stable word such as ``journey.paused``; ``about`` names what was changed: no address, no name.

    ``outcome`` is ``asked`` only if the function ended between the two writes: it may have been done or not.
    """

    at: str
    by: str
    subject: str
    what: str
    about: Mapping[str, str]
    outcome: Outcome


class Changes:
    def __init__(self, catalog: Table) -> None:
        self._table = catalog

    @contextmanager
    def noting(self, now: datetime, by: str, subject: str, what: str, about: Mapping[str, str]) -> Iterator[None]:
        """Notes a change around the block that makes it; a block that raises was refused. Two writes."""
        at = time_text(now)
        item = {
            "pk": PARTITION + at[:7],
            "sk": f"{at}#{secrets.token_hex(_ID_BYTES)}",
            "at": at,
            "by": by,
            "subject": subject,
            "what": what,
            "about": dict(about),
        }
        self._table.put({**item, "outcome": "asked"})
        try:
            yield
        except BaseException:
            self._table.put({**item, "outcome": "refused"})
            raise
        self._table.put({**item, "outcome": "done"})

    def page(self, month: str, limit: int, cursor: str | None = None) -> Page:
        """The items of a month (``2026-11``), newest first; ``read_change`` reads one."""
        return self._table.query(PARTITION + month, limit=limit, newest_first=True, cursor=cursor)


def read_change(item: Mapping[str, Any]) -> Change:
    """The change of an item."""
    return Change(item["at"], item["by"], item["subject"], item["what"], item["about"], item["outcome"])
