"""`kervan import pinpoint-journey`: a journey of Amazon Pinpoint in our language."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line, table

MOST_BYTES = 1_000_000


def pinpoint_journey(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `aws pinpoint get-journey` answers, as JSON.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="Write the definition into this file; one that is there stays.")
    ] = None,
    json: Json = False,
) -> None:
    """Translate a journey of Pinpoint: the definition, what it says in both languages, and what has no equal."""
    import yaml

    from cli.importing.pinpoint_conditions import InvalidJourney
    from cli.importing.pinpoint_journey import translate_journey
    from shared.domain.journeys.describe import describe_journey

    try:
        if file.stat().st_size > MOST_BYTES:
            raise WrongUse(f"{file} is larger than 1 MB, as no journey is")
        found = translate_journey(json_text.loads(file.read_bytes()))
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {file}") from absent
    except InvalidJourney as invalid:
        raise WrongUse(f"{file}: {invalid}") from invalid
    except (ValueError, RecursionError) as broken:
        raise WrongUse(f"{file} holds no journey that can be translated") from broken
    written = yaml.safe_dump(found.definition, allow_unicode=True, sort_keys=False, width=110)
    if output is not None:
        if output.exists():
            raise WrongUse(f"{output} is there already; name another file")
        output.write_text(written, "utf-8")
    says = {language: describe_journey(found.journey, language) for language in ("tr", "en")}
    needed = {"segments": found.segments, "templates": found.templates}
    if json:
        lost = [asdict(one) for one in found.no_equal]
        as_json({"definition": found.definition, "says": says, "no_equal": lost, **needed})
        return
    if output is None:
        line(escape(written))
    line(escape(says["tr"]))
    line("")
    line(escape(says["en"]))
    table("No equal", ("where", "what", "why"), [(one.where, one.what, one.reason) for one in found.no_equal], empty="")
    for kind, names in needed.items():
        if names:
            line(escape(f"To write: {kind} {', '.join(names)}"))
