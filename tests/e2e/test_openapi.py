"""The document describes the running API: Schemathesis asks whatever the document permits, and much that it does not.

It runs last (tests/e2e/conftest.py), because it turns switches and schedules campaigns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Kervan

COMMAND = Path(sys.executable).parent / "schemathesis"
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "allow_header_conformance",
)  # fmt: skip
"""No 5xx; status, content type, headers and every field as documented; 405 says what is allowed."""


LINKS = "message links"


def hold_against_document(kervan: Kervan, folder: Path, seconds: int, *options: str, at_least: int = 11) -> None:
    """Fails with what was not answered as documented. A slow machine gets more time to come to the operations."""
    for span in (seconds, 4 * seconds, 16 * seconds):
        if operations_tried(kervan, folder, span, *options) >= at_least:
            return
    raise AssertionError(f"fewer than {at_least} operations were tested in {span} seconds")


def operations_tried(kervan: Kervan, folder: Path, seconds: int, *options: str) -> int:
    """How many operations were tried in this time. Fails with what was not answered as documented."""
    report = folder / "report.json"
    done = subprocess.run(
        [
            *(str(COMMAND), "run", f"{kervan.endpoint}/v1/openapi.json"),
            *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
            *("--max-time", str(seconds), "--seed", "1", "--no-shrink", "--continue-on-failure"),
            *("--max-redirects", "0"),  # a link of a message leads to another host
            *("--suppress-health-check", "all", "--request-timeout", "30", "--warnings", "off"),
            *("--report", "json", "--report-json-path", str(report), *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(report.read_text())
    return int(found["operations"]["tested"])


@pytest.fixture
def running(kervan: Kervan) -> Kervan:
    """Somebody who is known by the identifier of the examples; afterwards everything may be sent again."""
    server = kervan.channel("server")
    server.post("identify", {"userId": "42", "traits": {"email": "ayse@example.com"}})
    server.post("track", {"userId": "42", "event": "Order Completed", "properties": {"order_id": "A-1"}})
    kervan.settle()
    return kervan


def test_operators_are_answered_as_documented(running: Kervan, tmp_path: Path) -> None:
    """Every operation with the admin key."""
    try:
        key = f"Authorization: Bearer {running.api.key}"
        without = ("--exclude-tag", "tracking", "--exclude-tag", LINKS, "--exclude-operation-id", "erase")
        hold_against_document(running, tmp_path, 32, "-H", key, *without)  # who is erased is found by no other path
    finally:
        running.api.put("/v1/controls", {"global_stop": False, "shadow": False, "allow_list": None})
        for journey in running.api.get("/v1/journeys")["items"]:
            if journey["state"] != "running":
                running.api.put(f"/v1/journeys/{journey['name']}/state", {"state": "running"})


def test_channels_are_answered_as_documented(running: Kervan, tmp_path: Path) -> None:
    """The tracking API with a server's write key."""
    hold_against_document(running, tmp_path, 18, "-a", f"{running.write_keys['server']}:", "--include-tag", "tracking")


def test_links_of_messages_are_answered_as_documented(running: Kervan, tmp_path: Path) -> None:
    """Without a key. Nobody can make a token that is valid, so all of them are refused."""
    hold_against_document(running, tmp_path, 6, "--include-tag", LINKS, at_least=3)
