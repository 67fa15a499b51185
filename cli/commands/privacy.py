"""`kervan privacy`: what is stored about people, and where."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output.tables import Json, as_json, line

app = typer.Typer(help="What is stored about people.", no_args_is_help=True)


@app.callback()
def privacy() -> None:
    """What is stored about people."""


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
