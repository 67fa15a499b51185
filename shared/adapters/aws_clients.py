"""Our own clients of AWS services that speak JSON, made from what the environment says."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from shared.adapters.aws_errors import AwsNotConfigured
from shared.adapters.aws_json import DYNAMODB, FIREHOSE, SECRETS_MANAGER, SQS, AwsJson, Service
from shared.adapters.aws_settings import EnvironmentCredentials, credential_source, place_of
from shared.adapters.http_transport import HttpTransport
from shared.adapters.proxy import proxy_for


def dynamo_client() -> AwsJson:
    """One client per environment. Short time-outs: a table that does not answer in seconds is throttling us."""
    return _client(DYNAMODB)


def sqs_client() -> AwsJson:
    return _client(SQS)


def firehose_client() -> AwsJson:
    return _client(FIREHOSE)


def secrets_client() -> AwsJson:
    return _client(SECRETS_MANAGER)


def client_at(service: Service, endpoint: str, region: str, access_key: str, secret_key: str) -> AwsJson:
    """A client of one address, whatever the environment says: the local stack."""
    named = {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}
    return AwsJson(service, region, HttpTransport(endpoint), EnvironmentCredentials(named))


def _client(service: Service) -> AwsJson:
    place = place_of(service.name, os.environ)
    try:
        transport = HttpTransport(
            place.endpoint, ca_bundle=place.ca_bundle or _certificates(), proxy=proxy_for(place.endpoint)
        )
    except ValueError as broken:
        raise AwsNotConfigured(str(broken)) from broken
    return AwsJson(service, place.region, transport, credential_source(os.environ))


def _certificates() -> str | None:
    """Those that botocore brings, found without importing it; without them those of the machine."""
    found = importlib.util.find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "cacert.pem"
    return str(path) if path.is_file() else None
