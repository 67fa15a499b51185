"""`kervan customer export` and `erase`: a person's copy of his data, and its erasure."""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.commands.customer_id import Id
from cli.deployment.api import AdminApi, admin_api, quoted
from cli.failure import Failure
from cli.output.tables import Json, as_json, line, pairs
from shared.operators.person_copy import write_copy

PAGE = 100
PATIENCE_SECONDS = 120.0
EVERY_SECONDS = 1.0
Out = Annotated[Path | None, typer.Option(help="The ZIP file to write.", dir_okay=False)]
PageLanguage = Annotated[Literal["tr", "en"], typer.Option(help="Of the page in it.")]
Case = Annotated[str, typer.Option(help="Your number of the request; no name of a person.")]
Wait = Annotated[bool, typer.Option(help="Until everything is erased.")]
Sure = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def export(
    context: typer.Context, identifier: Id, out: Out = None, language: PageLanguage = "tr", json: Json = False
) -> None:
    """Everything that is known of a person: data.json, a page to read, and files he sent, in one ZIP."""
    api = admin_api(*context.obj)
    told = _everything(api, identifier)
    if json:
        as_json(told)
        return
    file = out or Path(f"export-{told['made_at'][:10]}.zip")
    try:
        write_copy(told, language, file, lambda message, number, folder: _fetch(api, message, number, folder))
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror or 'no reason given'}") from error
    line(f"{file}: {len(told['items'])} events and messages. Keep it as you keep the person's other data.")


def erase(
    context: typer.Context,
    identifier: Id,
    case: Case = "",
    wait: Wait = True,
    yes: Sure = False,
    json: Json = False,
) -> None:
    """Erase a person from every table. It cannot be undone; refusals stay under the digest of the address."""
    api = admin_api(*context.obj)
    if not yes and not json:
        typer.confirm(f"Erase everything about {identifier}? This cannot be undone", abort=True)
    asked = api.post(f"/v1/customers/{quoted(identifier)}/erasure", {"case": case} if case else {})
    deadline = time.monotonic() + PATIENCE_SECONDS
    while wait and asked["state"] == "running" and time.monotonic() < deadline:
        time.sleep(EVERY_SECONDS)
        asked = api.get(f"/v1/erasures/{quoted(asked['id'])}")
    if json:
        as_json(asked)
        return
    pairs(f"Erasure {asked['id']}", {name: value for name, value in asked.items() if name != "id" and value})
    if asked["state"] == "running":
        line(f"It goes on by itself: GET /v1/erasures/{asked['id']} says how far it is.")


def _fetch(api: AdminApi, message: Mapping[str, Any], number: int, folder: Path) -> Path | None:
    """A file by a link of five minutes; None if it is gone."""
    path = f"/v1/conversations/{quoted(message['conversation'])}/files/{quoted(message['id'])}/{number}"
    file = folder / "file"
    try:
        url = api.get(path)["url"]
        with urllib.request.urlopen(url, timeout=60) as answer, file.open("wb") as into:  # noqa: S310  our own link
            shutil.copyfileobj(answer, into)
    except urllib.error.HTTPError as gone:
        if gone.code in (403, 404):
            return None
        raise
    return file


def _everything(api: AdminApi, identifier: str) -> dict[str, Any]:
    """All pages of the export as one."""
    path = f"/v1/customers/{quoted(identifier)}/export"
    told: dict[str, Any] = api.get(path, limit=PAGE)
    cursor = told.pop("cursor")
    while cursor:
        page = api.get(path, limit=PAGE, cursor=cursor)
        told["items"] += page["items"]
        cursor = page["cursor"]
    told["conversations"] = list(api.items(f"/v1/customers/{quoted(identifier)}/conversations"))
    return told
