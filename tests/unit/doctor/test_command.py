"""``kervan doctor`` as a command: its exit status, and the region that it asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from cli.commands import doctor
from cli.doctor.reading import Sources
from cli.main import name_region, run
from tests.unit.doctor import test_reading as world

pytestmark = pytest.mark.unit


class Unreachable(world.Account):
    """AWS to somebody who is not signed in."""

    def ask(self, service: str, operation: str, **request: Any) -> Mapping[str, Any]:
        raise NoCredentialsError


def asked(monkeypatch: pytest.MonkeyPatch, sources: Sources, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    monkeypatch.setattr(doctor, "_sources", lambda _stage: sources)
    status = run(["doctor", "--stage", "prod", "--json"])
    said = capsys.readouterr()
    assert len(json.loads(said.out)["items"]) == 15
    return status, said.err


def test_who_is_not_signed_in_hears_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is called missing, because nothing was read; but a script must not go on."""
    assert asked(monkeypatch, world.sources(world.Account(), world.Records()), capsys) == (0, "")
    status, said = asked(monkeypatch, world.sources(Unreachable(), world.Records()), capsys)
    assert (status, said) == (1, "kervan: AWS could not be asked: see the first lines\n")


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
        ({"AWS_REGION": ""}, None),
        ({}, None),
    ],
)
def test_a_region_by_its_common_name_is_understood(given: dict[str, str], region: str | None) -> None:
    """Whoever sets AWS_REGION, as docs/deploy.md says, has a region; the other name wins, as in AWS's library."""
    name_region(given)
    assert given.get("AWS_DEFAULT_REGION") == region
