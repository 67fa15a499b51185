"""`kervan rebuild`: each identifier of the log is handed out once, wherever it is interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import paths, rebuilding
from cli.failure import Failure
from cli.main import run
from cli.rebuilding import Log, Progress, rebuild_all
from shared.adapters.attribute_values import write_item
from shared.domain.deadletters.repair import AT_ONCE, RepairTask
from shared.domain.identity.keys import milliseconds
from shared.stores.event_items import event_item
from tests.support.world import KEYS, NOW, event
from tests.unit.admin.test_dead_letters import DeadLetterStack, Target
from tests.unit.ingest.world import STORE_KEY, World

pytestmark = pytest.mark.unit


class Scanned:
    """Answers Scan with pages of ``size`` items of a table, filtered as DynamoDB does: after counting."""

    def __init__(self, items: list[dict[str, Any]], size: int) -> None:
        self.items = items
        self.size = size

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert operation == "Scan"
        start = int(request.get("ExclusiveStartKey", {"at": 0})["at"])
        page = self.items[start : start + self.size]
        found = [write_item(item) for item in page if item["sk"].startswith("t#")]
        end = start + self.size
        return {"Items": found} | ({"LastEvaluatedKey": {"at": end}} if end < len(self.items) else {})


def stored(events: list[int]) -> list[dict[str, Any]]:
    """Of each person so many events and an item of facts, in the order of a scan."""
    items = []
    for person, count in enumerate(events):
        rows = [event_item(event("Seen", [f"user:p{person}"], id=f"m{number}"), KEYS) for number in range(count)]
        items += [*rows, {"pk": KEYS(event("Seen", [f"user:p{person}"]).owner), "sk": "facts"}]
    return items


def handed(queue: Target) -> list[str]:
    tasks = [RepairTask.model_validate(body) for body in queue.bodies]
    assert all(len(task.logs) <= AT_ONCE for task in tasks)
    return [key for task in tasks for key in task.logs]


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 9), st.lists(st.integers(0, 4), max_size=3))
def test_each_identifier_is_handed_out_once(events: list[int], size: int, cuts: list[int]) -> None:
    """Whatever the pages are, and with interruptions between them; an interruption within a page repeats the page."""
    items, queue = stored(events), Target()
    log = Log(Scanned(items, size), "customers", queue, lambda: 0)
    progress = Progress()
    for cut in [*cuts, len(items) + 1]:
        kept: list[Progress] = [progress]
        for pages, now in enumerate(rebuild_all(log, progress, kept.append, 1e9, lambda _: None)):
            progress = now
            if pages == cut or progress.after is None:
                break
        assert kept[-1] == progress
        if progress.after is None:
            break
    assert handed(queue) == list(dict.fromkeys(item["pk"] for item in items if item["sk"].startswith("t#")))
    assert progress.read == sum(events)
    assert progress.handed == sum(count > 0 for count in events)


@given(st.lists(st.integers(-3, 3), max_size=10), st.integers(1, 4))
def test_since_is_about_when_events_came(hours: list[int], size: int) -> None:
    """Not about when they happened; an event that cannot be read counts as new."""
    items = []
    for person, hour in enumerate(hours):
        one = event("Seen", [f"user:p{person}"], at=NOW - timedelta(days=30))
        items.append(event_item(_came(one, NOW + timedelta(hours=hour)), KEYS))
    broken = {"pk": "u." + "b" * 22, "sk": "t#1#x#p", "name": "X", "data": "{"}
    queue = Target()
    log = Log(Scanned([*items, broken], size), "customers", queue, lambda: 0)
    list(rebuild_all(log, Progress(since=milliseconds(NOW)), lambda _: None, 1e9, lambda _: None))
    wanted = [item["pk"] for item, hour in zip(items, hours, strict=True) if hour >= 0]
    assert handed(queue) == [*wanted, broken["pk"]]


def _came(one: Any, when: Any) -> Any:
    from msgspec.structs import replace

    return replace(one, received_at=when)


def test_the_pace_is_kept() -> None:
    """So many identifiers a second."""
    slept: list[float] = []
    log = Log(Scanned(stored([1] * 60), 1_000), "customers", Target(), lambda: 0)
    list(rebuild_all(log, Progress(), lambda _: None, 20.0, slept.append))
    assert sum(slept) == pytest.approx(3.0)


def test_an_interrupted_rebuild_is_kept_and_a_finished_one_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a small file of the stage."""
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    assert rebuilding.load("dev", None) == Progress()
    half = Progress(after={"pk": {"S": "u.1"}}, last="u.1", read=7, handed=2)
    rebuilding.keep("dev", half)
    assert rebuilding.load("dev", None) == half
    with pytest.raises(Failure, match="--restart"):
        rebuilding.load("dev", NOW)
    assert rebuilding.load("prod", NOW) == Progress(since=milliseconds(NOW))
    rebuilding.keep("dev", Progress(read=9, handed=3))
    assert not paths.path("rebuild.dev.json").exists()
    paths.write("rebuild.dev.json", {"other": 1})
    assert run(["rebuild", "--all", "--stage", "nowhere"]) == 1


def test_everybody_is_handed_out_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With progress for people, and numbers for programs."""
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    monkeypatch.setattr("cli.rebuilding.pause", lambda _: None)
    queue = Target()
    log = Log(Scanned(stored([2, 1]), 2), "customers", queue, lambda: 4)
    monkeypatch.setattr("cli.rebuilding.log_of", lambda _stage: log)
    assert run(["rebuild", "--all"]) == 0
    assert "3 events read, 2 identifiers handed out." in capsys.readouterr().out
    assert run(["rebuild", "--all", "--since", "36h", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"events": 3, "identifiers": 0, "waiting": 4}


@pytest.mark.parametrize(
    "arguments", [[], ["user:1", "--all"], ["--all", "--since", "soon"], ["user:1", "--since", "1h"]]
)
def test_wrong_use_is_told(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read."""
    monkeypatch.setattr("cli.rebuilding.log_of", lambda _stage: pytest.fail("nothing is to be read"))
    assert run(["rebuild", *arguments]) == 2


def test_one_customer_is_rebuilt_over_the_api(
    connect: Callable[[World], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """All identifiers of the person; nobody by that name is 404."""
    stack = DeadLetterStack()
    connect(stack.world)
    stack.world.post("/v1/identify", {"userId": "42", "traits": {"email": "a@x.example"}}, key=STORE_KEY)
    assert run(["rebuild", "user:42"]) == 0
    assert "1 identifier made anew" in capsys.readouterr().out
    assert handed(stack.targets["segment-work"]) == [stack.world.keys(event("Seen", ["user:42"]).owner)]
    assert run(["rebuild", "user:nobody"]) == 1
    assert stack.world.get("/v1/customers/user:42/rebuild")[0] == 405
