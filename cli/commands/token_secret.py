"""`kervan keys token-secret`: what the shop's server signs its visitors' tokens with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.catalog import Catalog, catalog_table
from cli.commands.stage_option import Stage
from cli.deployment.secret import deployment_secret
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line
from shared.domain.identity.customer_token import TokenKeys
from shared.stores import token_issuers
from shared.stores.sources import read_source


def token_secret(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A trusted source, such as server.")],
    stage: Stage = "local",
    renew: Annotated[bool, typer.Option("--renew", help="A new secret; tokens of the old one end.")] = False,
    disable: Annotated[bool, typer.Option("--disable", help="Tokens of this source open nothing any more.")] = False,
    json: Json = False,
) -> None:
    """The secret with which a source signs tokens for its visitors (kid = NAME). It is derived, not kept."""
    if renew and disable:
        raise WrongUse("either --renew or --disable")
    catalog = catalog_table(stage)
    if disable:
        if not token_issuers.forbid(catalog.table, name):
            raise WrongUse("this source signs no tokens")
        if json:
            as_json({"name": name, "disabled": True})
        else:
            line("Its tokens open nothing any more within a minute.")
        return
    if not _is_trusted(catalog, name):
        raise WrongUse("no trusted source of this name has a key: `kervan keys list` shows them")
    secret = deployment_secret(stage)
    generation = token_issuers.allow(catalog.table, name, datetime.now(UTC), renew=renew)
    signing = TokenKeys(secret).signing_secret(name, generation)
    if json:
        as_json({"name": name, "kid": name, "algorithm": "HS256", "generation": generation, "secret": signing})
    else:
        line(f"{name} signs with HS256, kid {name}, and this secret:\n{signing}\nIt belongs on your server only.")


def _is_trusted(catalog: Catalog, name: str) -> bool:
    for item in catalog.scan_prefix("source#"):
        found = read_source(item)
        if found.source.name == name and found.kind == "write" and found.source.trusted and not item.get("disabled"):
            return True
    return False
