"""Answers a report by Athena: for lakes that are larger than one function reads in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.measure.answer_report import RefusedReport, days_of, question_of, report_of
from functions.measure.athena_sql import athena_statements
from functions.measure.erasures import Erased, rows_of
from functions.measure.report import Found, Row, asked_values, composed
from shared.domain.measure.period import Period

AT_ONCE = 5
"""Queries; an account may run 20 at once in its smallest regions."""
LONGEST = 262_144
"""Bytes of a statement that Athena takes."""
TOO_MANY_ERASED = "more people were erased since the night than a statement of Athena can name: ask again tomorrow"


def answer_by_athena(
    query: Callable[[str], Sequence[Row]],
    asked: Mapping[str, Any],
    *,
    database: str,
    erased: Iterable[Erased] = (),
) -> dict[str, Any]:
    """The report as ``answer_report`` gives it, by one query for each of its tables.

    Parameters
    ----------
    query
        Runs a statement of Athena and gives its rows, values in Python's types.
    erased
        The notes that no night has carried out yet.

    Raises
    ------
    RefusedReport
        As ``answer_report`` raises it; 413 where more people were erased since the night than a statement can name.
    """
    report = report_of(str(asked["report"]))
    question = question_of(report, asked)
    hidden = rows_of(erased)
    first = days_of(report, question).first
    first_day = first.isoformat() if first is not None else "0001-01-01"

    def found(period: Period) -> Found:
        values = asked_values(question, period)
        statements = athena_statements(report, values, database=database, first_day=first_day, erased=hidden)
        if any(len(statement.encode()) > LONGEST for statement in statements.values()):
            raise RefusedReport(413, TOO_MANY_ERASED)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            rows = list(pool.map(query, statements.values()))
        return {name: list(one) for name, one in zip(statements, rows, strict=True)}

    return composed(report, question, found)
