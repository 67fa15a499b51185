"""Stock in the console: found, shown with movements and reservations, and changed by nobody here."""

from __future__ import annotations

import re

import pytest

from tests.unit.console.shop_world import HOSTILE
from tests.unit.console.till_world import DEPOT, TillWorld

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def shop() -> TillWorld:
    return TillWorld()


def test_products_are_found_by_name_and_sku(shop: TillWorld) -> None:
    """With how many pieces can be sold over all locations; a part for who types."""
    browser = shop.browser("store")
    page = browser.get("/console/stock?q=snow").text
    assert 'href="/console/stock/sku?id=jacket"' in page
    assert "15 available" in page
    assert "Winter boots" not in page
    part = browser.get("/console/stock?q=boots", hx_request="true").text
    assert "Winter boots" in part
    assert "not counted" in part
    assert "<html" not in part
    assert "There is no such product" in browser.get("/console/stock?q=zzz").text
    assert browser.get("/console/stock?cursor=9.x").status == 400


def test_a_sku_without_a_product_is_found_by_itself(shop: TillWorld) -> None:
    """The till may know what the shop's catalogue does not."""
    page = shop.browser("store").get("/console/stock", accept_language="en")
    assert page.status == 200
    shop.move("receipt", "loose-1", DEPOT, 3, "l-1")
    found = shop.browser("store").get("/console/stock?q=loose-1").text
    assert 'href="/console/stock/sku?id=loose-1"' in found
    assert "loose-1" in shop.browser("store").get("/console/stock/sku?id=loose-1").text


def test_a_sku_is_shown_whole(shop: TillWorld) -> None:
    """Levels by location with the safety stock taken off, movements the newest first, open reservations."""
    page = shop.browser("agent").get("/console/stock/sku?id=jacket").text
    rows = dict(re.findall(r'<th scope="row">(\S+?)[ <].*?<strong>(\d+)</strong>', page))
    assert rows == {"depot": "11", "Kadıköy": "2"}
    assert page.index("P-1") < page.index("s-1")
    assert "S-9" in page
    assert "pickup S-P-1" in page
    assert "user:42" not in page


def test_what_was_earlier_is_asked_by_location(shop: TillWorld) -> None:
    """Each movement once: those of the page and those behind it are all of them."""
    browser = shop.browser("agent")
    now = browser.get("/console/stock/sku?id=jacket").text
    before = browser.get(f"/console/stock/movements?id=jacket&location={DEPOT}").text
    keys = re.findall(r"· depot · ([\w-]+)<", now + before)
    assert sorted(keys) == sorted([*(f"r-{number}" for number in range(7)), "s-1", "hold-1"])
    assert "Nothing earlier" in browser.get("/console/stock/movements?id=jacket&location=none").text


def test_addresses_that_name_nothing(shop: TillWorld) -> None:
    """400 for what cannot be, 404 for what is not there."""
    browser = shop.browser("admin")
    assert browser.get("/console/stock/sku").status == 400
    assert browser.get(f"/console/stock/sku?id={'x' * 101}").status == 400
    assert browser.get("/console/stock/sku?id=nothing").status == 404
    assert browser.get("/console/stock/movements?id=jacket").status == 400
    assert browser.get("/console/stock/movements?id=jacket&location=depot&cursor=broken").status == 400


def test_who_works_in_a_store_begins_with_stock(shop: TillWorld) -> None:
    """And sees no customer: not even the field that finds one."""
    browser = shop.browser("store")
    assert browser.get("/console").headers["location"] == "/console/stock"
    page = browser.get("/console/stock").text
    assert re.findall(r'<a href="(/console/[a-z]+)"(?: aria-current="page")?><svg', page) == [
        "/console/stock",
        "/console/pickups",
    ]
    assert 'name="q" placeholder="Find a customer"' not in page
    for path in ("customers", "conversations", "segments", "journeys", "reports", "changes", f"customers/{shop.ayse}"):
        assert browser.get(f"/console/{path}").status == 403
    assert shop.browser("intern").get("/console").status == 403


@pytest.mark.parametrize("language", ["tr", "en"])
def test_names_of_products_are_text(shop: TillWorld, language: str) -> None:
    """They come from feeds."""
    browser = shop.browser("admin")
    paths = ("stock", "stock/sku?id=hostile", "pickups?location=kadikoy")
    shown = "".join(browser.get(f"/console/{path}", accept_language=language).text for path in paths)
    assert not re.search(r"<(script(?! src=)|img src=x|svg onload)", shown)
    assert "&lt;script&gt;" in shown
    assert all(part not in shown for part in HOSTILE if "<" in part)
