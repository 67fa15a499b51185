"""What `kervan doctor` reads, from an AWS and a DNS in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.doctor.checks import diagnose
from cli.doctor.dns import DnsUnavailable
from cli.doctor.reading import Sources, read
from cli.main import run
from cli.publishing import publish
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.ports import Table

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TOKENS = ["aaa", "bbb"]
OUTPUTS = {"Endpoint": "https://api.shop-of-ayse.com", "AlarmTopic": "arn:topic", "Version": version("kervan")}


def stack(status: str, outputs: Mapping[str, str]) -> dict[str, Any]:
    told = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
    return {"Stacks": [{"StackStatus": status, "Outputs": told}]}


class Account:
    """AWS with prepared answers; what is not prepared is refused, what is None is not there."""

    def __init__(self) -> None:
        sender = {"KERVAN_SENDER_EMAIL": "hello@shop-of-ayse.com", "KERVAN_SENDER_SMS": "KERVAN", "KERVAN_SMS": "sns"}
        self.answers: dict[tuple[str, ...], Any] = {
            ("get_caller_identity",): {"Account": "123456789012"},
            ("describe_stacks", "CDKToolkit"): stack("UPDATE_COMPLETE", {"BootstrapVersion": "25"}),
            ("describe_stacks", "kervan-prod"): stack("UPDATE_COMPLETE", OUTPUTS),
            ("get_function_configuration", "kervan-prod-notify-email"): {
                "Environment": {"Variables": sender | {"KERVAN_PINPOINT_APP": "app-1"}}
            },
            ("get_email_identity", "shop-of-ayse.com"): {
                "VerifiedForSendingStatus": True,
                "DkimAttributes": {"Status": "SUCCESS", "Tokens": TOKENS},
                "MailFromAttributes": {},
            },
            ("get_account",): {
                "ProductionAccessEnabled": True,
                "SendingEnabled": True,
                "EnforcementStatus": "HEALTHY",
                "SendQuota": {"Max24HourSend": 50_000.0, "SentLast24Hours": 7.0, "MaxSendRate": 14.0},
            },
            ("get_sms_attributes", "['MonthlySpendLimit']"): {"attributes": {"MonthlySpendLimit": "100"}},
            ("get_sms_sandbox_account_status",): {"IsInSandbox": False},
            ("get_gcm_channel", "app-1"): {"GCMChannelResponse": {"Enabled": True}},
            ("get_apns_channel", "app-1"): None,
            ("list_subscriptions_by_topic", "arn:topic"): {
                "Subscriptions": [{"Protocol": "email", "SubscriptionArn": "arn:aws:sns:x"}]
            },
        }

    def ask(self, service: str, operation: str, **request: Any) -> Mapping[str, Any]:
        assert service
        key = (operation, *map(str, request.values()))
        if key not in self.answers:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "secret"}}, operation)
        answer: Mapping[str, Any] | None = self.answers[key]
        if answer is None:
            raise ClientError({"Error": {"Code": "NotFoundException", "Message": ""}}, operation)
        return answer


class Records:
    """DNS."""

    def __init__(self) -> None:
        self.records = {
            (f"{one}._domainkey.shop-of-ayse.com", "CNAME"): (f"{one}.dkim.amazonses.com",) for one in TOKENS
        }
        self.records["_dmarc.shop-of-ayse.com", "TXT"] = ("v=DMARC1; p=none",)
        self.records["shop-of-ayse.com", "MX"] = ("mx.shop-of-ayse.com",)
        self.silent = False

    def ask(self, name: str, kind: str) -> tuple[str, ...]:
        if self.silent:
            raise DnsUnavailable("DNS does not answer")
        return self.records.get((name, kind), ())


def published() -> Table:
    catalog = MemoryTable()
    publish(catalog, Release(0, Shop(name="Ayse")))
    return catalog


def sources(account: Account, records: Records, *, late: float = 0.0) -> Sources:
    return Sources(
        aws=account,
        names=records,
        region=lambda: "eu-central-1",
        catalog=published,
        date=lambda _url: NOW - timedelta(seconds=late),
        now=lambda: NOW,
    )


def states(found: Sources) -> dict[str, str]:
    return {line.check: line.state for line in diagnose(read("prod", found))}


def test_a_whole_deployment_is_right() -> None:
    """Each answer of AWS is read as it is."""
    assert set(states(sources(Account(), Records())).values()) == {"right"}


@pytest.mark.parametrize(
    ("key", "check"),
    [
        (("describe_stacks", "CDKToolkit"), "bootstrap"),
        (("describe_stacks", "kervan-prod"), "stack"),
        (("get_email_identity", "shop-of-ayse.com"), "SES identity"),
        (("get_gcm_channel", "app-1"), "push"),
    ],
)
def test_what_is_not_there_is_missing_and_what_is_refused_is_not_known(key: tuple[str, ...], check: str) -> None:
    """Only AWS's word that there is none makes something missing."""
    account = Account()
    account.answers[key] = None
    account.answers["get_email_identity", "hello@shop-of-ayse.com"] = None
    assert states(sources(account, Records()))[check] == "missing"
    del account.answers[key]
    assert states(sources(account, Records()))[check] == "unknown"


