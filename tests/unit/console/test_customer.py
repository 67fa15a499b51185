"""Customers in the console: found, shown, explained, and their links undone."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from functions.console.why_line import APART, WIDTH, line_of
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.gate_order import ORDER
from shared.stores.console_changes import Changes, read_change
from tests.unit.admin.test_questions import fold
from tests.unit.console.console_world import Answer
from tests.unit.console.shop_world import HOSTILE, ShopWorld

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def shop() -> ShopWorld:
    return ShopWorld()


def _parts(shop: ShopWorld) -> list[str]:
    """Every address of a customer."""
    base = f"/console/customers/{shop.ayse}"
    names = ("sent", "stopped", "no-consent", "hostile", "quiet", "unknown")
    return [
        base,
        *(f"{base}/why/{name}" for name in names),
        *(f"{base}/{part}" for part in ("identity", "consents", "events", "segments/new", "segments/at-risk")),
    ]


def _find(shop: ShopWorld, text: str, *, part: bool = False) -> Answer:
    browser = shop.browser("agent")
    token = browser.get("/console/customers").form_token
    return browser.post(
        "/console/customers", {"q": text, "form_token": token}, **({"hx_request": "true"} if part else {})
    )


def test_ayse_is_found_by_ayse(shop: ShopWorld) -> None:
    """Both who have the name, with what tells them apart; and one click leads to the page."""
    page = _find(shop, "ayse").text
    assert "Ayşe Yılmaz" in page
    assert "Ayşegül" in page
    assert f'href="/console/customers/{shop.ayse}"' in page
    part = _find(shop, "S-1", part=True).text
    assert "by order" in part
    assert "<html" not in part
    assert "Nobody is found" in _find(shop, "zeynep").text


def test_what_was_asked_is_in_no_address(shop: ShopWorld) -> None:
    """A question holds names and addresses; it is sent in a form. A customer's address holds a key, never a value."""
    page = _find(shop, "ayse@example.com").text
    assert not re.search(r'(href|action|hx-\w+)="[^"]*(ayse|%40|@)', page)
    assert shop.browser("agent").get("/console/customers/email:ayse@example.com").status == 404
    assert shop.browser("agent").get("/console/customers/user:42/events").status == 404


def test_a_customer_is_shown_whole(shop: ShopWorld) -> None:
    """Who it is, cart, orders, segments, and each message with its outcome."""
    page = shop.browser("agent").get(f"/console/customers/{shop.ayse}").text
    for said in ("Ayşe Yılmaz", "loyalty:L-7", "100.50 TRY", "not sent", "put off", "may have gone out"):
        assert said in page
    assert page.count("<circle") == 6
    assert page.count('<circle class="solid"') == 1


def test_why_says_which_question_on_which_event_and_what_else(shop: ShopWorld) -> None:
    """The order that stopped it, the remedy, and the questions up to the one that objected."""
    browser = shop.browser("marketer")
    stopped = browser.get(f"/console/customers/{shop.ayse}/why/stopped", hx_request="true").text
    assert "S-1" in stopped
    assert "Had the customer not met the exit rule" in stopped
    assert stopped.count('<li class="stopped">') == 1
    consent = browser.get(f"/console/customers/{shop.ayse}/why/no-consent").text
    asked = [one.name for one in ORDER]
    assert consent.count('<li class="passed">') == asked.index("consented")
    assert "Only the customer can" in consent
    assert "asked again" in browser.get(f"/console/customers/{shop.ayse}/why/quiet").text
    sent = browser.get(f"/console/customers/{shop.ayse}/why/sent").text
    assert "Why it was sent" in sent
    assert '<li class="stopped">' not in sent


def test_a_message_of_somebody_else_is_none(shop: ShopWorld) -> None:
    """Whoever changes the customer in an address sees nothing of the message."""
    answer = shop.browser("admin").get(f"/console/customers/{shop.aysegul}/why/stopped")
    assert answer.status == 404
    assert "S-1" not in answer.text


def test_why_in_a_segment_and_why_not(shop: ShopWorld) -> None:
    """Each part of the rule, with what was found."""
    browser = shop.browser("agent")
    assert "Why in this segment" in browser.get(f"/console/customers/{shop.ayse}/segments/new").text
    out = browser.get(f"/console/customers/{shop.ayse}/segments/at-risk").text
    assert "Why not in this segment" in out
    assert "not true" in out
    assert browser.get(f"/console/customers/{shop.ayse}/segments/none").status == 404


