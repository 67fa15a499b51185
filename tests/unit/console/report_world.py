"""A shop whose lake is that of the demo, read by the function of reports in the same process."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cli.demo_shop.play import play
from functions.measure.on_report import respond
from functions.measure.report_environment import ReportEnvironment
from shared.adapters.folder_objects import FolderObjects
from tests.unit.console.console_world import URL
from tests.unit.console.shop_world import ShopWorld

LAKE_NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


class _Left:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Engine:
    """``questions`` is what was asked of it."""

    def __init__(self, lake: Path) -> None:
        self._environment = ReportEnvironment(FolderObjects(lake), lake, 500)
        self.questions: list[Mapping[str, Any]] = []

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self.questions.append(question)
        return respond(question, _Left(), lambda: self._environment)


@cache
def _lake(customers: int, days: int) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    play(Path(folder.name), LAKE_NOW, customers=customers, days=days)
    return folder


class ReportWorld(ShopWorld):
    """At the time at which the demo's lake ends."""

    def __init__(self, url: str = URL, customers: int = 150, days: int = 50) -> None:
        super().__init__(url)
        self.clock.time = LAKE_NOW
        self.engine = Engine(Path(_lake(customers, days).name))
        self.console = replace(self.console, reports=lambda: self.engine)