def test_a_single_address_is_found_too() -> None:
    """If SES does not know its domain."""
    account = Account()
    account.answers["get_email_identity", "hello@shop-of-ayse.com"] = account.answers[
        "get_email_identity", "shop-of-ayse.com"
    ]
    account.answers["get_email_identity", "shop-of-ayse.com"] = None
    assert states(sources(account, Records()))["SES identity"] == "right"


def test_without_rights_and_names_nothing_is_called_missing() -> None:
    """And no message of AWS is repeated."""
    account, records = Account(), Records()
    account.answers.clear()
    records.silent = True
    lines = diagnose(read("prod", sources(account, records)))
    assert "missing" not in {line.state for line in lines}
    assert "secret" not in json.dumps([line.found for line in lines])


def test_records_that_dns_lacks_are_missing() -> None:
    """One by one."""
    records = Records()
    records.records.clear()
    found = states(sources(Account(), records))
    assert {check for check, state in found.items() if state == "missing"} == {"DKIM", "DMARC", "domain"}


def test_a_clock_that_is_wrong_is_told() -> None:
    """Compared with that of the deployment."""
    assert states(sources(Account(), Records(), late=90))["clock"] == "missing"


def test_the_command_fails_if_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the names of the checks in one line; programs get all of it."""
    account = Account()
    monkeypatch.setattr("cli.commands.doctor._sources", lambda _stage: sources(account, Records()))
    assert run(["doctor", "--stage", "prod"]) == 0
    assert "hello" not in capsys.readouterr().err
    account.answers["list_subscriptions_by_topic", "arn:topic"] = {"Subscriptions": []}
    assert run(["doctor", "--stage", "prod", "--json"]) == 1
    told = capsys.readouterr()
    items = {item["check"]: item for item in json.loads(told.out)["items"]}
    assert items["alarms"]["state"] == "missing"
    assert "cdk.json" in items["alarms"]["next_step"]
    assert "missing: alarms" in told.err


def test_the_laptop_must_run_to_be_checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Else it is said how to start it."""
    monkeypatch.setattr("cli.local.server.running", lambda: None)
    assert run(["doctor"]) == 1
    assert "make run" in capsys.readouterr().err


def test_versions_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    """That of the command always; that of a stage if it was deployed from this folder."""
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    assert run(["version", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stage"], told["deployed"]) == ("local", None)
    (tmp_path / "prod.outputs.json").write_text(json.dumps({"kervan-prod": {"Version": "9.9.9"}}))
    assert run(["version", "--stage", "prod"]) == 0
    assert "9.9.9" in capsys.readouterr().out
