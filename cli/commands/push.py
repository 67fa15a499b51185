"""`kervan push`: the key pair of web push."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.commands.stage_option import Stage
from cli.failure import WrongUse
from cli.output.tables import Json, as_json, line

app = typer.Typer(help="Push messages to browsers.", no_args_is_help=False)

SENDER = "webpush"
_SUBJECT = re.compile(r"(mailto:[^\s@]+@[^\s@]+\.[^\s@]+|https://[^\s]+)")


@app.callback()
def push() -> None:
    """Push messages to browsers (docs/push.md)."""


@app.command()
def keys(
    subject: Annotated[
        str, typer.Option(help="Who answers for the messages: mailto:push@shop.example, or https://...")
    ],
    stage: Stage = "local",
    renew: Annotated[
        bool, typer.Option("--renew", help="A new pair in place of the old: every browser has to subscribe again.")
    ] = False,
    json: Json = False,
) -> None:
    """Make the key pair: the private key goes to Secrets Manager and is never shown, the public one to the API."""
    from cli.catalog import catalog_table
    from cli.deployment.sender_secrets import put_sender_secret
    from shared.adapters.web_push_crypto import VapidKey
    from shared.stores.push_key import PUSH, VAPID, put_push_key

    if not _SUBJECT.fullmatch(subject) or len(subject) > 200:
        raise WrongUse("the subject is an address such as mailto:push@shop.example or https://shop.example/contact")
    catalog = catalog_table(stage)
    if catalog.table.get(PUSH, VAPID) is not None and not renew:
        raise WrongUse("there is a key pair: with --renew every browser has to subscribe again")
    made = VapidKey.made(subject)
    put_sender_secret(stage, "senders", SENDER, "subject", subject)
    put_sender_secret(stage, "senders", SENDER, "private_key", made.private_text)
    put_push_key(catalog.table, made.public)
    catalog.use_at_once()
    if json:
        as_json({"public_key": made.public, "subject": subject})
    else:
        line(f"Browsers subscribe with this public key, which is also at GET /v1/push/key:\n{made.public}")
