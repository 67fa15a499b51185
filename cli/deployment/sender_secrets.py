"""The secrets of senders and webhooks of a stage, written with AWS credentials."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from cli.failure import Failure, WrongUse
from cli.local import deploy
from cli.local.running import local_stack

Kind = Literal["senders", "hooks"]
_SENDER = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def put_sender_secret(stage: str, kind: Kind, sender: str, name: str, value: str) -> None:
    """Set one value; the others of the secret stay.

    Raises
    ------
    WrongUse
        If a name is none.
    Failure
        If the secret cannot be read or written.
    """
    if not _SENDER.fullmatch(sender) or not _NAME.fullmatch(name):
        raise WrongUse("a sender's name has small letters, digits and -; a secret's name small letters, digits and _")
    client = _client(stage)
    where = f"kervan-{stage}-{kind}"
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        kept = json.loads(client.get_secret_value(SecretId=where)["SecretString"] or "{}")
        client.put_secret_value(SecretId=where, SecretString=json.dumps({**kept, f"{sender}.{name}": value}))
    except (BotoCoreError, ClientError, KeyError, TypeError, ValueError) as refused:
        raise Failure(f"the secret {where} cannot be written: {type(refused).__name__}") from refused


def _client(stage: str) -> Any:
    if stage == "local":
        return deploy.client(local_stack().base, "secretsmanager")
    import boto3

    return boto3.client("secretsmanager")
