"""The secret of the deployment, with which identifiers become keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from botocore.config import Config

from shared.adapters.aws import aws_client

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_secret(arn: str) -> bytes:
    """The secret's text as bytes; one request, made once per environment.

    Reading has no effect, so the SDK may try again.
    """
    config = Config(retries={"mode": "standard"}, connect_timeout=2, read_timeout=5)
    client = cast("SecretsManagerClient", aws_client("secretsmanager", config))
    return client.get_secret_value(SecretId=arn)["SecretString"].encode()
