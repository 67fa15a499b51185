"""`kervan doctor` and `kervan version`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version as installed
from typing import Any

from cli import paths
from cli.catalog import catalog_table
from cli.commands.stage_option import Stage
from cli.doctor.checks import Line, diagnose
from cli.doctor.dns import Dns
from cli.doctor.reading import ABSENT, Sources, date_of, read
from cli.failure import Failure
from cli.local import deploy, server
from cli.output.tables import Json, as_json, pairs, table

BY_ITSELF = frozenset({"account", "region"})
"""Without them nothing was checked."""
MARKS = {"right": "right", "missing": "MISSING", "unknown": "unknown"}


class Account:
    """AWS by the caller's credentials, or the local stack's."""

    def __init__(self, base: str | None) -> None:
        self._base = base

    def ask(self, service: str, operation: str, **request: Any) -> Mapping[str, Any]:
        from botocore.exceptions import ClientError

        from shared.adapters.aws import aws_client

        client = deploy.client(self._base, service) if self._base else aws_client(service)
        try:
            answer: Mapping[str, Any] = getattr(client, operation)(**request)
        except ClientError as refused:
            if self._base and refused.response.get("Error", {}).get("Code") not in ABSENT:
                raise Failure("the emulator does not know it") from refused
            raise
        return answer


def doctor(stage: Stage = "local", json: Json = False) -> None:
    """Whether everything is there that sending needs: what is right, what is missing, and the next step for each.

    Exit status 1 if something is missing, or if AWS does not answer to the caller at all. What else cannot be checked
    is no failure.
    """
    lines = diagnose(read(stage, _sources(stage)))
    if json:
        as_json({"items": [_shown(one) for one in lines]})
    else:
        rows = [(MARKS[one.state], one.check, one.found, one.next_step) for one in lines]
        table(f"kervan-{stage}", ("", "check", "found", "next step"), rows, empty="nothing was checked")
    absent = [one.check for one in lines if one.state == "missing"]
    if absent:
        raise Failure(f"missing: {', '.join(absent)}")
    if any(one.check in BY_ITSELF and one.state == "unknown" for one in lines):
        raise Failure("AWS could not be asked: see the first lines")


def version(stage: Stage = "local", json: Json = False) -> None:
    """The version of this command, and of the stage that was deployed from this folder."""
    outputs = paths.read(f"{stage}.outputs.json").get(f"kervan-{stage}", {})
    if stage == "local":
        outputs = (paths.read(paths.STATE).get("deployed") or {}).get("outputs", {})
    found = {"command": installed("kervan"), "stage": stage, "deployed": outputs.get("Version")}
    if json:
        as_json(found)
    else:
        pairs("Kervan", found | {"deployed": found["deployed"] or "not deployed from this folder"})


def _sources(stage: str) -> Sources:
    base = None
    if stage == "local":
        base = server.running()
        if base is None:
            raise Failure("the local stack does not run: start it with `make run`, or name a stage with --stage")
    return Sources(
        aws=Account(base),
        names=Dns(),
        region=lambda: deploy.REGION if base else _region(),
        catalog=lambda: catalog_table(stage).table,
        date=date_of if base is None else lambda _endpoint: date_of(deploy.endpoint()),
        now=lambda: datetime.now(UTC),
    )


def _region() -> str | None:
    from shared.adapters.aws import session

    named = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return named or session().get_config_variable("region")


def _shown(one: Line) -> dict[str, str]:
    return {"check": one.check, "state": one.state, "found": one.found, "next_step": one.next_step}
