"""``/v1/reports``: the admin API in front of the function that has the engine, with a lake in a folder behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.demo_shop.play import play
from functions.measure.on_report import respond
from functions.measure.report_environment import ReportEnvironment
from functions.measure.report_files import report_names
from shared.adapters.folder_objects import FolderObjects
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Prices, Shop
from shared.stores.releases import Releases
from tests.unit.ingest.world import STORE_KEY, World

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class Left:
    """So much of an invocation is left."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class Engine:
    """The function of reports, called in the same process."""

    def __init__(self, lake: Path, milliseconds: int = 20_000) -> None:
        self.environment = ReportEnvironment(FolderObjects(lake), lake, 500)
        self.left = Left(milliseconds)
        self.asked: list[Mapping[str, Any]] = []

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(question)
        return respond(question, self.left, lambda: self.environment)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    play(folder, NOW, customers=100, days=40)
    return folder


def world_with(engine: Engine | None) -> World:
    world = World()
    world.clock.time = NOW
    world.admin = replace(world.admin, reports=lambda: engine)
    shop = Shop(name="Kervan", time_zone="Europe/Berlin", currency="EUR", prices=Prices(sms_part=Decimal("0.35")))
    Releases(world.catalog).publish(Release(0, shop))
    return world


def test_a_report_is_about_the_shop_s_days_in_its_currency(lake: Path) -> None:
    """The answer is the engine's, as its model says; time zone, currency and prices are the shop's."""
    engine = Engine(lake)
    status, found = world_with(engine).get("/v1/reports/overview", query={"from": "2026-11-01", "compare": "true"})
    assert (status, found["from"], found["to"], found["days"]) == (200, "2026-11-01", "2026-11-28", 28)
    assert (found["time_zone"], found["currency"], found["before"]["to"]) == ("Europe/Berlin", "EUR", "2026-10-31")
    assert found["tables"][0]["rows"][0]["messages"] > 0
    assert engine.asked[0]["prices"] == {"sms": "0.35"}


def test_all_reports_are_listed_without_the_lake(lake: Path) -> None:
    """Their heads, in order."""
    status, found = world_with(Engine(lake)).get("/v1/reports")
    assert (status, [item["name"] for item in found["items"]]) == (200, list(report_names()))


@pytest.mark.parametrize(
    ("path", "query", "status", "sentence"),
    [
        ("weekly", {}, 404, "there is no such report"),
        ("..%2Foverview", {}, 404, "there is no such report"),
        ("overview/more", {}, 404, "nothing below a report"),
        ("overview", {"from": "soon"}, 400, "from is no date"),
        ("overview", {"from": "2026-13-01"}, 400, "from is no date"),
        ("overview", {"from": "2020-01-01"}, 400, "at most 1100 days"),
        ("overview", {"to": "0001-01-01"}, 400, "must lie between"),
        ("overview", {"from": "x" * 10_000}, 400, "not that long"),
        ("overview", {"compare": "perhaps"}, 400, "compare is true or false"),
        ("overview", {"segment": "x" * 101}, 400, "at most 100 characters"),
        ("cohorts", {"compare": "true"}, 400, "leave compare out"),
    ],
)
def test_hostile_parameters_are_told_what_to_do(
    lake: Path, path: str, query: dict[str, str], status: int, sentence: str
) -> None:
    """One sentence each, and no report."""
    found, answer = world_with(Engine(lake)).get(f"/v1/reports/{path}", query=query)
    assert (found, sentence in answer["message"]) == (status, True), answer


@pytest.mark.parametrize("segment", ["'; DROP TABLE asked; --", "\x00", "çok iyi", "%", "new\n"])
def test_a_segment_is_a_value(lake: Path, segment: str) -> None:
    """Nobody is in it, whatever it says."""
    status, found = world_with(Engine(lake)).get("/v1/reports/overview", query={"segment": segment})
    assert (status, found["tables"][0]["rows"][0]["orders"], found["segment"]) == (200, 0, segment)


def test_a_report_that_takes_too_long_is_ended(lake: Path) -> None:
    """Before Lambda ends the function, with what to do."""
    status, found = world_with(Engine(lake, 3_001)).get("/v1/reports/messages")
    assert status == 413
    assert "name fewer days" in found["message"]


def test_an_answer_that_no_response_can_carry_is_refused(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda would answer with an error in place of the report."""
    monkeypatch.setattr("functions.measure.on_report.MOST_BYTES", 1_000)
    status, found = world_with(Engine(lake)).get("/v1/reports/overview")
    assert (status, found["error"]) == (413, "too_large")


def test_reports_are_for_the_admin_key_only(lake: Path) -> None:
    """A till asks nothing."""
    engine = Engine(lake)
    assert world_with(engine).get("/v1/reports/overview", key=STORE_KEY)[0] == 403
    assert world_with(engine).get("/v1/reports", key="guessed")[0] == 401
    assert engine.asked == []


def test_a_deployment_without_a_lake_says_so() -> None:
    """Nobody is called."""
    status, found = world_with(None).get("/v1/reports/overview")
    assert status == 404
    assert "keeps no lake" in found["message"]
