"""The local stack fills a lake: what happens is a row, compaction makes Parquet of it, an erasure hides it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cli import lake_rebuilding, rebuilding
from cli.local import deploy
from cli.main import run
from functions.measure.lake_reader import open_lake
from shared.adapters.s3_objects import S3Objects
from tests.e2e.conftest import Kervan
from tests.e2e.test_cart_recovery import leave_cart

pytestmark = pytest.mark.e2e

COUNTS = {
    "events": "SELECT count(*) FROM events WHERE root = ?",
    "customers": "SELECT count(*) FROM customers WHERE root = ? AND state = 'live'",
    "sent": "SELECT count(*) FROM outcomes WHERE root = ? AND state = 'sent'",
    "enrollments": "SELECT count(*) FROM outcomes WHERE home = ? AND kind = 'enrollment'",
}


def objects(kervan: Kervan) -> S3Objects:
    return S3Objects(deploy.client(kervan.stack.base, "s3"), deploy.outputs()["LakeBucket"])


def counts(kervan: Kervan, *homes: str) -> list[dict[str, int]]:
    """What the lake's views say of each; opened once, because each opening fetches every file."""
    with open_lake(objects(kervan)) as lake:
        return [
            {what: lake.execute(statement, [home]).fetchall()[0][0] for what, statement in COUNTS.items()}
            for home in homes
        ]


def compact(kervan: Kervan) -> dict[str, Any]:
    """Calls the function of every hour as in the night."""
    client = deploy.client(kervan.stack.base, "lambda")
    answer = client.invoke(FunctionName="kervan-local-measure-compact", Payload=json.dumps({"night": True}).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()
    done: dict[str, Any] = json.loads(answer["Payload"].read())
    return done


def home_of(kervan: Kervan, who: str) -> str:
    """The keyed digest under which a customer stands."""
    found: str = kervan.customer(who)["id"]
    return found


def test_what_happens_is_a_row_and_an_erasure_takes_it_out(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Events, the customer, his message and his enrollment; the same before and after compaction, and in a report; then
    nothing of him, and everything of the other."""
    other = f"{name}-other"
    for who in (name, other):
        leave_cart(kervan, who)
    kervan.advance(timedelta(hours=25))
    mine, theirs = home_of(kervan, f"user:{name}"), home_of(kervan, f"user:{other}")

    before, untouched = counts(kervan, mine, theirs)
    assert before["events"] >= 2
    assert (before["customers"], before["sent"] >= 1, before["enrollments"] >= 1) == (1, True, True)
    assert compact(kervan)["raw_files"] > 0
    assert not list(objects(kervan).listed("raw/"))
    assert counts(kervan, mine, theirs) == [before, untouched]
    capsys.readouterr()
    today = kervan.now().date()
    days = ["--from", str(today - timedelta(days=2)), "--to", str(today + timedelta(days=1))]
    assert run(["report", "overview", "--json", *days]) == 0
    totals = json.loads(capsys.readouterr().out)["tables"][0]["rows"][0]
    assert totals["messages"] >= 2
    run(["customer", "erase", f"user:{name}", "--yes"])
    kervan.settle()
    assert counts(kervan, mine, theirs) == [dict.fromkeys(COUNTS, 0), untouched]


def test_a_lake_that_is_lost_is_told_anew(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is gone; the command is interrupted, goes on where it was, and says how far it is. Then the lake holds
    of the person what it held, also when it is told once more."""
    leave_cart(kervan, name)
    kervan.advance(timedelta(hours=25))
    home = home_of(kervan, f"user:{name}")
    (before,) = counts(kervan, home)
    assert before["events"] >= 2
    assert before["sent"] >= 1
    bucket = objects(kervan)
    bucket.delete([found.key for folder in ("raw/", "lake/", "rolled/") for found in bucket.listed(folder)])
    assert counts(kervan, home) == [dict.fromkeys(COUNTS, 0)]

    monkeypatch.setattr(lake_rebuilding, "PAGE", 50)
    pauses = iter(range(100_000))

    def pause(seconds: float) -> None:
        if next(pauses) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(rebuilding, "pause", pause)
    capsys.readouterr()
    assert run(["lake", "rebuild", "--restart"]) == 130
    assert run(["lake", "rebuild"]) == 0
    said = capsys.readouterr().out
    assert "going on behind" in said
    assert "...  messages:" in said
    kervan.settle()
    assert counts(kervan, home) == [before]
    assert run(["lake", "rebuild"]) == 0
    kervan.settle()
    assert compact(kervan)["raw_files"] > 0
    assert counts(kervan, home) == [before]
