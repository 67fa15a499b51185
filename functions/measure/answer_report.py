"""One request for a report, from what was written to what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from functions.measure.lake_reader import VIEWS, Days, open_lake
from functions.measure.report import Question, answer, views_of
from functions.measure.report_files import Report, read_report, report_names
from shared.domain.identity.keys import milliseconds
from shared.domain.lake.tables import CUSTOMERS, ORDERS, OUTCOMES
from shared.domain.measure.period import WrongPeriod, read_period
from shared.ports.objects import Objects

_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"", "false", "0", "no"})
LONGEST_SEGMENT = 100
LOOKS_BACK = timedelta(days=9)
"""Seven days before a purchase, and two for time zones."""
TOO_MUCH = "the report takes longer than one answer may: name fewer days, or fewer customers by a segment"


class RefusedReport(Exception):
    """A report that is not answered: a status of HTTP, and a sentence that says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def answer_report(
    objects: Objects,
    asked: Mapping[str, Any],
    *,
    scratch: Path | None = None,
    memory_mb: int = 1_000,
    seconds: float | None = None,
    rolled: bool = True,
) -> dict[str, Any]:
    """The report ``asked["report"]`` about the days ``from`` to ``to`` of ``time_zone``.

    Parameters
    ----------
    scratch
        Where the engine may write.
    seconds
        What longer takes, is ended.
    rolled
        False computes all of the lake's own rows. The answer is the same.

    Raises
    ------
    RefusedReport
        404 for an unknown report, 400 for days or values that cannot be used, 413 for what takes too long or too much.
    """
    ends = None if seconds is None else monotonic() + seconds
    report = report_of(str(asked["report"]))
    question = question_of(report, asked)
    reads = views_of(report) if rolled else VIEWS
    days = days_of(report, question)
    with open_lake(objects, days=days, reads=reads, scratch=scratch, memory_mb=memory_mb) as connection:
        clock = None if ends is None else Timer(max(0.0, ends - monotonic()), connection.interrupt)

        def go_on() -> None:
            if ends is not None and monotonic() > ends:
                raise RefusedReport(413, TOO_MUCH)

        try:
            if clock:
                clock.start()
            return answer(connection, report, question, go_on)
        except (duckdb.InterruptException, duckdb.OutOfMemoryException) as much:
            raise RefusedReport(413, TOO_MUCH) from much
        finally:
            if clock:
                clock.cancel()


def days_of(report: Report, question: Question) -> Days:
    """Events of the days, those of the week before, where purchases began, and everything after: a message of the last
    day is clicked later. Orders, messages and customers are whole: the first order of a customer may be years ago."""
    before = question.compare or report.head.reads_before
    first = (question.period.before() if before else question.period).first
    return Days(first=first - LOOKS_BACK, whole=frozenset({CUSTOMERS.name, ORDERS.name, OUTCOMES.name}))


def report_of(name: str) -> Report:
    if name not in report_names():
        raise RefusedReport(404, f"there is no such report; there are: {', '.join(report_names())}")
    return read_report(name)


def question_of(report: Report, asked: Mapping[str, Any]) -> Question:
    now, zone = datetime.fromisoformat(asked["now"]), ZoneInfo(asked["time_zone"])
    try:
        period = read_period(asked["from"], asked["to"], now, zone)
    except WrongPeriod as wrong:
        raise RefusedReport(400, str(wrong)) from wrong
    compare = asked["compare"].lower()
    if compare not in _YES | _NO:
        raise RefusedReport(400, "compare is true or false")
    if compare in _YES and "compare" not in report.head.parameters:
        raise RefusedReport(400, "this report is not compared with the period before: leave compare out")
    if len(asked["segment"]) > LONGEST_SEGMENT:
        raise RefusedReport(400, "segment is the name of a segment, of at most 100 characters")
    prices = {channel: Decimal(price) for channel, price in asked.get("prices", {}).items()}
    return Question(period, asked["currency"], milliseconds(now), asked["segment"], compare in _YES, prices)
