"""Turkey's register of consent on the local stack: approvals are told, and what people say there stops messages."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.local import iys_account
from cli.main import run
from tests.e2e.conftest import Kervan
from tests.e2e.test_segments import published

pytestmark = pytest.mark.e2e
ACCOUNT = {"code": 610001, "brand": 610002, "requests_per_minute": 6000}


def play(kervan: Kervan, path: str, **said: str) -> Any:
    """Somebody acts at IYS."""
    body = json.dumps(said).encode() if said else None
    request = urllib.request.Request(kervan.stack.base + "/_kervan/iys" + path, data=body)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def campaign(kervan: Kervan, folder: Path, name: str, segment: str) -> list[tuple[str, str | None]]:
    """A mail to everybody of the segment at once; what became of it, with the reason."""
    wanted = {
        "campaign": name, "segment": segment, "send": "welcome", "purpose": "marketing", "channels": ["email"],
        "at": "now",
    }  # fmt: skip
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(wanted))
    assert run(["campaigns", "schedule", str(file), "--yes"]) == 0
    kervan.advance(timedelta(minutes=3))
    found = kervan.messages(f"email:{segment}@example.com")
    return [(one["state"], one["reason"]) for one in found if one["journey"] == name]


def test_iys_from_an_approval_to_a_withdrawal(kervan: Kervan, name: str, tmp_path: Path) -> None:
    """What IYS does not know blocks advertising; once it does, mail goes out; who withdraws there gets none, by
    a push at once, and by being asked of within a quarter of an hour."""
    segment, mail = f"iys-{name}", f"iys-{name}@example.com"
    lives_there = {segment: {"trait": {"name": "city", "is": name}}}
    with published(tmp_path / "definitions", lives_there, iys=ACCOUNT, require_iys=True):
        kervan.advance_until("10:00")
        server = kervan.channel("server")
        server.send("identify", userId=f"user-{name}", traits={"email": mail, "city": name, "language": "tr"})
        consent = {"channel": "email", "purpose": "marketing", "address": mail}
        server.send("track", userId=f"user-{name}", event="Consent Granted", properties=consent)
        kervan.settle()
        assert campaign(kervan, tmp_path, f"one-{name}", segment) == [("skipped", "not_in_iys")]

        kervan.stack.exchange_with_iys()
        kervan.stack.exchange_with_iys()
        assert play(kervan, "")["held"][f"{mail}|BIREYSEL|EPOSTA"][-1]["status"] == "ONAY"
        [record] = kervan.api.get(f"/v1/customers/email:{mail}/consents")["iys"]
        assert (record["status"], record["statements"][0]["state"]) == ("ONAY", "accepted")
        kervan.advance(timedelta(days=1))
        assert campaign(kervan, tmp_path, f"two-{name}", segment) == [("sent", None)]

        pushed = play(kervan, "/citizen", recipient=mail, type="EPOSTA", status="RET")
        headers = {"authorization": f"Bearer {iys_account.token()}", "content-type": "application/json"}
        answer = kervan.http("POST", "/v1/hooks/iys", json.dumps(pushed).encode(), headers)
        assert (answer[0], answer[2]) == (200, {"accepted": 1, "unreadable": 0})
        kervan.advance(timedelta(days=1))
        assert campaign(kervan, tmp_path, f"three-{name}", segment) == [("skipped", "no_consent")]

        play(kervan, "/citizen", recipient=mail, type="EPOSTA", status="ONAY")
        kervan.advance(timedelta(hours=1, minutes=1))
        kervan.stack.exchange_with_iys()
        kervan.advance(timedelta(days=1))
        assert campaign(kervan, tmp_path, f"four-{name}", segment) == [("sent", None)]
        kervan.advance(timedelta(days=1))
        play(kervan, "/citizen", recipient=mail, type="EPOSTA", status="RET")
        kervan.advance(timedelta(minutes=15))
        kervan.stack.exchange_with_iys()
        assert campaign(kervan, tmp_path, f"five-{name}", segment) == [("skipped", "no_consent")]
        assert [one for one in play(kervan, "")["refused"] if one["recipient"] == mail] == []
