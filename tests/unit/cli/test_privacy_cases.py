"""`kervan privacy`: cases by the command, and the report for the authority."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cli.main import run
from cli.output.case_report import html_of, summary_of
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.world import World

pytestmark = pytest.mark.unit


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    world = World()
    told(world, type="identify", traits={"email": "ayse@example.com"})
    fold(world)
    connect(world)
    return world


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert run(["privacy", *words, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_a_request_by_the_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Noted, carried out, lifted; each answer is the API's."""
    case = ask(capsys, "open", "object", "user:42", "--number", "KVKK-3")
    assert (case["state"], case["number"]) == ("open", "KVKK-3")
    name = str(case["id"])
    assert ask(capsys, "carry-out", name)["state"] == "done"
    assert ask(capsys, "lift", name)["state"] == "lifted"
    assert run(["privacy", "lift", name]) == 1
    assert "cannot become lifted" in capsys.readouterr().err
    assert run(["privacy", "refuse", name, "--reason", "he is Ayşe"]) == 2
    capsys.readouterr()
    assert run(["privacy", "case", name]) == 0
    assert "KVKK-3" in capsys.readouterr().out


def test_the_list_says_what_is_late(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    ask(capsys, "open", "export", "user:42")
    world.clock.advance(timedelta(days=31))
    assert run(["privacy", "cases", "--state", "waiting"]) == 0
    assert "OVERDUE" in capsys.readouterr().out


def test_the_report_counts_what_was_answered(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In time, late, refused with its reason and waiting; as CSV and as a page, without a value of the person."""
    in_time = ask(capsys, "open", "object", "user:42")
    ask(capsys, "carry-out", str(in_time["id"]))
    refused = ask(capsys, "open", "erase", "user:42")
    ask(capsys, "refuse", str(refused["id"]), "--reason", "kept_by_law")
    late = ask(capsys, "open", "restrict", "user:42")
    world.clock.advance(timedelta(days=31))
    ask(capsys, "carry-out", str(late["id"]))
    ask(capsys, "open", "export", "email:ayse@example.com")
    told_ = ask(capsys, "report")
    counts = {name: told_[name] for name in ("all", "waiting", "in_time", "late", "overdue")}
    assert counts == {"all": 4, "waiting": 1, "in_time": 2, "late": 1, "overdue": 0}
    files = tmp_path / "report.csv", tmp_path / "report.html"
    assert run(["privacy", "report", "--csv", str(files[0]), "--html", str(files[1])]) == 0
    rows = list(csv.DictReader(files[0].open(encoding="utf-8")))
    assert sorted((row["right"], row["state"], row["reason"]) for row in rows) == [
        ("erase", "refused", "kept_by_law"), ("export", "open", ""), ("object", "done", ""), ("restrict", "done", ""),
    ]  # fmt: skip
    page = files[1].read_text(encoding="utf-8")
    HTMLParser().feed(page)
    assert page.count("<tr>") == 5
    for text in (page, files[0].read_text(encoding="utf-8")):
        assert "ayse" not in text
        assert "user:42" not in text
    capsys.readouterr()
    assert ask(capsys, "report", "--from", "2026-12-01")["all"] == 1
    assert run(["privacy", "report", "--from", "yesterday"]) == 2


def test_the_page_of_the_report_escapes_and_speaks_both_languages() -> None:
    """Names of colleagues and numbers come from outside; a formula is none in a spreadsheet."""
    one = {
        "id": "c", "number": "<b>", "right": "erase", "state": "refused", "requested_at": "2026-11-01T00:00:00Z",
        "due_at": "2026-12-01T00:00:00Z", "answered_at": None, "in_time": None, "overdue": False, "customer": "u.x",
        "log": [{"reason": "unfounded"}],
    }  # fmt: skip
    told_ = {"from": None, "to": None, **summary_of([one]), "items": [one]}
    assert "&lt;b&gt;" in html_of(told_, "tr")
    assert "reddedildi" in html_of(told_, "tr")
    assert "refused" in html_of(told_, "en")
