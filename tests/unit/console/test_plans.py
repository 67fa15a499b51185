"""Segments and journeys in the console: read as sentences, counted apart, switched after a question."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.stores.console_changes import Changes, read_change
from shared.stores.journey_controls import JourneyControls
from tests.unit.admin.test_questions import CART
from tests.unit.console.console_world import ConsoleWorld
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.unit
JOURNEY = f"/console/journeys/{CART.journey}"


@pytest.fixture
def shop() -> ShopWorld:
    return ShopWorld()


def _state(shop: ShopWorld) -> str:
    return JourneyControls(shop.catalog).read().get(CART.journey, "running")


def test_segments_are_sentences_and_their_members_people(shop: ShopWorld) -> None:
    """The list, the numbers by themselves, and who is in one."""
    browser = shop.browser("agent")
    assert "first order was within the last 30 days" in browser.get("/console/segments").text
    assert 'id="count-new" hx-swap-oob="true">1<' in browser.get("/console/segments/counts", hx_request="true").text
    page = browser.get("/console/segments/new").text
    assert f'href="/console/customers/{shop.ayse}"' in page
    assert "Ayşe Yılmaz" in page
    assert "Nobody is in it now" in browser.get("/console/segments/at-risk").text
    assert browser.get("/console/segments/nothing").status == 404
    assert browser.get("/console/segments/nothing/coming").status == 404


def test_nothing_published_says_what_to_do() -> None:
    """Empty lists name the command."""
    browser = ConsoleWorld().browser("marketer")
    for path in ("segments", "journeys"):
        assert "kervan definitions apply" in browser.get(f"/console/{path}").text


def test_a_journey_is_a_plan(shop: ShopWorld) -> None:
    """What begins it, each step as a sentence, and what ends it; in both languages."""
    browser = shop.browser("agent")
    for language in ("tr", "en"):
        page = browser.get(JOURNEY, accept_language=language)
        assert page.status == 200
        assert page.text.count('class="plan-mark"') == len(CART.steps) + 2
    assert "/paused" not in browser.get(JOURNEY).text
    assert browser.get(f"{JOURNEY}/paused").status == 403
    assert browser.get("/console/journeys/nothing").status == 404


def test_a_journey_is_paused_resumed_and_stopped(shop: ShopWorld) -> None:
    """Each after a question; a stop cannot be taken back, so it asks for the name. All of it is listed."""
    browser = shop.browser("marketer")
    assert browser.submit(f"{JOURNEY}/paused", f"{JOURNEY}/paused").status == 303
    assert _state(shop) == "paused"
    shop.clock.advance(timedelta(minutes=1))
    browser.submit(f"{JOURNEY}/running", f"{JOURNEY}/running")
    assert _state(shop) == "running"
    assert browser.submit(f"{JOURNEY}/stopped", f"{JOURNEY}/stopped", {"name": "another"}).status == 400
    assert browser.submit(f"{JOURNEY}/stopped", f"{JOURNEY}/stopped").status == 400
    assert _state(shop) == "running"
    shop.clock.advance(timedelta(minutes=1))
    browser.submit(f"{JOURNEY}/stopped", f"{JOURNEY}/stopped", {"name": CART.journey})
    assert _state(shop) == "stopped"
    listed = [read_change(one) for one in Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 50).items]
    assert [one.what for one in listed] == ["journey.stopped", "journey.running", "journey.paused"]
    assert {one.about["journey"] for one in listed} == {CART.journey}


def test_a_state_that_is_none_changes_nothing(shop: ShopWorld) -> None:
    """Nor does a journey that was never published."""
    browser = shop.browser("admin")
    token = browser.get("/console").form_token
    assert browser.get(f"{JOURNEY}/deleted").status == 404
    assert browser.post(f"{JOURNEY}/deleted", {"form_token": token}).status == 404
    assert browser.post("/console/journeys/nothing/paused", {"form_token": token}).status == 404
    assert _state(shop) == "running"
