"""Files into the real stack: customers, their history and their consents, once and again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan
from tests.support.history import write

pytestmark = pytest.mark.e2e
PEOPLE, EVENTS = 10, 300


def brought(kervan: Kervan, kind: str, file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The summary of an import with the key of the trusted server."""
    key = kervan.write_keys["server"]
    capsys.readouterr()
    assert run(["import", kind, str(file), "--endpoint", kervan.endpoint, "--write-key", key, "--json"]) == 0
    kervan.settle()
    return dict(json.loads(capsys.readouterr().out))


def shown(kervan: Kervan, name: str) -> list[tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]]:
    """Everything that can be asked about these people, but for when an event last arrived."""
    people = [f"user:{name}-{person}" for person in range(PEOPLE)]
    found = [(kervan.customer(who), kervan.timeline(who), kervan.messages(who)) for who in people]
    for _customer, timeline, _messages in found:
        for entry in timeline:
            del entry["received_at"]
    return found


def test_customers_history_and_consents_twice(
    kervan: Kervan, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An Excel file of people, 300 events without ids and a file of consents: all there, and the second time changes
    nothing that can be asked, the timeline's times included."""
    people = tmp_path / "people.csv"
    lines = [f"{name}-{n};{name}{n}@example.com;Ayşe {n};Iğdır" for n in range(PEOPLE)]
    people.write_text("\ufeffuser;email;firstName;city\r\n" + "\r\n".join(lines) + "\r\n;;nobody;\r\n")
    history = tmp_path / "history.ndjson"
    start = datetime.now(UTC) - timedelta(days=150)
    with history.open("w") as file:
        for number in range(EVENTS):
            at = (start + timedelta(hours=number)).isoformat()
            row: dict[str, Any] = {"type": "track", "userId": f"{name}-{number % PEOPLE}", "timestamp": at}
            product = {"product_id": f"p{number % 7}", "price": 10, "quantity": 1}
            if number % 3:
                row |= {"event": "Product Viewed", "properties": product}
            else:
                order = {"order_id": f"{name}-o{number}", "total": 10, "currency": "TRY", "products": [product]}
                row |= {"event": "Order Completed", "properties": order}
            file.write(json.dumps(row) + "\n")
        file.write('{"type":"track","userId":"1","timestamp":"2026-01-01T00:00:00Z"}\n')
    consents = tmp_path / "consents.csv"
    consents.write_text(
        "identifier,channel,purpose,status,time,source,text_version\n"
        f"user:{name}-0,email,marketing,granted,2026-01-05,store,v1\n"
        f"{name}1@example.com,email,marketing,withdrawn,2026-01-05,form,v1\n"
    )
    files = {"customers": people, "events": history, "consents": consents}
    first = {kind: brought(kervan, kind, path, capsys) for kind, path in files.items()}
    assert [(one["accepted"], one["rejected"]) for one in first.values()] == [(PEOPLE, 1), (EVENTS, 1), (2, 0)]
    told = json.loads(Path(first["events"]["rejected_file"]).read_text())
    assert (told["line"], "name" in told["reason"]) == (EVENTS + 1, True)
    before = shown(kervan, name)
    assert sum(customer["orders"]["count"] for customer, _timeline, _messages in before) == EVENTS / 3
    assert before[0][0]["traits"]["city"] == "Iğdır"
    assert before[0][0]["consent"]["email"]["marketing"]["granted"] is True
    assert before[1][0]["consent"]["email"]["marketing"]["granted"] is False
    for kind, path in files.items():
        again = brought(kervan, kind, path, capsys)
        timings = {"seconds": 0, "rows_per_second": 0, "folded_seconds": 0}
        assert {**again, **timings} == {**first[kind], **timings}
    assert shown(kervan, name) == before


def stopped_midway(kervan: Kervan, file: Path) -> int:
    """The command as a process of its own, interrupted as by Ctrl-C once a part is in; its exit status."""
    keys = {"KERVAN_ENDPOINT": kervan.endpoint, "KERVAN_WRITE_KEY": kervan.write_keys["server"]}
    command = [sys.executable, "-c", "from cli.main import main; main()", "import", "events", str(file)]
    running = subprocess.Popen(command, env=os.environ | keys, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    progress = file.with_name(file.name + ".kervan-progress")
    deadline = time.monotonic() + 30
    while running.poll() is None and time.monotonic() < deadline:
        if progress.exists() and json.loads(progress.read_text())["done"]["accepted"]:
            running.send_signal(signal.SIGINT)
            break
        time.sleep(0.02)
    return running.wait(30)


@pytest.mark.long
def test_interrupted_gone_on_with_and_once_more(
    kervan: Kervan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """3,000 events of 150 people: stopped midway, the same command goes on from there, nobody misses an event, and the
    second import changes nothing."""
    events, people = 3000, 150
    file = tmp_path / "history.ndjson"
    write(file, events, people)
    assert stopped_midway(kervan, file) == 130
    rest = brought(kervan, "events", file, capsys)
    assert (rest["rows"], rest["accepted"], rest["rejected"]) == (events, events, 0)
    assert rest["continued_from_line"] > 1

    def shown_now() -> list[Any]:
        whole = [(kervan.customer(f"user:u{n}"), kervan.timeline(f"user:u{n}")) for n in range(people)]
        for _customer, timeline in whole:
            for entry in timeline:
                del entry["received_at"]
        return whole

    before = shown_now()
    assert sum(len(timeline) for _customer, timeline in before) == events
    assert brought(kervan, "events", file, capsys)["accepted"] == events
    assert shown_now() == before
