"""The record of AWS calls that functions make in the end-to-end and flow tests, without the stage's names."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

RECORD = Path(__file__).parents[1] / "data" / "aws_calls.json"
STAGE = "kervan-local-"
SENDER = "hello@kervan.example"


def recorded() -> set[tuple[str, str, str, str]]:
    """Function, action, resource and first word of the key, as ``cli.local.aws_calls`` keeps them."""
    text = RECORD.read_text() if RECORD.exists() else ""
    held = json.loads(text or "{}")
    return {
        (function, action, resource, key)
        for function, actions in held.items()
        for action, resources in actions.items()
        for resource, keys in resources.items()
        for key in keys
    }


def add_calls(calls: Iterable[Sequence[str]]) -> None:
    """Adds calls of the local stack to the record; several processes may do so at once."""
    new = {(function.removeprefix(STAGE), action, neutral(resource), key) for function, action, resource, key in calls}
    with RECORD.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        RECORD.write_text(written(recorded() | new))


def neutral(resource: str) -> str:
    """An ARN without account, region and stage: ``dynamodb:table/catalog``."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource
    named = parts[5].replace(STAGE, "").replace(STAGE.rstrip("-"), "kervan").replace(SENDER, "SENDER")
    return f"{parts[2]}:{named}"


def written(calls: Iterable[tuple[str, str, str, str]]) -> str:
    """As JSON, in order."""
    held: dict[str, dict[str, dict[str, list[str]]]] = {}
    for function, action, resource, key in sorted(calls):
        held.setdefault(function, {}).setdefault(action, {}).setdefault(resource, []).append(key)
    return json.dumps(held, indent=1) + "\n"
