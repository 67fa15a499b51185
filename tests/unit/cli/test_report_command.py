"""`kervan demo shop` and `kervan report`: tables, JSON, CSV and pages of a lake in a folder."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.demo_shop.play import play
from cli.lake_folder import report_of_folder
from cli.main import run
from functions.measure.report_files import read_report, report_names

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ALL = {"from": "2026-10-01", "to": "", "segment": "", "compare": ""}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's lake, with fewer people."""
    folder = tmp_path_factory.mktemp("lake")
    play(folder, NOW, customers=120, days=60)
    return folder


def test_every_report_has_something_to_say_of_the_demo(lake: Path) -> None:
    """Only so few people may have no two segments in common; what the story puts in is there."""
    found = {name: report_of_folder(lake, name, ALL) for name in report_names()}
    empty = {(name, table["name"]) for name, said in found.items() for table in said["tables"] if not table["rows"]}
    few = {("predictions", "calibration"), ("predictions", "expected")}
    few |= {("service", table["name"]) for table in found["service"]["tables"]}  # nobody writes to the demo shop
    assert empty <= {("segments", "overlaps"), ("digest", "changes")} | few
    totals = found["overview"]["tables"][0]["rows"][0]
    assert totals["customers"] == totals["customers_new"] + totals["customers_returning"]
    assert 0 < totals["credited_revenue"] < totals["revenue"]
    assert found["start-finish"]["tables"][1]["rows"][0]["changed"] > 20
    assert {row["arm"] for row in found["ab"]["tables"][0]["rows"]} == {"long", "short"}


def test_the_same_day_gives_the_same_lake(lake: Path, tmp_path: Path) -> None:
    """It is seeded; who looks again sees the same figures."""
    play(tmp_path, NOW, customers=120, days=60)
    assert report_of_folder(tmp_path, "overview", ALL) == report_of_folder(lake, "overview", ALL)


def test_a_report_is_shown_and_written(lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a table, JSON, CSV with a byte order mark, and a page."""
    assert run(["report", "overview", "--lake", str(lake), "--compare"]) == 0
    assert "Revenue after a message" in capsys.readouterr().out
    assert run(["report", "overview", "--lake", str(lake), "--json", "--segment", "new"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["segment"], said["days"]) == ("new", 30)
    sheet, shown = tmp_path / "days.csv", tmp_path / "page.html"
    arguments = ["report", "overview", "--lake", str(lake), "--table", "days", "--language", "tr"]
    assert run([*arguments, "--csv", str(sheet), "--html", str(shown)]) == 0
    raw = sheet.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 30
    assert set(rows[0]) == {"day", "orders", "revenue", "messages"}
    assert "Günlere göre" in shown.read_text("utf-8")


def test_all_reports_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With their titles in the language that is asked for."""
    assert run(["report", "list", "--json"]) == 0
    assert [item["name"] for item in json.loads(capsys.readouterr().out)["items"]] == list(report_names())
    assert run(["report", "list", "--language", "tr"]) == 0
    assert "Genel bakış" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["nothing"], 1, "there is no such report; there are: ab"),
        (["overview", "--from", "soon"], 2, "from is no date"),
        (["overview", "--from", "2026-11-05", "--to", "2026-11-01"], 2, "from lies behind to"),
        (["overview", "--table", "nothing"], 2, "the report has totals, days, origins"),
        (["cohorts", "--compare"], 2, "leave compare out"),
        (["overview", "--segment", "x" * 101], 2, "at most 100 characters"),
        (["overview", "--language", "de"], 2, "en or tr"),
        (["overview", "out.csv"], 2, "write --csv FILE or --html FILE"),
        (["overview", "--html", "/nowhere/at/all.html"], 1, "cannot be written"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    lake: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, sentence: str
) -> None:
    """With what to do."""
    assert run(["report", *arguments, "--lake", str(lake)]) == status
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_without_a_folder_the_deployment_answers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lake: Path
) -> None:
    """By the admin API; what was not asked is left out."""
    asked: list[tuple[str, dict[str, str | None]]] = []

    class Api:
        def get(self, path: str, **query: str | None) -> Any:
            asked.append((path, query))
            return report_of_folder(lake, "overview", ALL)

    monkeypatch.setattr("cli.commands.report.admin_api", lambda *_options: Api())
    assert run(["report", "overview", "--from", "2026-11-01", "--compare"]) == 0
    assert "Revenue after a message" in capsys.readouterr().out
    assert asked == [("/v1/reports/overview", {"from": "2026-11-01", "to": None, "segment": None, "compare": "true"})]


def test_a_lake_must_be_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Neither a missing folder nor a broken file ends in a traceback."""
    assert run(["report", "overview", "--lake", str(tmp_path / "no")]) == 1
    assert "is no folder" in capsys.readouterr().err
    (tmp_path / "lake.json").write_text("{", "utf-8")
    assert run(["report", "overview", "--lake", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_the_demo_overwrites_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds something of somebody is left as it is."""
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    assert run(["demo", "shop", "--folder", str(tmp_path)]) == 1
    assert "holds something else" in capsys.readouterr().err
    target = tmp_path / "new"
    for _ in range(2):
        assert run(["demo", "shop", "--folder", str(target), "--customers", "10", "--days", "10", "--json"]) == 0
    assert read_report("overview").head.title.en == "Overview"
    assert list((target / "raw").iterdir())
