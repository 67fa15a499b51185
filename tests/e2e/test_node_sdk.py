"""The unmodified @segment/analytics-node sends to the local endpoint."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cli import paths
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e


def test_segment_analytics_node(kervan: Kervan, name: str) -> None:
    """Everything that the Node SDK sent is in the timeline."""
    node = paths.project() / ".venv" / "bin" / "node"
    script = Path(__file__).parent / "sdk" / "node.mjs"
    done = subprocess.run(
        [str(node), str(script), kervan.endpoint, kervan.write_keys["server"], name],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    kervan.settle()
    assert {"Product Viewed", "Page Viewed", "Identified"} <= {
        item["event"] for item in kervan.timeline(f"user:{name}")
    }
