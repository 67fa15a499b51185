"""`kervan senders`: the secrets of gateways. The gateways themselves are definitions (docs/senders.md)."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from cli.commands.stage_option import Stage
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line, table

app = typer.Typer(help="Gateways that carry text messages, and their secrets.", no_args_is_help=False)

Sender = Annotated[str, typer.Argument(metavar="SENDER", help="The name of the gateway, such as netgsm.")]
MOST_LETTERS = 2_000


@app.command("list")
def list_senders(stage: Stage = "local", json: Json = False) -> None:
    """The published gateways, and the names of the secrets that each asks for."""
    from cli.catalog import catalog_table
    from shared.domain.senders.gateway import Gateway
    from shared.stores.senders import SENDER

    found = [Gateway.model_validate_json(item["definition"]) for item in catalog_table(stage).scan_prefix(f"{SENDER}#")]
    items = [
        {"sender": one.sender, "channel": one.channel, "secrets": sorted(one.secrets), "hook": one.hook_secret}
        for one in sorted(found, key=lambda one: one.sender)
    ]
    if json:
        as_json({"items": items})
        return
    rows = [(item["sender"], item["channel"], ", ".join(item["secrets"]), item["hook"] or "") for item in items]
    table("Senders", ("sender", "channel", "secrets", "secret of the webhook"), rows, empty="no gateway is published")


@app.command()
def secret(
    sender: Sender,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The secret's name, as the definition writes it.")],
    hook: Annotated[bool, typer.Option("--hook", help="The secret that callers of the webhook have.")] = False,
    stage: Stage = "local",
    json: Json = False,
) -> None:
    """Store one secret, read from standard input, so that it stands in no history of commands. It is never shown."""
    from cli.deployment.sender_secrets import put_sender_secret

    value = typer.prompt(f"{sender}.{name}", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    value = value.rstrip("\r\n")
    if not value or len(value) > MOST_LETTERS:
        raise WrongUse(f"give the secret on standard input, at most {MOST_LETTERS} letters")
    kind: Literal["hooks", "senders"] = "hooks" if hook else "senders"
    put_sender_secret(stage, kind, sender, name, value)
    if json:
        as_json({"sender": sender, "name": name, "stored": kind})
    else:
        line("It is stored. Running functions use it within five minutes.")
