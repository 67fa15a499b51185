"""A segment from words to a draft, and from YAML to words; what it would hold, seen while it is written."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from functions.console.definition_name import name_of
from shared.domain.definitions.drafts import Draft
from shared.stores.console_changes import Changes, read_change
from shared.stores.drafts import Drafts
from tests.unit.console.console_world import Answer, Browser
from tests.unit.console.shop_world import HOSTILE, ShopWorld

pytestmark = pytest.mark.unit
NEW = "/console/new-segment"
EDIT = "/console/segments/at-risk/edit"
ANKARA = {"0:kind": "group", "0:how": "all", "0.0:kind": "orders", "0.0:count.word": "at_least", "0.0:count.n": "2",
          "0.0:within.n": "90", "0.0:within.u": "d", "0.1:kind": "trait", "0.1:trait.v": "city", "0.1:test.word": "is",
          "0.1:test.v": "Ankara"}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> ShopWorld:
    return ShopWorld()


@pytest.fixture
def shop(world: ShopWorld) -> ShopWorld:
    """The same people for all tests, without drafts."""
    Drafts(world.catalog).remove(Drafts(world.catalog).all())
    return world


def _sent(browser: Browser, address: str, form: dict[str, str], do: str) -> Answer:
    return browser.submit(address, address, {**form, "do": do})


def _fields(page: Answer) -> dict[str, str]:
    """What a browser would send of the page's form: its inputs, and what is chosen in its lists."""
    form = page.text.partition('<form id="editor"')[2].partition("</form>")[0]
    found = {
        name: html.unescape(value) for name, value in re.findall(r'<input[^>]*name="([^"]+)" value="([^"]*)"', form)
    }
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    unchecked = re.findall(r'type="checkbox" name="([^"]+)" value="not"(?! checked)', form)
    return {name: value for name, value in found.items() if name not in unchecked}


def _draft(shop: ShopWorld, name: str) -> Draft:
    found = Drafts(shop.catalog).get(f"segment/{name}")
    assert found is not None
    return found


def test_a_new_segment_is_made_of_words(shop: ShopWorld) -> None:
    """It is named after its label, kept as a draft, and noted; the list of drafts is next."""
    browser = shop.browser("marketer")
    form = {**ANKARA, "label.tr": "Ankara'da iki kez alanlar", "label.en": "Bought twice in Ankara"}
    answer = _sent(browser, NEW, form, "save")
    assert (answer.status, answer.headers["location"]) == (303, "/console/publish")
    assert _draft(shop, "ankara-da-iki-kez-alanlar").content == {
        "segment": "ankara-da-iki-kez-alanlar",
        "label": {"tr": "Ankara'da iki kez alanlar", "en": "Bought twice in Ankara"},
        "who": {"all": [{"orders": {"at_least": 2, "within": "90d"}}, {"trait": {"name": "city", "is": "Ankara"}}]},
    }
    (noted, *_) = Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 1).items
    assert read_change(noted).what == "draft.saved"
    assert _sent(browser, NEW, form, "save").status == 422


def test_what_the_page_shows_is_what_it_sends_back(shop: ShopWorld) -> None:
    """Opening a published segment and saving it as it is leaves no draft."""
    browser = shop.browser("marketer")
    for name in ("at-risk", "new", "high-value", "engaged"):
        address = f"/console/segments/{name}/edit"
        page = browser.get(address)
        if page.status == 404:
            continue
        assert browser.post(address, {**_fields(page), "do": "save"}).status == 303
    assert Drafts(shop.catalog).all() == ()


def test_lines_come_and_go_without_a_script(shop: ShopWorld) -> None:
    """A condition and a group are added, one is removed; nothing is kept before it is saved."""
    browser = shop.browser("marketer")
    page = _sent(browser, EDIT, {**ANKARA, "0:add": "birthday"}, "add:0")
    assert page.status == 200
    assert _fields(page)["0.2:kind"] == "birthday"
    page = browser.post(EDIT, {**_fields(page), "do": "group:0"})
    page = browser.post(EDIT, {**_fields(page), "0.3:add": "consent", "do": "add:0.3"})
    assert _fields(page)["0.3.0:kind"] == "consent"
    page = browser.post(EDIT, {**_fields(page), "do": "remove:0.0"})
    assert _fields(page)["0.0:kind"] == "trait"
    assert Drafts(shop.catalog).all() == ()


