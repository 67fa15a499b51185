"""`kervan doctor` on the local stack, on an empty account, and on one that was prepared badly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.local import deploy
from cli.main import run
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e


class NoDns:
    """A machine without a name server: the test asks nobody outside."""

    def ask(self, _name: str, _kind: str) -> tuple[str, ...]:
        from cli.doctor.dns import DnsUnavailable

        raise DnsUnavailable("no name server")


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["doctor", "--json"]) == 0
    return {one["check"]: one for one in json.loads(capsys.readouterr().out)["items"]}


def told_in(account: dict[str, str]) -> dict[str, Any]:
    """Of ``prod``, by a process of its own: who it is and where AWS is, is read when it begins."""
    command = [str(Path(sys.executable).with_name("kervan")), "doctor", "--json", "--stage", "prod"]
    done = subprocess.run(command, env={**os.environ, **account}, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return {one["check"]: one for one in json.loads(done.stdout)["items"]}


def states(found: dict[str, Any], state: str) -> set[str]:
    return {name for name, one in found.items() if one["state"] == state}


def test_what_is_missing_is_told_with_the_next_step(
    kervan: Kervan, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local stack is whole: nothing is missing, and what the emulator does not know is said to be unknown. The same
    account asked for ``prod`` has nothing of it. A stack that failed, and a sender that nobody verified, are named."""
    monkeypatch.setattr("cli.commands.doctor.Dns", NoDns)
    assert kervan.api.get("/v1/segments")["items"]  # a stack whose functions answer
    whole = told(capsys)
    assert states(whole, "missing") == set()
    assert {"account", "region", "bootstrap", "stack", "versions", "SES identity", "clock"} <= states(whole, "right")
    assert all("not checked" in whole[name]["found"] for name in states(whole, "unknown"))

    account = {
        "AWS_ENDPOINT_URL": kervan.stack.base, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": deploy.REGION,
    }  # fmt: skip
    empty = told_in(account)
    assert empty["stack"]["found"] == "kervan-prod is not deployed"
    assert empty["stack"]["next_step"] == "make deploy STAGE=prod"
    assert {"account", "region", "bootstrap"} <= states(empty, "right")

    nowhere = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "http://127.0.0.1:1/none"}}
    template = {"Resources": {"Broken": nowhere}}
    cloudformation = deploy.client(kervan.stack.base, "cloudformation")
    cloudformation.create_stack(StackName="kervan-prod", TemplateBody=json.dumps(template))
    try:
        failed = told_in(account)
        assert failed["stack"]["state"] == "missing"
        assert "ROLLBACK" in failed["stack"]["found"] or "FAILED" in failed["stack"]["found"]
        assert "deploy again" in failed["stack"]["next_step"]
    finally:
        cloudformation.delete_stack(StackName="kervan-prod")
