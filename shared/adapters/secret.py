"""The secret of the deployment, with which identifiers become keys."""

from __future__ import annotations

import boto3
from botocore.config import Config


def read_secret(arn: str) -> bytes:
    """The secret's text as bytes; one request, made once per environment.

    Reading has no effect, so the SDK may try again.
    """
    client = boto3.client(
        "secretsmanager", config=Config(retries={"mode": "standard"}, connect_timeout=2, read_timeout=5)
    )
    return client.get_secret_value(SecretId=arn)["SecretString"].encode()
