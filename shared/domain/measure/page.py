"""A report as one HTML file: no script, nothing is fetched; for phones, desktops and paper, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from shared.domain.measure.charts import chart
from shared.domain.measure.page_style import STYLE
from shared.domain.measure.value_text import NOTHING, Language, change_text, value_text

Report = Mapping[str, Any]
Table = Mapping[str, Any]
FEW_ROWS, MANY_COLUMNS = 6, 8
WIDE_COLUMNS = 14
"""More of them fit paper only with their titles upright."""
MANY_ROWS = 40
"""More of them are folded behind the picture that shows them."""
_DATE, _WHOLE = re.compile(r"\d{4}-\d\d-\d\d"), r'<span class="date">\g<0></span>'
"""A date is not broken at its hyphens."""
_SAID = {
    "period": ("{first} – {last} ({days} gün, {zone})", "{first} to {last} ({days} days, {zone})"),
    "before": ("Önceki dönem: {first} – {last}", "Period before: {first} to {last}"),
    "segment": (
        "Yalnız {segment} segmentinde bugün olan müşteriler",
        "Only customers who are in the segment {segment} today",
    ),
    "interval": ("{low} ile {high} arası (%95)", "{low} to {high} (95%)"),
    "was": ("önce {value}", "was {value}"),
    "empty": ("Bu günlerde hiçbir şey yok.", "There is nothing in these days."),
    "columns": ("Sütunlar ne demek", "What the columns mean"),
    "numbers": ("Sayılar", "Numbers"),
}


def page(report: Report, language: Language) -> str:
    """The whole document. What stands in it comes escaped, whoever said it."""
    title = escape(report["title"][language])
    parts = [f"<section>{table_part(table, report, language)}</section>" for table in report["tables"]]
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{title}</h1>"
        f"<p>{escape(report['description'][language])}</p>{about(report, language)}{''.join(parts)}</main></body>"
        "</html>\n"
    )


def about(report: Report, language: Language) -> str:
    """The days, the period that they are compared with, and whom it is about."""
    lines = [
        _say("period", language, first=report["from"], last=report["to"], days=report["days"], zone=report["time_zone"])
    ]
    if report["before"]:
        lines.append(_say("before", language, first=report["before"]["from"], last=report["before"]["to"]))
    if report["segment"]:
        lines.append(_say("segment", language, segment=report["segment"]))
    return "".join(f'<p class="soft">{_DATE.sub(_WHOLE, escape(line))}</p>' for line in lines)


def table_part(table: Table, report: Report, language: Language, most_rows: int = MANY_ROWS) -> str:
    """A table under its title: its picture, its numbers, what its columns mean. Escaped, and without any style.

    ``most_rows``: more of them are folded behind the picture.
    """
    title = f"<h2>{escape(table['title'][language])}</h2>"
    if not table["rows"]:
        said = escape(table["empty"][language]) if table["empty"] else _say("empty", language)
        return f'{title}<p class="soft">{said}</p>'
    if not table["key"]:
        return f"{title}{_tiles(table, report, language)}{_meanings(table, language)}"
    if len(table["rows"]) <= FEW_ROWS and len(table["columns"]) > MANY_COLUMNS and not table["chart"]:
        return f"{title}{_cards(table, report, language)}{_meanings(table, language)}"
    drawn = chart(table, language, report["currency"])
    shown = _numbers(table, report, language)
    if drawn and len(table["rows"]) > most_rows:
        shown = f"<details><summary>{_say('numbers', language)}</summary>{shown}</details>"
    return f"{title}{drawn}{shown}{_meanings(table, language)}"


def _tiles(table: Table, report: Report, language: Language) -> str:
    return _row_tiles(table["columns"], table["rows"][0], report, language)


def _cards(table: Table, report: Report, language: Language) -> str:
    """A few long rows: each with its name above and its numbers as tiles, so that a phone shows all of them."""
    key = [column for column in table["columns"] if column["name"] in table["key"]]
    numbers = [column for column in table["columns"] if column["name"] not in table["key"]]
    made = []
    for row in table["rows"]:
        name = " · ".join(value_text(row[column["name"]], column["kind"], language) for column in key)
        made.append(f"<h3>{escape(name)}</h3>{_row_tiles(numbers, row, report, language)}")
    return "".join(made)


def _row_tiles(columns: Sequence[Mapping[str, Any]], row: Mapping[str, Any], report: Report, language: Language) -> str:
    """A number with its interval is one tile."""
    ends = {name for column in columns for name in column["between"]}
    made = []
    for column in columns:
        if column["name"] not in ends:
            value = escape(value_text(row[column["name"]], column["kind"], language, report["currency"]))
            small = "".join(f"<small>{line}</small>" for line in _beside(column, row, report, language))
            long = " long" if column["kind"] == "advice" else ""
            made.append(
                f'<div class="tile{long}"><dt>{escape(column["title"][language])}</dt><dd>{value}{small}</dd></div>'
            )
    return f'<dl class="tiles">{"".join(made)}</dl>'


def _beside(column: Mapping[str, Any], row: Mapping[str, Any], report: Report, language: Language) -> list[str]:
    """What stands below a number: its interval, and what it was."""
    name, kind = column["name"], column["kind"]
    lines = []
    if column["between"] and row[column["between"][0]] is not None:
        low, high = (value_text(row[end], kind, language, report["currency"]) for end in column["between"])
        lines.append(escape(_say("interval", language, low=low, high=high)))
    before = (row.get("before") or {}).get(name)
    if before is not None:
        change = escape(change_text(row[name], before, kind, language))
        lines.append(" · ".join(filter(None, (change, _was(before, kind, report, language)))))
    return lines


def _was(value: Any, kind: str, report: Report, language: Language) -> str:
    return escape(_say("was", language, value=value_text(value, kind, language, report["currency"])))


def _numbers(table: Table, report: Report, language: Language) -> str:
    heads = "".join(
        f'<th scope="col"{_word(column)}>{escape(column["title"][language])}</th>' for column in table["columns"]
    )
    lines = []
    for row in table["rows"]:
        cells = "".join(_cell(column, row, report, language) for column in table["columns"])
        lines.append(f"<tr>{cells}</tr>")
    name = escape(f"{table['title'][language]}: {_say('numbers', language)}")
    wide = " wide" if len(table["columns"]) > WIDE_COLUMNS else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table class="numbers{wide}"><thead><tr>'
        f"{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(column: Mapping[str, Any], row: Mapping[str, Any], report: Report, language: Language) -> str:
    name, kind = column["name"], column["kind"]
    value = escape(value_text(row[name], kind, language, report["currency"]))
    before = row.get("before") or {}
    small = f"<small>{_was(before[name], kind, report, language)}</small>" if before.get(name) is not None else ""
    return f"<td{_word(column)}>{value}{small}</td>"


def _word(column: Mapping[str, Any]) -> str:
    if column["kind"] == "date":
        return ' class="word date"'
    return ' class="word"' if column["kind"] in {"text", "weekday", "advice"} else ""


def _meanings(table: Table, language: Language) -> str:
    """Written in English only, as the documents are."""
    if language != "en":
        return ""
    items = "".join(
        f"<dt>{escape(column['title'][language])}</dt><dd>{escape(column['means'])}</dd>" for column in table["columns"]
    )
    return f"<details><summary>{_say('columns', language)}</summary><dl>{items}</dl></details>"


def _say(what: str, language: Language, **values: Any) -> str:
    return _SAID[what][0 if language == "tr" else 1].format(**values) if what in _SAID else NOTHING
