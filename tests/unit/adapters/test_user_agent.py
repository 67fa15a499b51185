"""Others hear the version that was released."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from shared.adapters.user_agent import USER_AGENT, VERSION

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[3]


def test_others_hear_the_version() -> None:
    """It is that of pyproject.toml, and no request names another."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == VERSION
    assert f"kervan/{VERSION}" == USER_AGENT
    told = [path for path in (ROOT / "shared").rglob("*.py") if '"kervan/' in path.read_text("utf-8")]
    assert [path.name for path in told] == ["user_agent.py"]


def test_the_release_is_noted() -> None:
    """CHANGELOG.md has an entry, and each says whether versions run beside each other."""
    entries = (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]
    assert entries[0].startswith(f"{VERSION}, ")
    assert all("beside" in entry.lower() for entry in entries)
