"""The recipient's side of a message, by its real links and by the reports of SES (`kervan outbox`)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cli.main import command_tree
from tests.e2e.conftest import Kervan
from tests.e2e.test_cart_recovery import leave_cart

pytestmark = pytest.mark.e2e
REACTIONS = ("Email Opened", "Email Link Clicked")


def outbox(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    command_tree().main(["outbox", *words, "--json"], standalone_mode=False)
    return dict(json.loads(capsys.readouterr().out))


def reminded(kervan: Kervan, name: str) -> str:
    """The id of the first reminder of this customer's cart."""
    kervan.advance_until("10:00")
    leave_cart(kervan, name)
    kervan.advance(timedelta(hours=1, minutes=5))
    (sent,) = [item for item in kervan.outbox() if item["to"] == f"{name}@example.com"]
    return str(sent["message_id"])


def reactions(kervan: Kervan, name: str) -> list[tuple[str, bool, bool]]:
    """Event, repeated, by a machine; oldest first."""
    kervan.settle()
    told = [
        entry for entry in kervan.timeline(f"user:{name}") if entry["event"] in ("Email Opened", "Email Link Clicked")
    ]
    return [
        (entry["event"], entry["properties"]["repeated"], "machine" in entry["properties"]) for entry in reversed(told)
    ]


def test_a_machine_then_the_person(kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A gateway looks first and is told apart; the person's open and click are the first of a person."""
    message = reminded(kervan, name)
    outbox(capsys, "click", message, "--machine")
    kervan.advance(timedelta(minutes=10))
    outbox(capsys, "open", message)
    kervan.advance(timedelta(minutes=1))
    clicked = outbox(capsys, "click", message)
    assert clicked["leads_to"].startswith("https://shop.example/")
    assert "utm_campaign=cart-recovery" in clicked["leads_to"]
    kervan.advance(timedelta(minutes=2))
    outbox(capsys, "click", message)
    assert reactions(kervan, name) == [
        ("Email Link Clicked", False, True), ("Email Opened", False, False), ("Email Link Clicked", False, False),
        ("Email Link Clicked", True, False),
    ]  # fmt: skip
    engagement = kervan.customer(f"user:{name}")["profile"]["engagement"]["channels"]["email"]
    assert (engagement["opened"], engagement["clicked"], engagement["machine_clicked"]) == (1, 1, 1)


@pytest.mark.parametrize(("report", "origin"), [("bounce", "hard_bounce"), ("complain", "complaint")])
def test_a_report_of_ses_suppresses_the_address(
    kervan: Kervan, name: str, report: str, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a hard bounce or a complaint no further step goes to the address, and the reason is told."""
    message = reminded(kervan, name)
    outbox(capsys, report, message)
    kervan.advance(timedelta(days=4))
    told = {entry["step"]: entry["reason"] for entry in kervan.messages(f"user:{name}") if entry["channel"] == "email"}
    assert (told["offer"], told["last"]) == ("suppressed", "suppressed")
    statements = kervan.api.items(f"/v1/customers/user:{name}/consents")
    assert origin in json.dumps(list(statements))