def test_yaml_becomes_fields_and_mistakes_are_said(shop: ShopWorld) -> None:
    """What was typed is not lost by a mistake; the name of a segment does not change."""
    browser = shop.browser("marketer")
    text = "segment: at-risk\nwho: {orders: {last: {within: 45d}}}"
    fields = _fields(_sent(browser, EDIT, {"yaml": text}, "yaml"))
    assert (fields["0.0:kind"], fields["0.0:within.n"]) == ("last_order", "45")
    for broken, said in (
        ("segment: at-risk\nwho: {", "line 2"),
        ("segment: other\nwho: {orders: {at_least: 1}}", "does not change"),
        ("- a", "holds no segment"),
        ("segment: at-risk\nlabel: x\nwho: {orders: {at_least: 1}}", "label or aliases"),
    ):
        page = _sent(browser, EDIT, {**ANKARA, "yaml": broken}, "yaml")
        assert page.status == 422
        assert said in page.text
        assert html.escape(broken) in page.text.replace("&#34;", "&quot;")
        assert _fields(page)["0.1:test.v"] == "Ankara"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"0.0:count.n": ""}, "say how many orders"),
        ({"0.0:within.n": "3", "0.0:within.u": "months"}, "not exact"),
        ({"0.0:count.n": "two"}, "who"),
        ({"0.1:kind": "yaml", "0.1:yaml.v": "{"}, "no YAML"),
        ({"0.0:kind": "burn", "0.1:kind": "burn"}, "empty"),
    ],
)
def test_a_rule_with_a_mistake_is_not_kept(shop: ShopWorld, changed: dict[str, str], said: str) -> None:
    """The mistake is named in the form and in the preview, and nothing is lost of what was typed."""
    browser = shop.browser("marketer")
    page = _sent(browser, EDIT, {**ANKARA, **changed}, "save")
    assert page.status == 422
    assert said in page.text
    assert Drafts(shop.catalog).all() == ()
    answer = browser.submit(EDIT, "/console/segment-preview", {**ANKARA, **changed, "name": "at-risk"})
    assert answer.status == 200
    assert "Cannot be counted yet" in answer.text


def test_the_preview_says_whom_it_would_hold(shop: ShopWorld) -> None:
    """How many, whom for example, whom marketing reaches, who joins against what is published; the YAML beside it."""
    browser = shop.browser("marketer")
    form = {"0:kind": "group", "0.0:kind": "orders", "0.0:count.word": "at_least", "0.0:count.n": "1"}
    page = browser.submit(EDIT, "/console/segment-preview", {**form, "name": "at-risk"})
    assert "Customers with at least 1 order." in page.text
    assert f'href="/console/customers/{shop.ayse}"' in page.text
    assert "Ayşe Yılmaz" in page.text
    assert "+1 join" in page.text
    token = browser.get(EDIT).form_token
    part = browser.post("/console/segment-preview", {**form, "form_token": token}, hx_request="true").text
    assert "<html" not in part
    assert 'id="yaml"' in part
    assert Drafts(shop.catalog).all() == ()


def test_a_published_segment_is_taken_away_by_a_draft(shop: ShopWorld) -> None:
    """It works until that is published."""
    browser = shop.browser("marketer")
    assert _sent(browser, EDIT, {}, "remove").status == 303
    assert _draft(shop, "at-risk").content is None
    assert "removed" in browser.get("/console/publish").text


def test_two_people_edit_one_segment(shop: ShopWorld) -> None:
    """Who saves second is told that it was changed."""
    browser = shop.browser("marketer")
    first, second = _fields(browser.get(EDIT)), _fields(browser.get(EDIT))
    assert browser.post(EDIT, {**first, "label.en": "One", "do": "save"}).status == 303
    assert browser.post(EDIT, {**second, "label.en": "Two", "do": "save"}).status == 409
    assert _draft(shop, "at-risk").content["label"]["en"] == "One"


def test_hostile_values_are_text(shop: ShopWorld) -> None:
    """In fields, lines of YAML and mistakes."""
    browser = shop.browser("marketer")
    for text in HOSTILE:
        form: dict[str, Any] = {**ANKARA, "label.tr": text, "0.1:test.v": text, "0.1:trait.v": text, "yaml": text}
        for page in (
            _sent(browser, NEW, form, "look"),
            _sent(browser, NEW, form, "yaml"),
            browser.submit(NEW, "/console/segment-preview", form),
        ):
            assert "<script>document" not in page.text
            assert "<img src=x" not in page.text
            assert "<svg onload" not in page.text


def test_an_agent_edits_nothing(shop: ShopWorld) -> None:
    """Neither the page nor the preview opens, and no button leads there."""
    agent = shop.browser("agent")
    assert agent.get(EDIT).status == 403
    assert agent.get(NEW).status == 403
    token = agent.get("/console").form_token
    assert agent.post("/console/segment-preview", {**ANKARA, "form_token": token}).status == 403
    assert agent.post(EDIT, {**ANKARA, "do": "save", "form_token": token}).status == 403
    assert "/edit" not in agent.get("/console/segments/at-risk").text
    assert shop.browser("marketer").get("/console/segments/nothing/edit").status == 404


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Ankara'da iki kez alanlar", "ankara-da-iki-kez-alanlar"),
        ("İSTANBUL Şişli", "istanbul-sisli"),
        ("2 kez", "s-2-kez"),
        ("…", "new-segment"),
        ("", "new-segment"),
        ("x" * 60, "x" * 48),
    ],
)
def test_a_name_is_made_of_the_label(label: str, name: str) -> None:
    """In small letters of every keyboard."""
    assert name_of({"tr": label}, "new-segment") == name
