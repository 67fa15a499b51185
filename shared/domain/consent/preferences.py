"""What a person chose beside yes and no: how often at most, a pause, a language; and the one rule by which it is read.

Choices are kept as statements with their proof. Each says everything, so the newest one holds, in whatever order and
however often they are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

PAUSE_DAYS = 30
"""How long a pause lasts that the page of preferences offers."""
AT_MOST_ONE_IN = (7, 30)
"""Days in which a person may want one commercial message at the most."""
LONGEST_CAP = max(AT_MOST_ONE_IN)


class Preference(Struct, frozen=True):
    """One statement. ``message_id`` is the id of its event, ``link`` the message whose link led to the page.

    ``one_in_days``: at most one commercial message in so many days; 0: as many as the shop sends.
    """

    time: datetime
    message_id: str
    one_in_days: int = 0
    paused_until: datetime | None = None
    language: str = ""
    source: str = ""
    origin: str = ""
    text_version: str = ""
    link: str = ""

    def paused(self, now: datetime) -> bool:
        """Whether it asks for a pause at ``now``; the end is not part of the pause."""
        return self.paused_until is not None and now < self.paused_until


def newest_preference(statements: Iterable[Preference]) -> Preference | None:
    """The statement that holds: the latest, whatever the order of reading; None if nobody ever chose."""
    return max(statements, key=_strength, default=None)


def _strength(one: Preference) -> tuple[object, ...]:
    """A total order by time; what follows only keeps the choice the same whatever the order of reading."""
    until = one.paused_until.isoformat() if one.paused_until else ""
    return one.time, one.message_id, one.one_in_days, until, one.language, one.source, one.origin, one.link
