"""A campaign on the real stack: to imported customers, watched while it goes out, cancelled in the middle."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import run
from tests.e2e.conftest import Kervan
from tests.e2e.test_segments import published
from tests.support.cases import LONG

pytestmark = [pytest.mark.e2e, *([pytest.mark.long] if LONG else [])]
PEOPLE = 5_000 if LONG else 40
MINUTES = 10
"""So long it would take at the pace that the campaign asks for."""


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What the command says with --json."""
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def brought(kervan: Kervan, folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """People of one city with their consents, from files as an old tool exports them."""
    people, consents = folder / "people.csv", folder / "consents.csv"
    users = [f"{name}-{number}" for number in range(PEOPLE)]
    rows = [f"{user},{user}@example.com,Deniz,{name}" for user in users]
    people.write_text("user,email,firstName,city\n" + "\n".join(rows) + "\n")
    rows = [f"{user}@example.com,email,marketing,granted,2026-01-05T10:00:00Z,old tool" for user in users]
    consents.write_text("email,channel,purpose,status,time,source\n" + "\n".join(rows) + "\n")
    to = ("--endpoint", kervan.endpoint, "--write-key", kervan.write_keys["server"])
    assert command(capsys, "import", "customers", str(people), *to)["rejected"] == 0
    assert command(capsys, "import", "consents", str(consents), *to)["rejected"] == 0
    kervan.settle()


def test_a_campaign_is_watched_and_cancelled_in_the_middle(
    kervan: Kervan, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its progress rises minute by minute, nobody gets it twice, and from the cancel on nobody gets it at all."""
    with published(tmp_path / "definitions", {f"of-{name}": {"trait": {"name": "city", "is": name}}}):
        brought(kervan, tmp_path, name, capsys)
        kervan.advance_until("10:00")
        campaign = {
            "campaign": f"sale-{name}", "segment": f"of-{name}", "send": "welcome", "purpose": "marketing",
            "channels": ["email"], "at": "now", "throttle": {"per_minute": PEOPLE // MINUTES},
        }  # fmt: skip
        file = tmp_path / "sale.yaml"
        file.write_text(yaml.safe_dump(campaign))
        assert command(capsys, "campaigns", "check", str(file))["reach"]["members"] == PEOPLE
        assert command(capsys, "campaigns", "schedule", str(file), "--yes")["estimate"] == PEOPLE
        shown = []
        for _ in range(MINUTES // 2):
            kervan.advance(timedelta(minutes=1))
            shown.append(command(capsys, "campaigns", "show", f"sale-{name}"))
        handed = [one["handed_over"] for one in shown]
        assert handed == sorted(set(handed))
        assert shown[-1]["outcomes"]["sent"] == handed[-1] < PEOPLE
        assert command(capsys, "campaigns", "cancel", f"sale-{name}")["state"] == "cancelled"
        kervan.advance(timedelta(hours=2))
        last = command(capsys, "campaigns", "show", f"sale-{name}")
        assert (last["state"], last["open"], last["outcomes"]["sent"]) == ("cancelled", 0, handed[-1])
    to = Counter(item["to"] for item in kervan.outbox() if item["journey"] == f"sale-{name}")
    assert set(to.values()) == {1}
    assert len(to) == handed[-1]
    assert to.keys() <= {f"{name}-{number}@example.com" for number in range(PEOPLE)}
