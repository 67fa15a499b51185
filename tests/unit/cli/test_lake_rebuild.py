"""`kervan lake rebuild`: the lake holds afterwards what the log and the ledger say, wherever it is interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cli import lake_rebuilding
from cli.lake_rebuilding import Progress, Told, rebuild_lake
from cli.main import run
from shared.adapters.attribute_values import write_item
from shared.domain.deadletters.repair import AT_ONCE, RepairTask
from shared.domain.journeys.enrollment import to_item
from shared.domain.messages.message import State
from shared.stores.event_items import event_item
from shared.stores.ledger import write_record
from tests.support.cases import UNIT, cases
from tests.support.world import KEYS, event
from tests.unit.measure.test_handing import OUTCOMES, RECORD
from tests.unit.schedule.test_lake import BEGUN

pytestmark = UNIT


class Tables:
    """Answers Scan with pages of ``size`` items; what the filter leaves out counts for the page."""

    def __init__(self, tables: Mapping[str, list[dict[str, Any]]], size: int) -> None:
        self.tables, self.size = tables, size

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert operation == "Scan"
        items, wanted = self.tables[request["TableName"]], _condition(request)
        start = int(request.get("ExclusiveStartKey", {"at": 0})["at"])
        end = start + self.size
        found = [write_item(item) for item in items[start:end] if wanted(item["sk"])]
        return {"Items": found} | ({"LastEvaluatedKey": {"at": end}} if end < len(items) else {})


def _condition(request: Mapping[str, Any]) -> Callable[[str], bool]:
    values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
    if ":message" in values:
        return lambda sk: sk == values[":message"]
    return lambda sk: sk.startswith((values[":event"], values[":enrollment"]))


class Texts:
    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_many(self, bodies: Any) -> None:
        self.bodies += bodies


def customers(counts: list[tuple[int, int]]) -> list[dict[str, Any]]:
    """Of each person so many events and enrollments, between other items, in the order of a scan."""
    items: list[dict[str, Any]] = []
    for person, (events, enrollments) in enumerate(counts):
        home = KEYS(event("Seen", [f"user:p{person}"]).owner)
        items += [{**to_item(replace(BEGUN, id=f"e{n}", home=home)), "pk": home} for n in range(enrollments)]
        items.append({"pk": home, "sk": "facts"})
        items += [event_item(event("Seen", [f"user:p{person}"], id=f"m{number}"), KEYS) for number in range(events)]
    return items


def messages(states: list[State]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = [{"pk": "coupon#x", "sk": "free#1"}]
    for number, state in enumerate(states):
        record = replace(RECORD, message_id=f"{'m' * 25}{chr(97 + number)}", state=state, outcome=OUTCOMES[state])
        items.append(write_record(record))
    return items


@cases(60)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=8),
    st.lists(st.sampled_from(list(State)), max_size=8),
    st.integers(1, 9),
    st.lists(st.integers(0, 3), max_size=3),
)
def test_everything_is_handed_out(
    counts: list[tuple[int, int]], states: list[State], size: int, cuts: list[int]
) -> None:
    """Each identifier with events once, each enrollment and each message that was decided; interruptions between pages
    repeat nothing."""
    tables = {"customers": customers(counts), "messages": messages(states)}
    work, rows = Texts(), Texts()
    told = Told(Tables(tables, size), {"customers": "customers", "messages": "messages"}, work, rows)
    progress = Progress()
    for cut in [*cuts, 1_000]:
        kept: list[Progress] = []
        for pages, now in enumerate(rebuild_lake(told, progress, kept.append, 1e9, lambda _: None)):
            progress = now
            if pages == cut:
                break
        assert not kept or kept[-1] == progress
    assert progress.over
    tasks = [RepairTask.model_validate_json(body) for body in work.bodies]
    assert all(len(task.lake) <= AT_ONCE for task in tasks)
    homes = [key for task in tasks for key in task.lake]
    assert homes == list(dict.fromkeys(one["pk"] for one in tables["customers"] if one["sk"].startswith("t#")))
    lines = [json.loads(line) for body in rows.bodies for line in body.splitlines()]
    assert {line["table"] for line in lines} <= {"outcomes"}
    found = [line["id"] for line in lines]
    enrollments = [
        f"{one['pk']} {one['sk'].removeprefix('enrollment#')}"
        for one in tables["customers"]
        if one["sk"].startswith("enroll")
    ]
    decided = [
        one["pk"] for one in tables["messages"] if one["sk"] == "message" and one["state"] not in ("claimed", "calling")
    ]
    assert sorted(found) == sorted([*enrollments, *decided])
    assert (progress.identifiers, progress.rows, progress.unreadable) == (len(homes), len(found), 0)


def test_an_item_that_cannot_be_read_stops_no_other() -> None:
    """It is counted and told."""
    broken = {**write_record(RECORD), "decided_ms": "soon"}
    told = Told(
        Tables({"customers": [], "messages": [broken, write_record(RECORD)]}, 9),
        {"customers": "customers", "messages": "messages"}, Texts(), Texts(),
    )  # fmt: skip
    *_, last = rebuild_lake(told, Progress(), lambda _: None, 1e9, lambda _: None)
    assert (last.rows, last.unreadable) == (1, 1)


def test_the_command_goes_on_where_it_was_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A page that failed is read again; what is over leaves no note behind."""

    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))

    class Failing(Tables):
        left = 1

        def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            return super().call(operation, request)

    tables = Failing({"customers": customers([(2, 1), (1, 0)]), "messages": messages([State.SENT])}, 3)
    work, rows = Texts(), Texts()
    told = Told(tables, {"customers": "customers", "messages": "messages"}, work, rows)
    monkeypatch.setattr(lake_rebuilding, "told_of", lambda _stage: told)
    assert run(["lake", "rebuild", "--per-second", "10000"]) == 130
    tables.left = 99
    capsys.readouterr()
    assert run(["lake", "rebuild", "--per-second", "10000", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"items": 5, "identifiers": 2, "rows": 2, "unreadable": 0}
    assert len(work.bodies) == 2
    assert run(["lake", "rebuild", "--per-second", "10000"]) == 0
    assert "2 identifiers and 2 outcomes handed out" in capsys.readouterr().out
