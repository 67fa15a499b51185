"""What the hot path imports, because every import is paid at each cold start."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.unit


def test_taking_events_imports_little() -> None:
    """The module behind the HTTP API loads neither pydantic nor Powertools nor botocore nor phone metadata."""
    told = subprocess.run(
        [sys.executable, "-c", "import functions.ingest.api, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    assert "functions" in loaded
    assert not loaded & {"pydantic", "aws_lambda_powertools", "boto3", "botocore", "urllib3", "phonenumbers", "liquid"}
