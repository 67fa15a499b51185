"""Our own clients of AWS services that speak JSON, made from what the environment says."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from shared.adapters.aws_errors import AwsNotConfigured
from shared.adapters.aws_json import ATTEMPTS, DYNAMODB, FIREHOSE, SECRETS_MANAGER, SQS, AwsJson, Service
from shared.adapters.aws_settings import EnvironmentCredentials, credential_source, place_of
from shared.adapters.http_transport import CONNECT_SECONDS, READ_SECONDS, HttpTransport
from shared.adapters.proxy import proxy_for


def dynamo_client() -> AwsJson:
    """One client per environment. Short time-outs: a table that does not answer in seconds is throttling us."""
    return _client(DYNAMODB)


def sqs_client() -> AwsJson:
    return _client(SQS)


LAKE_SECONDS = 1.5
"""How long rows of the lake wait for an answer: whoever decides is not held up by them."""


def firehose_client() -> AwsJson:
    """For rows of the lake: one attempt, and short time-outs, because a queue takes what Firehose does not."""
    return _client(FIREHOSE, seconds=LAKE_SECONDS, attempts=1)


def lake_queue_client() -> AwsJson:
    """For rows that Firehose did not take."""
    return _client(SQS, seconds=LAKE_SECONDS, attempts=1)


def secrets_client() -> AwsJson:
    return _client(SECRETS_MANAGER)


def client_at(service: Service, endpoint: str, region: str, access_key: str, secret_key: str) -> AwsJson:
    """A client of one address, whatever the environment says: the local stack."""
    named = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}
    return AwsJson(service, region, HttpTransport(endpoint), EnvironmentCredentials(named))


def _client(service: Service, *, seconds: float = READ_SECONDS, attempts: int = ATTEMPTS) -> AwsJson:
    place = place_of(service.name, os.environ)
    try:
        transport = HttpTransport(
            place.endpoint,
            ca_bundle=place.ca_bundle or _certificates(),
            proxy=proxy_for(place.endpoint),
            connect_seconds=min(seconds, CONNECT_SECONDS),
            read_seconds=seconds,
        )
    except ValueError as broken:
        raise AwsNotConfigured(str(broken)) from broken
    return AwsJson(service, place.region, transport, credential_source(os.environ), attempts=attempts)


def _certificates() -> str | None:
    """Those that botocore brings, found without importing it; without them those of the machine."""
    found = importlib.util.find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "cacert.pem"
    return str(path) if path.is_file() else None
