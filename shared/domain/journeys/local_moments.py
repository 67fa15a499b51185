"""Times of the day and days of the week as definitions write them."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from shared.domain.definitions.shop import Strict

_WRITTEN = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _time(value: Any) -> Any:
    """``10:00``. YAML reads an unquoted 10:00 as the number 600, in base sixty: that is ten o'clock too."""
    if isinstance(value, time):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    written = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if written is None:
        raise ValueError(f"{str(value)[:40]!r} is no time of the day; write it as 10:00")
    return time(int(written[1]), int(written[2]))


LocalTime = Annotated[time, BeforeValidator(_time), PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str)]
"""A time of the customer's day, to the minute."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Weekdays = Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7), BeforeValidator(_listed)]


class LocalMoment(Strict):
    """The next time at which the customer's clock shows ``time``, on one of these days of the week if any is named."""

    time: LocalTime
    weekday: Weekdays | None = None

    @property
    def weekdays(self) -> frozenset[int]:
        """As ``date.weekday`` counts them."""
        return frozenset(range(7)) if self.weekday is None else frozenset(WEEKDAYS.index(day) for day in self.weekday)


def moment_written(value: Any) -> Any:
    """``until: 10:00`` is ``until: {time: 10:00}``."""
    return value if isinstance(value, Mapping | LocalMoment) else {"time": value}
