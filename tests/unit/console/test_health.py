"""Parts of Today: what does not work, and the numbers of the last seven days."""

from __future__ import annotations

import re

import pytest

from shared.domain.events.warnings import FieldWarning
from shared.stores.reputation import Reports
from shared.stores.source_counters import SourceCounters
from tests.unit.console.console_world import ConsoleWorld
from tests.unit.console.report_world import ReportWorld
from tests.unit.ingest.world import STORE

pytestmark = pytest.mark.unit
HEALTH, NUMBERS = "/console/today/health", "/console/today/numbers"


def test_nothing_wrong_says_so_and_what_would_be_here() -> None:
    """In both languages, without a lake, without a source."""
    world = ConsoleWorld()
    browser = world.browser("marketer")
    part = browser.get(HEALTH, hx_request="true").text
    assert "Nothing waits that could not be worked on." in part
    assert "No source sent an event" in part
    assert "<html" not in part
    assert "veri gölü yok" in browser.get(NUMBERS, accept_language="tr").text
    page = browser.get("/console").text
    assert f'hx-get="{HEALTH}"' in page
    assert f'hx-get="{NUMBERS}"' in page


def test_dead_letters_are_counted_by_queue() -> None:
    """Their sum, which queues, and the command; no letter is looked at, for it may name a person."""
    world = ConsoleWorld()
    world.letters["email"].count, world.letters["segment-work"].count = 3, 1_200
    part = world.browser("agent").get(HEALTH).text
    assert "1,203" in part
    assert "email: 3, segment-work: 1,200" in part
    assert "kervan deadletters list" in part


def test_what_of_a_source_could_not_be_used_is_told() -> None:
    """Refusals and warnings of 24 hours, the most frequent first."""
    world = ConsoleWorld()
    counters = SourceCounters(world.metrics, lambda: world.clock.time.timestamp())
    warned = (FieldWarning("properties.total", "it", "ambiguous_amount"),) * 2
    counters.note(STORE, world.clock.now(), 2, ("bad_timestamp",), warned)
    part = world.browser("agent").get(HEALTH).text
    assert "Source: store" in part
    assert "2 in 24 h" in part
    assert part.index("properties.total: ambiguous_amount") < part.index("bad_timestamp")


def test_what_came_back_of_messages_is_a_rate() -> None:
    """Of seven days, with two decimals, because the limits of providers lie there."""
    world = ConsoleWorld()
    reports = Reports(world.metrics, "email")
    for what, many in (("sent", 400), ("bounced", 2), ("complained", 1)):
        for _ in range(many):
            reports.count(what, world.clock.now())
    assert "of 400 messages 0.50% bounced, 0.25% complained" in world.browser("agent").get(HEALTH).text
    turkish = world.browser("agent").get(HEALTH, accept_language="tr").text
    assert "400 iletide geri dönme %0,50, şikâyet %0,25" in turkish
    assert "SMS" not in turkish


def test_seven_days_stand_beside_the_seven_before() -> None:
    """The figures are those of the report that the link leads to; agents see none."""
    world = ReportWorld()
    browser = world.browser("marketer")
    part = browser.get(NUMBERS, hx_request="true").text
    asked = world.engine.questions[-1]
    assert (asked["report"], asked["from"], asked["to"], asked["compare"]) == (
        "overview",
        "2026-11-22",
        "2026-11-28",
        "true",
    )
    row = next(t for t in world.engine.ask(asked)["answer"]["tables"] if t["name"] == "totals")["rows"][0]
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+?) ?<", part))
    assert shown["Orders"] == str(row["orders"])
    assert shown["New"] == str(row["customers_new"])
    assert row["before"]["orders"] > 0
    assert re.search(r'class="small change (up|down|)">[▲▼=]', part)
    assert "/console/reports/overview?from=2026-11-22&amp;to=2026-11-28&amp;compare=true" in part
    assert world.browser("agent").get(NUMBERS).status == 403
    assert NUMBERS not in world.browser("agent").get("/console").text
