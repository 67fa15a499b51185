"""Connected shops by the command line, on a stage's own tables and secrets: described, heard, and heard no more."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from cli.main import run
from shared.adapters import aws
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.dynamo import DynamoTable
from shared.stores.connectors import Connectors, put_connector
from tests.support.moto_wire import boto3_client, route_to_moto
from tests.unit.connectors.shop_world import ShopWorld, shopify_order
from tests.unit.ingest.world import http_event

pytestmark = pytest.mark.flow
MODA = "connector: moda\nplatform: shopify\nshop: moda.myshopify.com\ncurrency: TRY\n"
ATOLYE = 'connector: atolye\nplatform: woocommerce\ncurrency: TRY\nuser_prefix: "atolye-"\n'


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalog and the secret of hooks of a stage, as ``infra/`` makes them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    route_to_moto(monkeypatch)
    aws.session.cache_clear()
    with mock_aws():
        boto3_client("dynamodb").create_table(
            TableName="kervan-prod-catalog",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        boto3_client("secretsmanager").create_secret(Name="kervan-prod-hooks", SecretString="{}")
        yield
    aws.session.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "definitions"
    shutil.copytree(Path(__file__).parents[2] / "definitions", made)
    (made / "connectors").mkdir()
    return made


def kervan(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()  # counters of what was heard before
    assert run([*arguments, "--stage", "prod", "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def secrets_of(name: str) -> dict[str, str]:
    """As ingest reads them: those of one holder."""
    held = json.loads(boto3_client("secretsmanager").get_secret_value(SecretId="kervan-prod-hooks")["SecretString"])
    return {key.removeprefix(f"{name}."): value for key, value in held.items() if key.startswith(f"{name}.")}


class Heard(ShopWorld):
    """Ingest over what the command published."""

    def __init__(self) -> None:
        super().__init__()
        catalog = DynamoTable(dynamo_client(), "kervan-prod-catalog")
        self.published = Connectors(catalog, lambda: 0.0)

    def status(self, secret: str) -> int:
        """Of an order that is signed with a secret."""
        connector = self.published.named("moda")
        for item in [one for one in self.catalog.items() if str(one["pk"]).startswith("connector#")]:
            self.catalog.delete(item["pk"], item["sk"])
        if connector is not None:
            put_connector(self.catalog, connector)
        self.hook_secrets["shop-moda"] = secrets_of("shop-moda")
        body = json.dumps(shopify_order()).encode()
        signed = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "content-type": "application/json", "x-shopify-topic": "orders/updated", "x-shopify-hmac-sha256": signed,
            "x-shopify-shop-domain": "moda.myshopify.com",
        }  # fmt: skip
        return self.send(http_event("POST", "/v1/hooks/shops/moda", body.decode(), headers))[0]


def test_a_shop_is_described_heard_and_heard_no_more(
    stage: None, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its secret is changed without a gap; without its file it is taken away, and the other shop stays."""

    def store(secret: str, *more: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(secret + "\n"))
        return str(kervan(capsys, "connectors", "secret", "moda", *more)["stored"])

    (folder / "connectors" / "moda.yaml").write_text(MODA)
    (folder / "connectors" / "atolye.yaml").write_text(ATOLYE)
    told = kervan(capsys, "definitions", "apply", str(folder))
    assert sorted(told["connectors"]) == ["atolye", "moda"]
    listed = kervan(capsys, "connectors", "list")["items"]
    assert [(one["connector"], one["path"]) for one in listed] == [
        ("atolye", "/v1/hooks/shops/atolye"),
        ("moda", "/v1/hooks/shops/moda"),
    ]
    assert Heard().status("first") == 401
    assert store("first") == "secret"
    assert Heard().status("first") == 200
    assert store("second", "--next") == "secret_next"
    assert [Heard().status(one) for one in ("first", "second", "third")] == [200, 200, 401]
    assert store("second") == "secret"
    assert [Heard().status(one) for one in ("first", "second", "")] == [401, 200, 401]
    (folder / "connectors" / "moda.yaml").unlink()
    assert kervan(capsys, "definitions", "apply", str(folder))["removed"] == ["moda"]
    assert [one["connector"] for one in kervan(capsys, "connectors", "list")["items"]] == ["atolye"]
    assert Heard().status("second") == 401


def test_two_shops_that_would_mix_are_not_published(
    stage: None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of the folder is, and what was published stays."""
    (folder / "connectors" / "moda.yaml").write_text(MODA)
    kervan(capsys, "definitions", "apply", str(folder))
    (folder / "connectors" / "atolye.yaml").write_text(ATOLYE.replace('user_prefix: "atolye-"\n', ""))
    assert run(["definitions", "apply", str(folder), "--stage", "prod"]) == 1
    assert "user_prefix" in capsys.readouterr().err
    assert [one["connector"] for one in kervan(capsys, "connectors", "list")["items"]] == ["moda"]
