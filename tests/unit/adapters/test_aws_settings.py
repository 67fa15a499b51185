"""Region, address and credentials: what botocore would find, without it where the environment says everything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from rich.pretty import pretty_repr

from shared.adapters.aws_clients import dynamo_client
from shared.adapters.aws_errors import AwsNotConfigured
from shared.adapters.aws_settings import (
    EnvironmentCredentials,
    SessionCredentials,
    _known_endpoint,
    credential_source,
    place_of,
)
from shared.adapters.proxy import proxy_for
from shared.adapters.sigv4 import Credentials

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which AWS's tools were never set up."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_known_addresses_are_botocores() -> None:
    """For each region of each partition our address is botocore's, or botocore is asked."""
    session = botocore.session.get_session()
    session.set_credentials("x", "x")
    known = 0
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("dynamodb", partition):
            found = _known_endpoint("dynamodb", region)
            if found is not None:
                known += 1
                assert found == session.create_client("dynamodb", region).meta.endpoint_url
    assert known > 30
    assert _known_endpoint("dynamodb", "us-iso-east-1") is None
    assert _known_endpoint("dynamodb", "evil.example/eu-west-1") is None


def test_the_environment_names_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own before that of all services."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert place_of("dynamodb", os.environ).endpoint == "https://dynamodb.eu-central-1.amazonaws.com"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert place_of("dynamodb", os.environ).endpoint == "http://127.0.0.1:4566"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000/base")
    assert place_of("dynamodb", os.environ).endpoint == "http://127.0.0.1:8000/base"
    assert place_of("sqs", os.environ).endpoint == "http://127.0.0.1:4566"


def test_a_profile_is_botocores_business(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Region, address and credentials of a profile are read as every tool of AWS reads them."""
    config, secrets = tmp_path / "config", tmp_path / "secrets"
    config.write_text("[profile shop]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:1\n")
    secrets.write_text("[shop]\naws_access_key_id = AKPROFILE\naws_secret_access_key = s\naws_session_token = t\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(secrets))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    place = place_of("dynamodb", os.environ)
    assert (place.endpoint, place.region) == ("http://127.0.0.1:1", "eu-west-3")
    source = credential_source(os.environ)
    assert source.current() == Credentials("AKPROFILE", "s", "t")
    secrets.write_text("[shop]\naws_access_key_id = AKNEW\naws_secret_access_key = s\n")
    assert source.current().access_key == "AKPROFILE"
    source.renew()
    assert source.current() == Credentials("AKNEW", "s")


def test_variants_of_addresses_are_botocores_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """FIPS is asked for by the environment alone."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    assert place_of("dynamodb", os.environ).endpoint == "https://dynamodb-fips.us-east-1.amazonaws.com"


def test_credentials_of_a_function_are_in_its_environment() -> None:
    """With their token; those that expire at a time that the environment names are botocore's business."""
    named = {**KEYS, "AWS_SESSION_TOKEN": "t"}
    source = credential_source(named)
    assert source.current() == Credentials("AKIA", "secret", "t")
    named["AWS_SESSION_TOKEN"] = "new"
    source.renew()
    assert source.current().token == "new"
    assert isinstance(credential_source(KEYS), EnvironmentCredentials)
    assert isinstance(credential_source({"AWS_ACCESS_KEY_ID": "only half"}), SessionCredentials)
    assert isinstance(credential_source({**KEYS, "AWS_CREDENTIAL_EXPIRATION": "2026-11-27"}), SessionCredentials)


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No region, no credentials, half a key, an unknown profile, a strange address: one sentence, no traceback of
    botocore's."""
    with pytest.raises(AwsNotConfigured, match="region"):
        place_of("dynamodb", os.environ)
    with pytest.raises(AwsNotConfigured, match="no AWS credentials"):
        SessionCredentials().current()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "half")
    with pytest.raises(AwsNotConfigured, match="Partial credentials"):
        SessionCredentials().current()
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(AwsNotConfigured, match="nobody"):
        place_of("dynamodb", os.environ)
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for address in ("ftp://x", "127.0.0.1:1", "http://"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        with pytest.raises(AwsNotConfigured, match="must begin with"):
            dynamo_client()


def test_a_proxy_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """By scheme, with its password; not for hosts that are to be reached without one."""
    assert proxy_for("https://a.example") is None
    monkeypatch.setenv("HTTPS_PROXY", "http://me:p%40ss@proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "near.example")
    found = proxy_for("https://a.example")
    assert found is not None
    assert (found.host, found.port) == ("proxy.example", 3128)
    assert found.headers == {"Proxy-Authorization": "Basic bWU6cEBzcw=="}
    assert "bWU6" not in repr(found) + pretty_repr(found)
    assert proxy_for("https://near.example") is None
    assert proxy_for("http://a.example") is None
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example")
    with pytest.raises(ValueError, match="must begin with http://"):
        proxy_for("https://a.example")


def test_a_function_needs_no_botocore_for_its_tables() -> None:
    """Importing botocore takes longer than all our own code: in a Lambda function's environment nobody does."""
    program = (
        "import sys; from shared.adapters.aws_clients import dynamo_client, sqs_client, secrets_client\n"
        "from shared.adapters.dynamo import DynamoTable; from shared.adapters.sqs import SqsQueue\n"
        "DynamoTable(dynamo_client(), 't'); SqsQueue(sqs_client(), 'u'); secrets_client()\n"
        "print([name for name in sys.modules if name.startswith(('botocore', 'boto3', 'urllib3'))])"
    )
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "eu-central-1", "HOME": "/nonexistent", **KEYS}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("[]\n", "")
