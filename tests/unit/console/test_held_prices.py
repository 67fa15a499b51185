"""A price that may be a slip stands on Today, and who may send says what it is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.identity.keys import milliseconds
from shared.domain.interests.held_price import HeldPrice
from shared.operators.stock.held_prices import decide
from shared.operators.stock.products import put_one
from shared.stores.console_changes import Changes, read_change
from tests.unit.console.till_world import TillWorld

pytestmark = pytest.mark.unit
HEALTH = "/console/today/health"


def shop() -> TillWorld:
    made = TillWorld()
    put_one(made.stock_desk, "jacket", {"name": "Snow jacket", "price": "19.99", "currency": "TRY"})
    since = made.clock.now()
    prices = Decimal("19.99"), Decimal("1999.90")
    made.stock_desk.held.put(HeldPrice("jacket", milliseconds(since), since, *prices, "TRY"), None)
    made.clock.advance(timedelta(hours=1))
    return made


def test_today_shows_it_and_the_marketer_decides() -> None:
    """With the price before; noted with who said it; then it waits no more."""
    made = shop()
    page = made.browser("marketer").get(HEALTH).text
    assert "down 99 %" in page
    assert "19.99 TRY after 1999.90" in page
    held = made.stock_desk.held.read("jacket")
    assert held is not None
    form = {"product": "jacket", "episode": str(held.episode), "said": "right"}
    assert made.browser("marketer").submit(HEALTH, "/console/prices", form).status == 303
    assert "down 99 %" not in made.browser("marketer").get(HEALTH).text
    listed = [read_change(one) for one in Changes(made.catalog).page(f"{made.clock.now():%Y-%m}", 50).items]
    assert {(one.what, one.about["product"]) for one in listed} == {("price.right", "jacket")}
    again = made.browser("marketer").submit("/console/", "/console/prices", form | {"said": "slip"})
    assert again.status == 409


def test_all_prices_of_the_page_are_slips_with_one_click() -> None:
    """Of a wrong catalogue. What somebody decided since, and what came since the page, stays as it is."""
    made = shop()
    desk, since = made.stock_desk, made.clock.now()
    assert "prices/slips" not in made.browser("marketer").get(HEALTH).text  # for one there is a button of its own

    def fell(product: str) -> str:
        put_one(desk, product, {"name": product, "price": "1.00", "currency": "TRY"})
        desk.held.put(HeldPrice(product, milliseconds(since), since, Decimal(1), Decimal(99), "TRY"), None)
        return f"{milliseconds(since)} {product}"

    held = desk.held.read("jacket")
    assert held is not None
    listed = "\r\n".join([f"{held.episode} jacket", *(fell(f"shoe {number}") for number in range(3))])
    page = made.browser("marketer").get(HEALTH).text
    assert "All these 4 prices are slips" in page
    assert all(line in page for line in listed.splitlines())
    assert "prices/slips" not in made.browser("agent").get(HEALTH).text
    decide(desk, "shoe 1", milliseconds(since), "right")
    fell("later")
    assert made.browser("marketer").submit(HEALTH, "/console/prices/slips", {"listed": listed}).status == 303
    said = {
        name: one.said for name in ("jacket", "shoe 0", "shoe 1", "shoe 2", "later") if (one := desk.held.read(name))
    }
    assert said == {"jacket": "slip", "shoe 0": "slip", "shoe 1": "right", "shoe 2": "slip", "later": ""}
    listed_changes = [read_change(one) for one in Changes(made.catalog).page(f"{made.clock.now():%Y-%m}", 50).items]
    assert [(one.what, one.about, one.outcome) for one in listed_changes] == [("price.slips", {"count": "4"}, "done")]


@pytest.mark.parametrize("listed", ["", "jacket", "x jacket", "1 ", "\n".join(["1 a"] * 101)])
def test_a_list_of_another_kind_is_refused(listed: str) -> None:
    assert shop().browser("marketer").submit(HEALTH, "/console/prices/slips", {"listed": listed}).status == 400


def test_who_only_sees_is_not_asked() -> None:
    page = shop().browser("agent").get(HEALTH).text
    assert "down 99 %" in page
    assert "/console/prices" not in page


@pytest.mark.parametrize(
    "wrong", [{"said": "perhaps"}, {"episode": "x"}, {"episode": "9" * 16}, {"product": ""}, {"episode": "١"}]
)
def test_a_form_of_another_kind_is_refused(wrong: dict[str, str]) -> None:
    form = {"product": "jacket", "episode": "1", "said": "right"} | wrong
    assert shop().browser("marketer").submit(HEALTH, "/console/prices", form).status == 400
