"""`kervan definitions`: validate a folder of definitions together, and publish it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.failure import Failure
from cli.show import Json, as_json, line, table

app = typer.Typer(
    help="Segments, journeys, templates and the shop's answers, as a folder of files.", no_args_is_help=False
)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder, such as definitions.")]


@app.command()
def check(folder: Folder, json: Json = False) -> None:
    """Say what is defined, or every mistake with its place and remedy. Publishes nothing."""
    from cli.definitions_files import check_folder
    from shared.domain.journeys.say import Language, say_journey
    from shared.domain.segments.say import say_segment

    found = check_folder(folder)
    problems = [
        {"file": problem.file, "path": problem.path, "message": problem.message, "remedy": problem.remedy}
        for problem in found.problems
    ]
    bundle = found.bundle
    names = {
        "segments": [segment.segment for segment in bundle.segments] if bundle else [],
        "journeys": [journey.journey for journey in bundle.journeys] if bundle else [],
        "templates": [template.template for template in bundle.templates] if bundle else [],
    }
    languages: tuple[Language, ...] = ("tr", "en")
    sentences = [say_segment(segment, said) for segment in (bundle.segments if bundle else ()) for said in languages]
    sentences += [say_journey(journey, said) for journey in (bundle.journeys if bundle else ()) for said in languages]
    if json:
        as_json({"valid": bundle is not None, "problems": problems, **names, "sentences": sentences})
    elif bundle:
        table(f"{folder} is valid", ("kind", "names"), names.items(), empty="")
        for sentence in sentences:
            line(escape(sentence))
    else:
        table("", ("file", "where", "what", "remedy"), [tuple(problem.values()) for problem in problems], empty="")
    if not bundle:
        raise Failure(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} in {folder}; nothing is published")


@app.command()
def apply(
    folder: Folder,
    stage: Annotated[
        str, typer.Option(help="local, or the stage of a deployment in the AWS account of your credentials.")
    ] = "local",
    json: Json = False,
) -> None:
    """Publish the folder as the next release, if it is valid."""
    from cli.catalog import catalog_table
    from cli.definitions_files import check_folder
    from cli.publishing import publish

    found = check_folder(folder)
    if found.bundle is None:
        first, more = found.problems[0], len(found.problems) - 1
        raise Failure(f"{first}" + (f", and {more} more: kervan definitions check {folder}" if more else ""))
    catalog = catalog_table(stage)
    published = publish(catalog.table, found.bundle.release())
    if published.new:
        catalog.use_at_once()
    if json:
        as_json({"release": published.number, "new": published.new, "raises": published.raises})
    else:
        line(f"Release {published.number} is " + ("published." if published.new else "what is published already."))
        if published.raises:
            line("What is folded has changed: every customer is folded anew from the log at the next event.")