@pytest.mark.parametrize("language", ["tr", "en"])
def test_nothing_hostile_is_markup(shop: ShopWorld, language: str) -> None:
    """Every value is text: no tag, no attribute and no expression of a template comes out of one."""
    browser = shop.browser("admin")
    shown = ""
    for address in _parts(shop):
        for kind in ({}, {"hx_request": "true"}):
            answer = browser.get(address, accept_language=language, **kind)
            assert answer.status == 200, address
            shown += answer.text
    shown += _find(shop, "ayse").text
    assert not re.search(r"<(script(?! src=)|img src=x|svg onload)", shown)
    assert not re.search(r"""(href|src|action|hx-\w+)=["']?\s*javascript:""", shown)
    assert "{{ 7 * 7 }}" in shown
    assert "49{" not in shown
    assert "&lt;script&gt;" in shown
    assert all(part not in shown for part in HOSTILE if "<" in part)


def test_what_happened_is_filtered_and_paged(shop: ShopWorld) -> None:
    """Messages alone, events alone, older ones behind a cursor."""
    browser = shop.browser("agent")
    base = f"/console/customers/{shop.ayse}/events"
    only = browser.get(f"{base}?kind=message").text
    assert "Order Completed" not in only
    everything = browser.get(base).text
    cursor = re.search(r"cursor=([^\"&]+)", everything)
    assert cursor is not None
    older = browser.get(f"{base}?cursor={cursor[1]}", hx_request="true")
    assert older.status == 200
    assert "<nav" not in older.text
    assert browser.get(f"{base}?cursor=broken").status == 400
    assert browser.get(f"{base}?kind=x").status == 400


def test_a_wrong_link_is_undone_and_brought_back() -> None:
    """After a question and with a reason; the identifier is a customer of its own, and the change is listed by keys."""
    shop = ShopWorld()
    card = shop.keys(parse_identifier("loyalty:L-7"))
    address = f"/console/customers/{shop.ayse}/links/{card}/{shop.ayse}"
    assert f"{address}/release" in shop.browser("agent").get(f"/console/customers/{shop.ayse}/identity").text
    assert "Undo this link" not in shop.browser("marketer").get(f"/console/customers/{shop.ayse}/identity").text
    browser = shop.browser("agent")
    assert "loyalty:L-7 is taken from user:42" in browser.get(f"{address}/release").text
    assert browser.submit(f"{address}/release", f"{address}/release", {"reason": "  "}).status == 400
    assert browser.submit(f"{address}/release", f"{address}/release", {"reason": "a borrowed card"}).status == 303
    fold(shop)
    assert "loyalty:L-7" not in browser.get(f"/console/customers/{shop.ayse}").text
    assert "a borrowed card" in browser.get(f"/console/customers/{shop.ayse}/identity").text
    assert browser.submit(f"{address}/relink", f"{address}/relink", {"reason": "hers after all"}).status == 303
    fold(shop)
    assert "loyalty:L-7" in browser.get(f"/console/customers/{shop.ayse}").text
    listed = [read_change(one) for one in Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 50).items]
    assert {(one.what, one.outcome) for one in listed} >= {("link.release", "done"), ("link.relink", "done")}
    assert all(set(one.about.values()) <= {card, shop.ayse} for one in listed)


def test_only_links_of_the_customer_are_undone(shop: ShopWorld) -> None:
    """An address made of two others' keys changes nothing."""
    card = shop.keys(parse_identifier("loyalty:L-7"))
    browser = shop.browser("agent")
    token = browser.get("/console").form_token
    for address in (
        f"/console/customers/{shop.aysegul}/links/{card}/{shop.ayse}/release",
        f"/console/customers/{shop.ayse}/links/{card}/{shop.aysegul}/release",
        f"/console/customers/{shop.ayse}/links/{card}/{shop.ayse}/delete",
    ):
        assert browser.post(address, {"form_token": token, "reason": "x"}).status == 404


def test_dots_of_a_line_do_not_touch(shop: ShopWorld) -> None:
    """However many messages there are at one time, each can be clicked, and all are within the picture."""
    times = [f"2026-11-{day:02d}T10:00:0{second}.000Z" for day in (1, 20) for second in range(5)]
    told = [{"message_id": str(n), "sent_at": None, "at": at, "state": "skipped"} for n, at in enumerate(times)]
    line = line_of(told)
    assert line is not None
    assert line.levels == 5
    places = [(dot.level, dot.x) for dot in line.dots]
    assert len(set(places)) == len(told)
    assert all(0 < x < WIDTH for _, x in places)
    for level in range(line.levels):
        row = sorted(x for one, x in places if one == level)
        assert all(after - before >= APART for before, after in pairwise(row))
    assert line_of([]) is None
