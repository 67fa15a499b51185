"""Today: the state of sending, and the switches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.messages.controls import Controls
from shared.domain.messages.reputation import Feedback, Suspension
from shared.domain.privacy.case import Right, new_case
from shared.stores.cases import Cases
from shared.stores.console_changes import Changes, read_change
from shared.stores.controls import ControlStore
from shared.stores.reputation import Suspensions
from tests.unit.console.console_world import ConsoleWorld

pytestmark = pytest.mark.unit


def _switches(world: ConsoleWorld) -> Controls:
    return ControlStore(world.catalog).read()


def _changes(world: ConsoleWorld) -> list[tuple[str, str, str]]:
    items = Changes(world.catalog).page(f"{world.clock.now():%Y-%m}", 50).items
    return [(one.what, one.by, one.outcome) for one in map(read_change, items)]


def test_all_sending_is_stopped_and_started_after_a_question() -> None:
    """The question says what happens; the switch acts at once, names who set it, and is listed."""
    world = ConsoleWorld()
    browser = world.browser("marketer")
    assert "order notices wait too" in browser.get("/console/sending/stop").text
    assert not _switches(world).global_stop
    assert browser.submit("/console/sending/stop", "/console/sending/stop").status == 303
    assert _switches(world).global_stop
    assert _switches(world).by == "deniz@shop.example"
    assert "All sending is stopped" in browser.get("/console").text
    world.clock.advance(timedelta(minutes=1))
    browser.submit("/console/sending/start", "/console/sending/start")
    assert not _switches(world).global_stop
    assert _changes(world) == [
        ("sending.start", "deniz@shop.example", "done"),
        ("sending.stop", "deniz@shop.example", "done"),
    ]


def test_shadow_mode_leaves_the_stop_as_it_is() -> None:
    """One switch changes nothing of the other."""
    world = ConsoleWorld()
    browser = world.browser("admin")
    browser.submit("/console/sending/stop", "/console/sending/stop")
    browser.submit("/console/sending/shadow", "/console/sending/shadow")
    assert (_switches(world).global_stop, _switches(world).shadow) == (True, True)
    browser.submit("/console/sending/live", "/console/sending/live")
    assert (_switches(world).global_stop, _switches(world).shadow) == (True, False)


def test_a_switch_that_is_not_there_is_none() -> None:
    """No word of an address reaches the switches."""
    world = ConsoleWorld()
    browser = world.browser("admin")
    token = browser.get("/console").form_token
    assert browser.get("/console/sending/allow_list").status == 404
    assert browser.post("/console/sending/allow_list", {"form_token": token}).status == 404
    assert _changes(world) == []


def test_a_channel_that_stopped_by_itself_goes_on() -> None:
    """Its numbers are shown; whoever may send lets it go on."""
    world = ConsoleWorld()
    Suspensions(world.catalog, "email").suspend(Suspension(world.clock.now(), "bounces", Feedback(1_000, 80, 2)))
    browser = world.browser("marketer")
    assert "80 bounces and 2 complaints of 1,000 messages" in browser.get("/console").text
    assert "/console/sending/go-on" not in world.browser("agent").get("/console").text
    browser.submit("/console", "/console/sending/go-on", {"channel": "email"})
    assert "Marketing is held back" not in browser.get("/console").text
    assert _changes(world) == [("channel.resumed", "deniz@shop.example", "done")]


def test_a_change_that_is_refused_is_listed_as_refused() -> None:
    """A channel that there is not changes nothing, and the list says that somebody tried."""
    world = ConsoleWorld()
    assert world.browser("admin").submit("/console", "/console/sending/go-on", {"channel": "fax"}).status == 404
    assert _changes(world) == [("channel.resumed", "deniz@shop.example", "refused")]


def test_who_may_see_changes_sees_them() -> None:
    """With who, what and when, newest first and page by page; a month that is none is refused."""
    world = ConsoleWorld()
    browser = world.browser("admin")
    assert "No change this month" in browser.get("/console/changes").text
    for number in range(60):
        with Changes(world.catalog).noting(world.clock.now(), "a", "b", "journey.paused", {"journey": f"j{number}"}):
            world.clock.advance(timedelta(seconds=1))
    page = browser.get("/console/changes").text
    assert "j59" in page
    assert "j9<" not in page
    assert "Older changes" in page
    assert browser.get("/console/changes?month=../x").status == 400
    assert browser.get("/console/changes?cursor=nonsense").status == 400


def test_what_waits_is_said_apart() -> None:
    """Counting takes longer than the rest of the page, so it is a request of its own; empty says what begins it."""
    page = ConsoleWorld().browser("agent").get("/console/today/waiting", hx_request="true")
    assert "Nobody waits just now" in page.text
    assert "<html" not in page.text


def test_a_failure_is_a_page_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails, the person reads that nothing is lost, and nothing of what was inside."""

    def fail(*_: object) -> None:
        raise RuntimeError("ayse@example.com")

    monkeypatch.setattr("functions.console.today.controls", fail)
    browser = ConsoleWorld().browser("admin")
    page = browser.get("/console")
    assert page.status == 503
    assert "Nothing is lost" in page.text
    assert "ayse" not in page.text
    part = browser.get("/console", hx_request="true")
    assert part.status == 503
    assert "<html" not in part.text


def test_requests_of_people_that_are_due_are_told_to_who_answers_them() -> None:
    """From a week before the day on, with how many are due within two days; nobody else is told."""
    world = ConsoleWorld()
    asked = world.clock.now()
    for number, days in enumerate((0, 4, 20)):
        case = new_case(f"{asked:%Y%m%dT%H%M%SZ}-{number}", Right.EXPORT, "u.x", asked + timedelta(days=days), "store")
        Cases(world.catalog).put(case)
    said = "Requests of people to be answered within a week"
    for after, told in ((22.0, ""), (24.0, "within a week: 1"), (28.5, "Within two days: 1. Overdue: 0.")):
        world.clock.time = asked + timedelta(days=after)
        page = world.browser("privacy").get("/console").text
        assert told in page
        assert (said in page) is bool(told)
    world.clock.time = asked + timedelta(days=31)
    assert said not in world.browser("marketer").get("/console").text
    assert "Within two days: 1. Overdue: 1." in world.browser("privacy").get("/console").text
