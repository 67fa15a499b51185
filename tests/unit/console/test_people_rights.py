"""The page of requests of people: noted, carried out, refused and lifted by who has the role for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.identity.identifiers import parse_identifier
from tests.unit.admin.test_questions import fold, told
from tests.unit.console.console_world import Answer, Browser, ConsoleWorld
from tests.unit.ingest.world import ListQueue

pytestmark = pytest.mark.unit


class Shop(ConsoleWorld):
    """Ayşe is known; ``erasing`` is the queue of erasures."""

    def __init__(self) -> None:
        super().__init__()
        told(self, type="identify", traits={"email": "ayse@example.com"})
        fold(self)
        self.erasing = ListQueue()
        self.console = replace(self.console, erasures=lambda: self.erasing)
        self.key = self.keys(parse_identifier("user:42"))
        self.page = f"/console/customers/{self.key}/rights"

    def note(self, browser: Browser, right: str, **more: str) -> str:
        """The address of the case."""
        answer = browser.submit(self.page, self.page, {"right": right, **more})
        assert answer.status == 303
        return answer.headers["location"]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def do(browser: Browser, case: str, action: str, **more: str) -> Answer:
    return browser.submit(case, case, {"action": action, **more})


def test_a_request_is_noted_and_carried_out(shop: Shop) -> None:
    """The page says what it does before it does it; then the mark holds, and it can be lifted."""
    browser = shop.browser("privacy")
    case = shop.note(browser, "restrict", number="KVKK-9")
    page = browser.get(case).text
    assert "no message goes out" in page
    assert "KVKK-9" in page
    assert "ayse@example.com" not in page
    assert do(browser, case, "carry_out").status == 303
    assert [one for one in shop.customers.items() if one["sk"].startswith("right#restrict#")]
    assert 'value="carry_out"' not in browser.get(case).text
    do(browser, case, "lift")
    page = browser.get(case).text
    assert [word in page for word in ("lifted", "deniz@shop.example", 'name="action"')] == [True, True, False]


def test_an_erasure_is_begun_once(shop: Shop) -> None:
    browser = shop.browser("privacy")
    case = shop.note(browser, "erase")
    assert shop.erasing.bodies == []
    for wrong in ({}, {"confirm": "erasure"}, {"confirm": "KVKK-9"}):
        assert do(browser, case, "carry_out", **wrong).status == 400
        assert shop.erasing.bodies == []
    assert "To delete, type Erasure" in browser.get(case).text
    assert do(browser, case, "carry_out", confirm=" Erasure ").status == 303
    assert len(shop.erasing.bodies) == 1
    assert "being carried out" in browser.get(case).text


def test_an_erasure_asks_for_its_number(shop: Shop) -> None:
    """It cannot be undone. What can be is carried out with one click, and a refusal deletes nothing."""
    browser = shop.browser("privacy")
    other = shop.note(browser, "restrict", number="KVKK-10")
    assert "To delete" not in browser.get(other).text
    assert do(browser, other, "carry_out").status == 303
    case = shop.note(browser, "erase", number="KVKK-9")
    assert "To delete, type KVKK-9" in browser.get(case).text
    assert do(browser, case, "carry_out", confirm="Erasure").status == 400
    assert do(browser, case, "carry_out", confirm="KVKK-9").status == 303
    assert len(shop.erasing.bodies) == 1


def test_a_refusal_has_a_reason_of_the_list(shop: Shop) -> None:
    browser = shop.browser("privacy")
    case = shop.note(browser, "export")
    assert do(browser, case, "refuse", reason="nothing of yours").status == 400
    do(browser, case, "refuse", reason="identity_not_proven")
    assert "identity not proven" in browser.get(case).text


def test_the_list_warns_before_the_day(shop: Shop) -> None:
    """Within a week, and when it is over; what was answered is not among those that wait."""
    browser = shop.browser("admin")
    case = shop.note(browser, "object")
    assert "within a week" not in browser.get("/console/rights").text
    shop.clock.advance(timedelta(days=25))
    assert "within a week" in browser.get("/console/rights?state=waiting").text
    shop.clock.advance(timedelta(days=6))
    assert "overdue" in browser.get("/console/rights").text
    do(browser, case, "carry_out")
    assert "No request" in browser.get("/console/rights?state=waiting").text


def test_the_form_takes_no_name(shop: Shop) -> None:
    browser = shop.browser("privacy")
    for form in ({"right": "erase", "number": "Ayşe Yılmaz"}, {"right": "everything"}, {}):
        assert browser.submit(shop.page, shop.page, form).status == 400


@pytest.mark.parametrize("role", ["marketer", "agent", "store"])
def test_others_see_and_decide_nothing(shop: Shop, role: str) -> None:
    case = shop.note(shop.browser("privacy"), "erase")
    browser = shop.browser(role)
    assert [browser.get(page).status for page in ("/console/rights", case, shop.page)] == [403, 403, 403]
    assert browser.post(case, {"action": "carry_out"}).status == 403
    assert shop.erasing.bodies == []
