"""`kervan report`: answers of the lake as a table, JSON, CSV or one page of HTML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cli.deployment.api import AdminApi, admin_api, quoted
from cli.failure import Failure, WrongUse
from cli.output.tables import Json, as_json, line, table
from shared.domain.measure.page import page
from shared.domain.measure.report_csv import csv_text
from shared.domain.measure.value_text import Language, change_text, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIST = "list"
LANGUAGES = ("en", "tr")
ENGINES = ("duckdb", "athena")


def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the report; `list` shows all.")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="With --csv: where to write it.")] = None,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day; 30 days if absent.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day; yesterday if absent.")] = "",
    segment: Annotated[str, typer.Option(help="Only customers who are in this segment today.")] = "",
    compare: Annotated[bool, typer.Option("--compare", help="Beside it the period before.")] = False,
    part: Annotated[str, typer.Option("--table", metavar="TABLE", help="Only this table of the report.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, or write it to FILE.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page of HTML.")] = None,
    language: Annotated[str, typer.Option(help="Of titles: en or tr.")] = "en",
    lake: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A folder with a lake, such as the demo's; else the deployment's."),
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            envvar="KERVAN_REPORT_ENGINE",
            help="duckdb; or athena, for a lake too large for one function, with your AWS credentials.",
        ),
    ] = "duckdb",
    stage: Annotated[str, typer.Option(help="With --engine athena: whose lake.")] = "prod",
    json: Json = False,
) -> None:
    """What the shop's lake says: orders, messages, journeys, channels and more (docs/reports.md)."""
    if language not in LANGUAGES:
        raise WrongUse("--language is en or tr")
    if file is not None and not csv:
        raise WrongUse("a file is named without its form: write --csv FILE or --html FILE")
    if engine not in ENGINES:
        raise WrongUse("--engine is duckdb or athena")
    spoken = cast("Language", language)
    if name == LIST:
        _show_list(spoken, json=json)
        return
    asked = {"from": first, "to": last, "segment": segment, "compare": "true" if compare else ""}
    if engine == "athena" and lake is None:
        from cli.athena_lake import report_of_athena

        found = report_of_athena(stage, name, asked)
    else:
        found = _found(lake, name, asked, lambda: admin_api(*context.obj))
    tables = [one for one in found["tables"] if not part or one["name"] == part]
    if not tables:
        raise WrongUse(f"no such table; the report has {', '.join(one['name'] for one in found['tables'])}")
    if html is not None:
        _write(html, page({**found, "tables": tables}, spoken))
    if csv:
        _write_csv(file, csv_text(tables[0]))
    elif json:
        as_json({**found, "tables": tables})
    elif html is None:
        _show({**found, "tables": tables}, spoken)


def _found(lake: Path | None, name: str, asked: dict[str, str], api: Callable[[], AdminApi]) -> dict[str, Any]:
    if lake is not None:
        from cli.lake_folder import report_of_folder

        return report_of_folder(lake, name, asked)
    query = {one: text or None for one, text in asked.items()}
    found: dict[str, Any] = api().get(f"/v1/reports/{quoted(name)}", **query)
    return found


def _show_list(language: Language, *, json: bool) -> None:
    from functions.measure.report_files import listed

    items = listed()
    if json:
        as_json({"items": items})
        return
    rows = [(item["name"], item["title"][language], item["description"][language]) for item in items]
    table("Reports", ("name", "title", "what it says"), rows, empty="there is no report")


def _show(found: Mapping[str, Any], language: Language) -> None:
    currency = found["currency"]
    line(f"[bold]{found['title'][language]}[/bold], {found['from']} to {found['to']} ({found['time_zone']})")
    for one in found["tables"]:
        columns = one["columns"]
        if not one["key"] and one["rows"]:
            row = one["rows"][0]
            before = row.get("before") or {}
            rows: list[tuple[Any, ...]] = [
                (
                    column["title"][language],
                    value_text(row[column["name"]], column["kind"], language, currency),
                    change_text(row[column["name"]], before.get(column["name"]), column["kind"], language),
                )
                for column in columns
            ]
            table(one["title"][language], ("", "", ""), rows, empty="nothing")
            continue
        heads = [column["title"][language] for column in columns]
        shown = [
            [value_text(row[column["name"]], column["kind"], language, currency) for column in columns]
            for row in one["rows"]
        ]
        table(one["title"][language], heads, shown, empty=f"{one['title'][language]}: nothing in these days")


def _write(file: Path, text: str) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.write(text)
    except OSError as problem:
        raise Failure(f"{file} cannot be written: {problem.strerror}") from problem
    line(f"Written to {file}.")


def _write_csv(file: Path | None, text: str) -> None:
    if file is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
    else:
        _write(file, text)
