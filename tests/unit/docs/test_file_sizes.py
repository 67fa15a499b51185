"""Files stay short enough to be read at one sitting."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
MOST_LINES = 350


def test_no_python_file_is_too_long() -> None:
    """A tracked Python file has at most 350 lines; a longer one is split by subject."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    lines = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in tracked if (ROOT / name).is_file()}
    assert lines
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
