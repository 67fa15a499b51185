"""A segment and a list at Meta on the local stack: who enters is added, who withdraws is removed; retention counts."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import Kervan
from tests.e2e.test_segments import published

pytestmark = pytest.mark.e2e


def listed(kervan: Kervan, number: str) -> list[str]:
    """What the platform holds."""
    with urllib.request.urlopen(f"{kervan.stack.base}/_kervan/ads", timeout=30) as answer:  # noqa: S310
        return list(json.load(answer)["lists"].get(number, []))


def test_from_a_segment_to_a_list(kervan: Kervan, name: str, tmp_path: Path) -> None:
    """By the functions as they are deployed, with their rights, queues and schedules."""
    segment, mail, number = f"ads-{name}", f"ads-{name}@example.com", str(abs(hash(name)) % 10**9)
    lives_there = {segment: {"trait": {"name": "city", "is": name}}}
    audiences = {f"a-{name}"[:40]: {"segment": segment, "to": "meta", "list": number}}
    with published(tmp_path / "definitions", lives_there, audiences=audiences):
        server = kervan.channel("server")
        server.send("identify", userId=f"user-{name}", traits={"email": mail, "city": name})
        consent = {"channel": "email", "purpose": "ads", "address": mail}
        server.send("track", userId=f"user-{name}", event="Consent Granted", properties=consent)
        kervan.settle()
        kervan.stack.tell_audiences()
        assert listed(kervan, number) == [f"EMAIL {hashlib.sha256(mail.encode()).hexdigest()}"]
        [shown] = [one for one in kervan.api.get("/v1/audiences")["items"] if one["list"] == number]
        assert (shown["size"], shown["problem"], shown["complete"]) == (1, None, True)
        server.send("track", userId=f"user-{name}", event="Consent Withdrawn", properties=consent)
        kervan.settle()
        kervan.stack.tell_audiences()
        assert listed(kervan, number) == []

        kervan.stack.walk_for_retention()
        found = kervan.api.get("/v1/retention")
        assert found["rules"]["carry_out"] is False
        assert found["walk"]["looked_at"] > 0
        assert found["walk"]["begun"] == 0
