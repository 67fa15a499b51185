"""Segments as a marketer meets them: right within a minute, explained beforehand, filled for those who were there."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.deployment.api import quoted
from cli.main import run
from tests.e2e.conftest import Kervan
from tests.support.cases import LONG
from tests.support.sql_members import SEGMENTS, members_by_sql, write_history

pytestmark = pytest.mark.e2e
REPOSITORY = Path(__file__).parents[2]
PEOPLE = 20_000 if LONG else 60
MINUTE = timedelta(minutes=1)
PATIENCE = 3_600.0 if LONG else 60.0


def ordered(kervan: Kervan, user: str, number: str) -> None:
    said = {"order_id": f"{user}-{number}", "total": 100, "currency": "TRY", "products": [{"product_id": "p-1"}]}
    kervan.channel("store").send("track", userId=user, event="Order Completed", properties=said)
    kervan.settle()


def refunded(kervan: Kervan, user: str, number: str) -> None:
    said = {"order_id": f"{user}-{number}"}
    kervan.channel("store").send("track", userId=user, event="Order Refunded", properties=said)
    kervan.settle()


def segments(kervan: Kervan, user: str) -> set[str]:
    return set(kervan.customer(f"user:{user}")["segments"])


def explained(kervan: Kervan, segment: str, user: str) -> dict[str, Any]:
    return dict(kervan.api.get(f"/v1/segments/{segment}/explain/{quoted(f'user:{user}')}"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@contextmanager
def published(folder: Path, added: dict[str, dict[str, Any]], **shop: Any) -> Iterator[None]:
    """The definitions of the repository with some segments more and other answers of the shop; theirs alone
    afterwards."""
    shutil.copytree(REPOSITORY / "definitions", folder)
    answers = yaml.safe_load((folder / "shop.yaml").read_text("utf-8")) | shop
    (folder / "shop.yaml").write_text(yaml.safe_dump(answers, allow_unicode=True), "utf-8")
    for name, who in added.items():
        (folder / "segments" / f"{name}.yaml").write_text(yaml.safe_dump({"segment": name, "who": who}))
    assert run(["definitions", "apply", str(folder), "--json"]) == 0
    try:
        yield
    finally:
        assert run(["definitions", "apply", str(REPOSITORY / "definitions"), "--json"]) == 0


def backfilled(kervan: Kervan, capsys: pytest.CaptureFixture[str]) -> list[float]:
    """Waits until the published release has reached everybody; the shares that were shown on the way."""
    seen: list[float] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        kervan.advance(MINUTE)
        capsys.readouterr()
        assert run(["segments", "list", "--json"]) == 0
        walk = json.loads(capsys.readouterr().out)["backfill"]
        seen.append(walk["fraction"])
        if walk["state"] == "done":
            return seen
    raise AssertionError(f"the backfill stands at {seen[-1:]}")


def members(name: str, capsys: pytest.CaptureFixture[str]) -> set[str]:
    capsys.readouterr()
    assert run(["segments", "members", name, "--limit", "100000", "--json"]) == 0
    return {item["identifier"] for item in json.loads(capsys.readouterr().out)["items"]}


def test_at_risk_from_exactly_ninety_days_on(
    kervan: Kervan, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In at 90 days and not a minute before; out with the next order. A refund of that order brings her back, because
    the shop's answers ignore refunded orders; a definition that counts them keeps her out."""
    whatever = ["completed", "cancelled", "fully_refunded"]
    counting = {
        "all": [
            {"orders": {"at_least": 1, "status": whatever}},
            {"not": {"orders": {"at_least": 1, "within": "90d", "status": whatever}}},
        ]
    }
    with published(tmp_path / "definitions", {"at-risk-of-any": counting}):
        bought = kervan.now()
        ordered(kervan, name, "1")
        kervan.advance(bought + timedelta(days=90) - kervan.now() - MINUTE)
        assert segments(kervan, name) & {"at-risk", "at-risk-of-any"} == set()
        due = moment(explained(kervan, "at-risk", name)["valid_until"])
        assert abs(due - (bought + timedelta(days=90))) < timedelta(seconds=5)
        kervan.advance(due - kervan.now() + timedelta(seconds=1))
        assert segments(kervan, name) >= {"at-risk", "at-risk-of-any"}
        ordered(kervan, name, "2")
        assert segments(kervan, name) & {"at-risk", "at-risk-of-any"} == set()
        refunded(kervan, name, "2")
        assert segments(kervan, name) & {"at-risk", "at-risk-of-any"} == {"at-risk"}


def test_high_value_with_the_sixth_order_until_the_window_leaves_it(kervan: Kervan, name: str) -> None:
    """Six orders a day apart; `explain` says beforehand when she leaves, and she leaves then."""
    first = kervan.now()
    for number in range(5):
        ordered(kervan, name, str(number))
        kervan.advance(timedelta(days=1))
    assert "high-value" not in segments(kervan, name)
    ordered(kervan, name, "5")
    assert "high-value" in segments(kervan, name)
    leaves = moment(explained(kervan, "high-value", name)["valid_until"])
    assert abs(leaves - (first + timedelta(days=180))) < timedelta(seconds=5)
    kervan.advance(leaves - kervan.now() - MINUTE)
    assert "high-value" in segments(kervan, name)
    kervan.advance(MINUTE + timedelta(seconds=1))
    assert "high-value" not in segments(kervan, name)


def test_a_new_definition_over_everybody_equals_sql(
    kervan: Kervan, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Imported first, defined afterwards: backfilled with progress, and the members are those of SQL."""
    file = tmp_path / "history.ndjson"
    write_history(file, name, PEOPLE, kervan.now())
    key = kervan.write_keys["server"]
    assert run(["import", "events", str(file), "--endpoint", kervan.endpoint, "--write-key", key, "--json"]) == 0
    kervan.settle()
    with published(tmp_path / "definitions", {segment: who for segment, (who, _) in SEGMENTS.items()}):
        shares = backfilled(kervan, capsys)
        assert shares == sorted(shares)
        assert shares[-1] == 1
        now = kervan.now()
        wanted = members_by_sql(file, now)
        found = {segment: members(segment, capsys) for segment in SEGMENTS}
    own = {segment: {who for who in ids if who and who.startswith(f"user:{name}-")} for segment, ids in found.items()}
    assert own == {segment: {f"user:{user}" for user in ids} for segment, ids in wanted.items()}
    assert sum(map(bool, own.values())) >= 4
