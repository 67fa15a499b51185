"""The secret of the deployment, with which identifiers become keys."""

from __future__ import annotations

from shared.adapters.aws_clients import secrets_client


def read_secret(arn: str) -> bytes:
    """The secret's text as bytes; one request, made once per environment.

    Reading has no effect, so it may be tried again.
    """
    return str(secrets_client().call("GetSecretValue", {"SecretId": arn})["SecretString"]).encode()
