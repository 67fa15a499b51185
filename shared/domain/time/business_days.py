"""Deadlines in business days of Turkey: the same time of day, so many business days later or earlier."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.time.turkish_holidays import ZONE, is_business_day

_TURKEY = ZoneInfo(ZONE)


def add_business_days(moment: datetime, days: int) -> datetime:
    """The same time of day on the business day that is ``days`` business days after the moment's own day.

    The day of the moment does not count, whatever day it is: Friday 10:00 and three is Wednesday 10:00.
    """
    return _moved(moment, days, timedelta(days=1))


def subtract_business_days(moment: datetime, days: int) -> datetime:
    """The same backwards: what is older than this was more than ``days`` business days ago."""
    return _moved(moment, days, timedelta(days=-1))


def _moved(moment: datetime, days: int, step: timedelta) -> datetime:
    local = moment.astimezone(_TURKEY)
    day, left = local.date(), days
    while left:
        day += step
        left -= is_business_day(day)
    return datetime.combine(day, local.time(), _TURKEY).astimezone(moment.tzinfo)
