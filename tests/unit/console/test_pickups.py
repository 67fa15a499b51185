"""Pick-ups at the till: the code leads to the order, and it is handed out once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from shared.stores.console_changes import Changes, read_change
from tests.unit.console.console_world import Answer
from tests.unit.console.till_world import KADIKOY, TillWorld

pytestmark = pytest.mark.unit
HERE = f"/console/pickups?location={KADIKOY}"


@pytest.fixture
def shop() -> TillWorld:
    return TillWorld()


def _find(shop: TillWorld, code: str, location: str = KADIKOY) -> Answer:
    return shop.browser("store").submit(HERE, "/console/pickups", {"location": location, "code": code})


def _do(shop: TillWorld, what: str, form: dict[str, str]) -> Answer:
    return shop.browser("store").submit(HERE, f"/console/pickups/{what}", {"location": KADIKOY, **form})


def _on_hand(shop: TillWorld) -> int:
    return sum(one.level.on_hand for one in shop.stock_desk.stock.levels("jacket") if one.place.location == KADIKOY)


def test_a_store_is_chosen_and_shows_what_waits(shop: TillWorld) -> None:
    """Only stores that serve pick-up; neither who the customer is nor the code."""
    choose = shop.browser("store").get("/console/pickups").text
    assert re.findall(r"pickups\?location=(\w+)", choose) == [KADIKOY, "nisantasi"]
    page = shop.browser("store").get(HERE).text
    assert "S-P-1" in page
    assert "Snow jacket, blue" in page
    assert "user:42" not in page
    assert shop.code("P-1") not in page
    assert "At which store are you?" in shop.browser("store").get("/console/pickups?location=depot").text


def test_the_code_leads_to_the_order_and_it_is_handed_out_once(shop: TillWorld) -> None:
    """Small letters and blanks do not matter; the pieces leave the stock; the change is noted."""
    code = shop.code("P-1")
    found = _find(shop, f" {code[:3].lower()} {code[3:]} ")
    assert "Order S-P-1" in found.text
    assert 'name="id" value="P-1"' in found.text
    assert _on_hand(shop) == 5
    answer = _do(shop, "hand-out", {"id": "P-1", "code": code})
    assert answer.headers["location"] == f"{HERE}&done=P-1"
    assert "Handed out: S-P-1" in shop.browser("store").get(answer.headers["location"]).text
    assert (shop.state("P-1"), _on_hand(shop)) == ("picked_up", 3)
    assert _do(shop, "hand-out", {"id": "P-1", "code": code}).status == 303
    assert _on_hand(shop) == 3
    assert "Nothing waits here with this code" in _find(shop, code).text
    listed = [read_change(one) for one in Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 50).items]
    assert {(one.what, one.outcome, one.about["pickup"]) for one in listed} == {("pickup.handed_out", "done", "P-1")}


@pytest.mark.parametrize("code", ["", "  ", "AAAAAA", "x" * 40, "<script>"])
def test_a_code_that_waits_nowhere_says_so(shop: TillWorld, code: str) -> None:
    """And changes nothing."""
    page = _find(shop, code)
    assert (page.status, "Nothing waits here with this code" in page.text) == (200, True)
    assert "<script>" not in page.text
    assert _find(shop, shop.code("P-1"), "nisantasi").status == 200
    assert 'name="id" value="P-1"' not in _find(shop, shop.code("P-1"), "nisantasi").text


def test_wrong_codes_are_counted_and_lock(shop: TillWorld) -> None:
    """Who knows the order but not the code does not get it."""
    for _ in range(5):
        refused = _do(shop, "hand-out", {"id": "P-1", "code": "AAAAAA"})
        assert (refused.status, "The code is not that of this order" in refused.text) == (409, True)
    assert "Too many wrong codes" in _do(shop, "hand-out", {"id": "P-1", "code": shop.code("P-1")}).text
    assert shop.state("P-1") == "ready"
    assert _on_hand(shop) == 5


def test_what_is_prepared_is_told(shop: TillWorld) -> None:
    """Ready once more changes nothing; the list shows it as ready."""
    answer = _do(shop, "ready", {"id": "P-2"})
    assert shop.state("P-2") == "ready"
    assert "The customer is told" in shop.browser("store").get(answer.headers["location"]).text
    assert _do(shop, "ready", {"id": "P-2"}).status == 303
    assert "Ready: tell the customer" not in shop.browser("store").get(HERE).text


def test_what_is_over_leaves_the_list_and_says_why(shop: TillWorld) -> None:
    """After its time nothing is handed out, whether or not the timer has come."""
    code = shop.code("P-1")
    shop.clock.advance(timedelta(days=4))
    refused = _do(shop, "hand-out", {"id": "P-1", "code": code})
    assert (refused.status, "It does not wait any more" in refused.text) == (409, True)
    assert _on_hand(shop) == 5
    assert "There is no such pick-up" in _do(shop, "hand-out", {"id": "none", "code": code}).text
    assert _do(shop, "hand-out", {"id": "", "code": code}).status == 400
    assert _do(shop, "hand-out", {"id": "P-1", "code": code, "location": ""}).status == 400


def test_many_that_wait_are_paged_and_all_are_found_by_code(shop: TillWorld) -> None:
    """The one that waits longest is behind the first page, and its code finds it."""
    shop.move("receipt", "boots", KADIKOY, 100, "b-1")
    for number in range(60):
        shop.pickup(f"B-{number}", "boots", 1)
    browser = shop.browser("store")
    first = browser.get(HERE).text
    following = re.search(r'href="(/console/pickups\?location=kadikoy&amp;cursor=[^"]+)"', first)
    assert following is not None
    both = first + browser.get(following[1].replace("&amp;", "&")).text
    assert len(set(re.findall(r"<strong>(S-[BP]-\d+)</strong>", both))) == 62
    for key in ("B-0", "B-59"):
        assert f'name="id" value="{key}"' in _find(shop, shop.code(key)).text


def test_only_stores_and_administrators_hand_out(shop: TillWorld) -> None:
    for role in ("agent", "marketer", "privacy"):
        browser = shop.browser(role)
        assert browser.get(HERE).status == 403
        token = browser.get("/console").form_token
        assert browser.post("/console/pickups/hand-out", {"form_token": token, "id": "P-1"}).status == 403
