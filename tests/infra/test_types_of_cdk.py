"""Mypy reads the services of CDK that we use; the others would take half of its time."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = re.compile(r"^\s*(?:from aws_cdk import (\w+)|(?:from|import) aws_cdk\.(\w+))", re.MULTILINE)
NAMED = re.compile(r"^ {4}import (aws_cdk\.[\w.]+) as _\w+_[0-9a-f]{8}$", re.MULTILINE)
"""How a service of CDK imports those that its signatures and base classes name."""

pytestmark = pytest.mark.unit


def read_by_mypy() -> set[str]:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    assert [one["module"] for one in overrides if one.get("follow_imports") == "skip"] == [["aws_cdk.*", "moto.*"]]
    return {module for one in overrides if one.get("follow_imports") == "normal" for module in one["module"]}


def source(module: str) -> str:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).read_text()


def services() -> set[str]:
    """Those that our code imports."""
    files = (path for top in ("infra", "tests", "cli", "benchmarks") for path in (ROOT / top).rglob("*.py"))
    names = {name for path in files for found in OURS.findall(path.read_text()) for name in found}
    return {f"aws_cdk.{name}" for name in names if name.islower()}


def test_mypy_reads_every_service_of_cdk_that_we_use() -> None:
    """And every service that one of them names: what mypy does not read is ``Any``, and no mistake in it is found."""
    used = services()
    assert len(used) > 25
    needed = used | {name for one in used for name in NAMED.findall(source(one))}
    missing = {one for one in needed if not one.startswith("aws_cdk.interfaces")} - read_by_mypy()
    assert missing == set(), "name it in pyproject.toml, where mypy is told what of aws_cdk it reads"
