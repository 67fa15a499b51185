"""`kervan customer consent-proof`: a person's consents with their texts, as a page to print."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import admin_api, quoted
from cli.failure import Failure
from cli.output.tables import Json, as_json, line
from shared.domain.consent.proof_page import proof_page


def consent_proof(
    context: typer.Context,
    identifier: Id,
    html: Annotated[Path | None, typer.Option("--html", help="The file to write.", dir_okay=False)] = None,
    language: Annotated[Literal["tr", "en"], typer.Option(help="Of the page.")] = "tr",
    zone: Annotated[str, typer.Option(help="Whose times it shows.")] = "Europe/Istanbul",
    json: Json = False,
) -> None:
    """What holds now, every statement with its text, and what IYS was told: one page to print."""
    api, path = admin_api(*context.obj), f"/v1/customers/{quoted(identifier)}/consents"
    found = {**api.get(path, limit=1), "cursor": None}
    found["items"] = list(api.items(path))
    if json:
        as_json(found)
        return
    file = html or Path("consent-proof.html")
    try:
        page = proof_page(found, language, made_at=datetime.now(UTC), zone=zone, shop="")
        file.write_text(page, encoding="utf-8")
    except (OSError, KeyError, ValueError) as error:
        raise Failure(f"{file} cannot be written: {type(error).__name__}") from error
    line(f"{file}: {len(found['items'])} statements. Keep it as you keep the person's other data.")
