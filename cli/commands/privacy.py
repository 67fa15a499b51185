"""`kervan privacy`: what is stored about people, and what they asked for."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands import privacy_cases
from cli.commands.privacy_retention import retention
from cli.output.tables import Json, as_json, line

app = typer.Typer(help="What is stored about people, and what they asked for.", no_args_is_help=True)


@app.callback()
def privacy() -> None:
    """What is stored about people, and what they asked for."""


@app.command("map")
def data_map(
    markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/data-map.md.")] = False,
    json: Json = False,
) -> None:
    """Which table holds what about a person, what for, and how long."""
    from cli.data_map import as_rows, page
    from shared.domain.privacy.data_map import DATA_MAP

    if json:
        as_json(as_rows(DATA_MAP))
    elif markdown:
        typer.echo(page(DATA_MAP), nl=False)
    else:
        for one in DATA_MAP:
            if one.person:
                line(f"{one.table}: {one.name}")
                line(f"  tells   {one.person}")
                line(f"  for     {one.purpose.value}")
                line(f"  kept    {one.kept}")


app.command("cases")(privacy_cases.cases)
app.command("case")(privacy_cases.case)
app.command("open")(privacy_cases.open_case)
app.command("carry-out")(privacy_cases.carry_out)
app.command("refuse")(privacy_cases.refuse)
app.command("lift")(privacy_cases.lift)
app.command("report")(privacy_cases.report)
app.command("retention")(retention)
