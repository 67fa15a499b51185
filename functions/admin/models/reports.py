"""Reports: what they say, and their rows (docs/reports.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.admin.models.base import AnswerModel, Sentences

Day = Annotated[str, Field(examples=["2026-11-30"])]


class ReportColumn(AnswerModel):
    """A column: ``kind`` says the unit. ``share``: 0 to 1; ``points``: a difference of two; ``money``: in ``currency``;
    ``weekday``: 1 is Monday. ``between``: the columns with the ends of its 95% interval."""

    name: str
    kind: Literal[
        "text", "date", "count", "number", "money", "share", "days", "hours", "weekday", "ratio", "points", "advice"
    ]
    title: Sentences
    means: str
    between: list[str]


class ReportChart(AnswerModel):
    kind: Literal["bars", "lines", "matrix"]
    x: str
    y: list[str]
    by: str


class ReportTable(AnswerModel):
    """A table without its rows. ``key``: the columns that name a row."""

    name: str
    title: Sentences
    key: list[str]
    columns: list[ReportColumn]
    chart: ReportChart | None
    empty: Sentences | None = Field(description="what no rows mean, where that is worth saying")


class FilledTable(ReportTable):
    """A table with its rows: values by column; of a comparison ``before`` has the numbers of the period before."""

    rows: list[dict[str, Any]]


class ReportHead(AnswerModel):
    name: str
    title: Sentences
    description: Sentences
    parameters: list[Literal["from", "to", "segment", "compare"]]
    tables: list[ReportTable]


class ReportHeads(AnswerModel):
    items: list[ReportHead]


class PeriodBefore(AnswerModel):
    from_: Day = Field(alias="from")
    to: Day


class ReportAnswer(AnswerModel):
    """A report about whole days of the shop's time zone, ``from`` and ``to`` included."""

    name: str
    title: Sentences
    description: Sentences
    parameters: list[Literal["from", "to", "segment", "compare"]]
    from_: Day = Field(alias="from")
    to: Day
    days: int
    before: PeriodBefore | None
    time_zone: str
    currency: str
    segment: str | None
    tables: list[FilledTable]
