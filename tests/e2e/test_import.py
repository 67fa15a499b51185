"""Files into the real stack: customers, their history and their consents, once and again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan

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
        assert {**again, "seconds": 0, "rows_per_second": 0} == {**first[kind], "seconds": 0, "rows_per_second": 0}
    assert shown(kervan, name) == before
