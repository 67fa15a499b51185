"""Values as people read them: times in the shop's zone, money, numbers, in the person's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.console.texts import text

MONTHS = {
    "tr": ("Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
DAYS = {
    "tr": ("Pazartesi", "Salı", "Çarşamba", "Perşembe", "Cuma", "Cumartesi", "Pazar"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_WEEK = timedelta(days=6)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
BRIEF = 400
"""Letters of one value that are shown."""


@dataclass(frozen=True, slots=True)
class Values:
    """``now`` is the shop's time."""

    language: str
    now: datetime

    def when(self, written: str | None, zone: str = "UTC") -> str:
        """A time: ``Fri 27 Nov, 14:05``, with the year if it is another one."""
        if not written:
            return ""
        at = datetime.fromisoformat(written).astimezone(ZoneInfo(zone))
        return f"{self._date(at, zone)}, {at:%H:%M}"

    def day(self, written: str | None, zone: str = "UTC") -> str:
        """The date alone; the last six days by their names."""
        if not written:
            return ""
        at = datetime.fromisoformat(written).astimezone(ZoneInfo(zone))
        return self._date(at, zone)

    def clock(self, written: str, zone: str = "UTC") -> str:
        """The time of the day."""
        return f"{datetime.fromisoformat(written).astimezone(ZoneInfo(zone)):%H:%M}"

    def tick(self, written: str, zone: str = "UTC") -> str:
        """The shortest date: ``27 Nov``."""
        at = datetime.fromisoformat(written).astimezone(ZoneInfo(zone))
        return f"{at.day} {MONTHS[self.language][at.month - 1]}, {at:%H:%M}"

    def maybe_when(self, value: Any, zone: str = "UTC") -> str:
        """A time as a time, anything else as ``brief``."""
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return self.when(value, zone)
        return self.brief(value)

    def brief(self, value: Any) -> str:
        """A value of somebody's JSON in one line."""
        written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        return written if len(written) <= BRIEF else written[:BRIEF] + "…"

    def number(self, value: float, decimals: int = 2) -> str:
        """With the language's separators: ``12.345,5`` or ``12,345.5``."""
        written = f"{value:,}" if isinstance(value, int) else f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
        return written.translate(str.maketrans(",.", ".,")) if self.language == "tr" else written

    def money(self, value: float | None, currency: str) -> str:
        if value is None:
            return "–"
        written = f"{value:,.2f}"
        written = written.translate(str.maketrans(",.", ".,")) if self.language == "tr" else written
        return f"{written} {currency}"

    def size(self, count: int) -> str:
        """Of a file: ``12 KB``, ``3.4 MB``."""
        if count < 1_000_000:
            return f"{self.number(max(1, round(count / 1_000)))} KB"
        return f"{self.number(round(count / 1_000_000, 1))} MB"

    def share(self, value: float) -> str:
        """A part of a whole with two decimals: ``0.25%`` or ``%0,25``; limits of senders lie there."""
        written = f"{100 * value:.2f}"
        return f"%{written.replace('.', ',')}" if self.language == "tr" else f"{written}%"

    def label(self, labels: Mapping[str, str], name: str) -> str:
        """What a definition is called in this language, else its name."""
        return labels.get(self.language) or labels.get("en") or labels.get("tr") or name

    def said(self, both: Mapping[str, Any] | None) -> str:
        """The sentence of a pair in both languages."""
        return str(both[self.language]) if both else ""

    def since(self, written: str) -> str:
        """How long ago, in the largest unit that fits: ``5 min``, ``3 h``, ``2 d``."""
        minutes = int((self.now - datetime.fromisoformat(written)) / timedelta(minutes=1))
        if minutes < 1:
            return text("time.now", self.language)
        for unit, size in (("days", 1_440), ("hours", 60), ("minutes", 1)):
            if minutes >= size:
                return text(f"time.{unit}", self.language, count=minutes // size)
        raise AssertionError("a minute is a minute")

    def hours(self, written: str | None) -> float:
        """Hours since then; 0 for no time."""
        return (self.now - datetime.fromisoformat(written)) / timedelta(hours=1) if written else 0

    def _date(self, at: datetime, zone: str) -> str:
        today = self.now.astimezone(ZoneInfo(zone)).date()
        name = DAYS[self.language][at.weekday()]
        if at.date() == today:
            return text("time.today", self.language)
        month = MONTHS[self.language][at.month - 1]
        year = "" if at.year == today.year else f" {at.year}"
        short = name if abs(at.date() - today) <= _WEEK else name[:3]
        return f"{short} {at.day} {month}{year}"
