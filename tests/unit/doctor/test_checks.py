"""The checks of `kervan doctor` over a deployment where all is well, and over one fault at a time."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.doctor.checks import CHECKS, diagnose
from cli.doctor.readings import Identity, NotRead, Seen, SenderSettings, SesAccount, SmsAccount, Stack, Versions

pytestmark = pytest.mark.unit

TOKENS = ("aaa", "bbb", "ccc")
IDENTITY = Identity("shop.example", True, "SUCCESS", TOKENS)
SENDERS = SenderSettings("hello@shop.example", "KERVAN", "sns", "app-1", "https://api.example")
SES = SesAccount(True, True, "HEALTHY", 50_000, 100, 14)
GOOD = Seen(
    stage="prod",
    account="123456789012",
    region="eu-central-1",
    bootstrap=25,
    stack=Stack("UPDATE_COMPLETE", {"Endpoint": "https://api.example"}),
    senders=SENDERS,
    identity=IDENTITY,
    dkim_records={token: (f"{token}.dkim.amazonses.com",) for token in TOKENS},
    spf=NotRead("no domain of the shop's own is set for bounces"),
    dmarc=("v=DMARC1; p=none",),
    ses=SES,
    sms=SmsAccount(100.0, sandbox=False),
    push=("Android", "iOS"),
    domain=("mx.shop.example",),
    alarms=(("email", True),),
    skew_seconds=0.4,
    versions=Versions("0.1.0", "0.1.0", 3, folds_alike=True),
)
BOUNCES = replace(IDENTITY, mail_from="bounce.shop.example", mail_from_status="SUCCESS")
SPF = "v=spf1 include:amazonses.com ~all"


def test_where_all_is_well_every_line_is_right() -> None:
    """And there is nothing to do."""
    lines = diagnose(GOOD)
    assert [line.check for line in lines if line.state != "right"] == []
    assert not any(line.next_step for line in lines)
    assert len({line.check for line in lines}) == len(CHECKS) == 15


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("bootstrap", {"bootstrap": None}, "make bootstrap STAGE=prod"),
    ("bootstrap", {"bootstrap": 3}, "make bootstrap"),
    ("stack", {"stack": None}, "make deploy STAGE=prod"),
    ("stack", {"stack": Stack("UPDATE_ROLLBACK_FAILED")}, "CloudFormation"),
    ("versions", {"versions": Versions("0.2.0", "0.1.0", 3, folds_alike=True)}, "make deploy"),
    ("versions", {"versions": Versions("0.1.0", "", 3, folds_alike=True)}, "make deploy"),
    ("versions", {"versions": Versions("0.1.0", "0.1.0", 0, folds_alike=True)}, "kervan definitions apply"),
    ("versions", {"versions": Versions("0.1.0", "0.1.0", 3, folds_alike=False)}, "remembers more"),
    ("SES identity", {"senders": replace(SENDERS, email="")}, "-c sender="),
    ("SES identity", {"identity": None}, "deploy again"),
    ("SES identity", {"identity": replace(IDENTITY, verified=False)}, "DkimRecord"),
    ("SES identity", {"identity": replace(IDENTITY, name="hello@shop.example", verified=False)}, "click the link"),
    ("DKIM", {"identity": replace(IDENTITY, dkim="PENDING")}, "CNAME"),
    ("DKIM", {"identity": replace(IDENTITY, name="a@shop.example", dkim="NOT_STARTED")}, "sender_identity=domain"),
    ("DKIM", {"dkim_records": {}}, "CNAME"),
    ("DKIM", {"dkim_records": dict.fromkeys(TOKENS, ("other.example",))}, "CNAME"),
    ("DKIM", {"dkim_records": NotRead("x"), "identity": replace(IDENTITY, dkim="FAILED")}, "CNAME"),
    ("SPF", {"identity": BOUNCES, "spf": ()}, "v=spf1 include:amazonses.com"),
    ("SPF", {"identity": BOUNCES, "spf": ("v=spf1 include:other.example -all",)}, "include:amazonses.com"),
    ("SPF", {"identity": BOUNCES, "spf": (SPF, SPF)}, "leave one"),
    ("SPF", {"identity": replace(BOUNCES, mail_from_status="FAILED"), "spf": (SPF,)}, "MX record"),
    ("DMARC", {"dmarc": ()}, "_dmarc"),
    ("DMARC", {"dmarc": ("v=spf1 -all",)}, "_dmarc"),
    ("DMARC", {"dmarc": ("v=DMARC1; p=none", "v=DMARC1; p=reject")}, "_dmarc"),
    ("SES account", {"ses": replace(SES, production=False)}, "production access"),
    ("SES account", {"ses": replace(SES, enabled=False)}, "SES console"),
    ("SES account", {"ses": replace(SES, enforcement="PROBATION")}, "bounces"),
    ("SES account", {"ses": replace(SES, sent_today=45_000)}, "quota"),
    ("SMS", {"sms": SmsAccount(1.0, sandbox=False)}, "spending limit"),
    ("SMS", {"sms": SmsAccount(100.0, sandbox=True)}, "SNS console"),
    ("push", {"push": ()}, "FCM"),
    ("domain", {"domain": ()}, "MX record"),
    ("alarms", {"alarms": ()}, "cdk.json"),
    ("alarms", {"alarms": (("email", True), ("https", False))}, "confirm"),
    ("clock", {"skew_seconds": -45.0}, "NTP"),
    ("clock", {"skew_seconds": 45.0}, "NTP"),
]


@pytest.mark.parametrize(("check", "change", "step"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_fault_is_named_with_the_next_step(check: str, change: dict[str, Any], step: str) -> None:
    """In its own line, which says what to do."""
    [line] = [line for line in diagnose(replace(GOOD, **change)) if line.check == check]
    assert line.state == "missing"
    assert line.found
    assert step in line.next_step


OFF: list[tuple[str, dict[str, Any]]] = [
    ("SMS", {"senders": replace(SENDERS, sms=""), "sms": NotRead("off")}),
    ("SMS", {"senders": replace(SENDERS, carrier="gateway"), "sms": NotRead("off")}),
    ("push", {"senders": replace(SENDERS, push_app=""), "push": NotRead("off")}),
    ("SPF", {"identity": BOUNCES, "spf": ("other text", SPF)}),
    ("SES account", {"ses": replace(SES, per_day=-1.0, sent_today=9_999_999)}),
]


@pytest.mark.parametrize(("check", "change"), OFF, ids=lambda value: str(value)[:40])
def test_what_is_off_on_purpose_is_right(check: str, change: dict[str, Any]) -> None:
    """A shop without text messages misses nothing; SES says -1 where it has no limit."""
    [line] = [line for line in diagnose(replace(GOOD, **change)) if line.check == check]
    assert (line.state, line.next_step) == ("right", "")


def test_names_for_examples_are_no_fault() -> None:
    """Nobody can publish records there: the laptop's sender is such a name."""
    example = NotRead("DNS knows no names that end with .example", example=True)
    address = replace(IDENTITY, name="hello@kervan.example", dkim="NOT_STARTED")
    lines = diagnose(replace(GOOD, identity=address, dkim_records=example, dmarc=example, domain=example))
    assert {line.check for line in lines if line.state == "unknown"} == {"DKIM", "DMARC", "domain"}
    assert not [line for line in lines if line.state == "missing"]


READ = [field.name for field in fields(Seen) if field.name != "stage"]


@given(st.sets(st.sampled_from(READ)))
def test_what_cannot_be_read_is_never_called_missing(unread: set[str]) -> None:
    """Whichever of it: the lines that need it say so, and no other line changes."""
    change: dict[str, Any] = dict.fromkeys(unread, NotRead("AWS answers AccessDenied"))
    lines = diagnose(replace(GOOD, **change))
    assert len(lines) == len(CHECKS)
    for line in lines:
        assert line.state in ("right", "unknown")
        if line.state == "unknown":
            assert "AccessDenied" in line.found
    if not unread:
        assert all(line.state == "right" for line in lines)
