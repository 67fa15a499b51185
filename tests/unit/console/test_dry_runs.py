"""A journey is played over history from the console: what it costs first, then progress, then what would have been."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.identity.keys import time_text
from shared.stores.dry_runs import DIED, LAST_TRY, STILL, DryRunJob, DryRuns, Totals
from tests.unit.console.console_world import Browser
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.unit
ASK = "/console/journeys/cart-recovery/dry-run"
FIELDS = {"days": "30", "customers": "1000", "price": "0,05"}


def begun() -> tuple[ShopWorld, Browser, DryRunJob]:
    world = ShopWorld()
    browser = world.browser("marketer")
    answer = browser.submit(ASK, ASK, FIELDS)
    [job] = DryRuns(world.catalog).all()
    assert (answer.status, answer.headers["location"]) == (303, f"/console/dry-runs/{job.id}")
    return world, browser, job


def test_cost_is_shown_before_and_the_run_is_queued_once() -> None:
    """A second click leads to the run that is there; the draft is what is played, if there is one."""
    world, browser, job = begun()
    page = browser.get(ASK).text
    for said in ("1,000, at most $0.005", "5,000, at most $0.025", "What is published is played."):
        assert said in page
    assert (job.limit, job.sms_price, job.draft, job.until - job.since) == (1_000, 0.05, False, 30 * 86_400_000)
    assert world.dry_runs.bodies == [json.dumps({"dry_run": job.id})]
    assert browser.submit(ASK, ASK, FIELDS).headers["location"] == f"/console/dry-runs/{job.id}"
    assert len(world.dry_runs.bodies) == 1
    world.clock.advance(timedelta(hours=2))  # it does not move: another may begin
    browser.submit(ASK, ASK, FIELDS)
    assert len(world.dry_runs.bodies) == 2


def test_progress_and_result() -> None:
    """While it runs the page asks for numbers; then each outcome beside what really happened, and customers by keys."""
    world, browser, job = begun()
    path = f"/console/dry-runs/{job.id}"
    assert f'hx-get="{path}/progress" hx-trigger="every 2s"' in browser.get(path).text
    runs, now = DryRuns(world.catalog), world.clock.now()
    would = {"reminder|email|sent|": 12, "reminder|email|skipped|no_consent": 3}
    totals = Totals(40, 900, 1, 15, would, {"reminder|email|sent|": 9}, {"completed": 4}, {"reentry": 2}, {"sms": 10})
    job = runs.put(replace(job, state="running", totals=totals, parts=1), now)
    person = {"customer": "u.abc", "would": [[time_text(now), "reminder|email|sent|"]], "was": []}
    runs.put_part(replace(job, parts=0), [person], now)
    part = browser.get(f"{path}/progress", hx_request="true").text
    assert "<html" not in part
    for said in (
        "40 customers and 900 events played",
        "There is no consent for this address",
        '<td class="number">12</td><td class="number">9</td>',
        "$0.5",
        "1 customers were left out",
    ):
        assert said in part
    runs.put(replace(job, state="done"), now)
    page = browser.get(path).text
    assert "every 2s" not in page
    assert 'href="/console/customers/u.abc"' in page
    assert "nothing" in page


def test_steps_stand_in_the_order_of_the_journey() -> None:
    """Not by their names; a step that the journey does not have any more comes last."""
    world, browser, job = begun()
    steps = [{"id": name, "send": "t"} for name in ("second-name", "a-first-name")]
    would = {f"{name}|email|sent|": 1 for name in ("a-first-name", "gone", "second-name")}
    content = json.dumps({"journey": "cart-recovery", "steps": [steps[0], {"branch": {"then": [steps[1]]}}]})
    runs = DryRuns(world.catalog)
    runs.put(replace(job, content=content, totals=Totals(would=would)), world.clock.now())
    page = browser.get(f"/console/dry-runs/{job.id}").text
    assert page.index("second-name ·") < page.index("a-first-name ·") < page.index("gone ·")


def test_it_can_be_stopped_and_only_editors_see_it() -> None:
    world, browser, job = begun()
    path = f"/console/dry-runs/{job.id}"
    for role in ("agent", "privacy", "store"):
        assert world.browser(role).get(path).status == 403
        assert world.browser(role).get(ASK).status == 403
    assert browser.submit(path, path).status == 303
    assert DryRuns(world.catalog).all()[0].state == "stopped"
    assert browser.get("/console/dry-runs/no-such").status == 404


@pytest.mark.parametrize(
    "wrong", [{"days": "31"}, {"customers": "10000"}, {"price": "x"}, {"price": "-1"}, {"price": "nan"}]
)
def test_wrong_fields_begin_nothing(wrong: dict[str, str]) -> None:
    world = ShopWorld()
    browser = world.browser("marketer")
    assert browser.submit(ASK, ASK, {**FIELDS, **wrong}).status == 400
    assert world.dry_runs.bodies == []


def test_a_run_that_lost_its_worker_says_so() -> None:
    """Still for ten minutes: since when, and what comes. After its last try: that it died; nothing asks any more."""
    world, browser, job = begun()
    path = f"/console/dry-runs/{job.id}"
    runs = DryRuns(world.catalog)
    totals = Totals(40, 900, would={"reminder|email|sent|": 12})
    runs.put(replace(job, state="running", totals=totals), world.clock.now())
    world.clock.advance(STILL - timedelta(seconds=1))
    assert "has not moved" not in browser.get(path).text
    world.clock.advance(timedelta(seconds=2))
    page = browser.get(path).text
    assert "It has not moved since" in page
    assert "every 2s" in page
    world.clock.advance(LAST_TRY)
    page = browser.get(path).text
    assert "The run died: it has not moved since" in page
    assert "40 customers and 900 events played" in page
    assert "every 2s" not in page
    assert ">playing<" not in page
    assert ">died<" in browser.get(ASK).text
    assert "Deneme yarıda kaldı" in browser.get(path, accept_language="tr").text


def test_a_run_whose_last_try_failed_died_at_once() -> None:
    """Nobody waits for hours to learn it; one that does not fit any more says something else."""
    world, browser, job = begun()
    runs = DryRuns(world.catalog)
    job = runs.put(replace(job, state="failed", error=DIED), world.clock.now())
    assert "The run died" in browser.get(f"/console/dry-runs/{job.id}").text
    runs.put(replace(job, error="invalid"), world.clock.now())
    page = browser.get(f"/console/dry-runs/{job.id}").text
    assert "The run died" not in page
    assert "no longer fits what is published" in page


def test_one_that_is_over_does_not_die_of_age() -> None:
    """Days later it is done, as it was."""
    world, browser, job = begun()
    DryRuns(world.catalog).put(replace(job, state="done"), world.clock.now())
    world.clock.advance(timedelta(days=3))
    page = browser.get(f"/console/dry-runs/{job.id}").text
    assert ">done<" in page
    assert "moved since" not in page
