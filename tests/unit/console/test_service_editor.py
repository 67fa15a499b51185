"""Teams, rules and canned answers in the console: drafts, with the checks of publishing, by who may."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.adapters.yaml_text import written
from shared.domain.definitions.difference import definitions_of
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases
from tests.unit.console.console_world import Browser, ConsoleWorld

pytestmark = pytest.mark.unit
LIST, NEW = "/console/service", "/console/new-service"
TEAM = {
    "team": "night", "label": {"en": "Night"}, "hours": {"mon-fri": "18:00-24:00"}, "answer": {"first": "4h"},
    "outside_hours": {"text": {"tr": "Kapalıyız, {{ opens }}", "en": "Closed until {{ opens }}", "de": "Zu"}},
}  # fmt: skip


@pytest.fixture
def shop() -> ConsoleWorld:
    """With nothing published but what a shop must have."""
    made = ConsoleWorld()
    Releases(made.catalog).publish(Release(0, Shop(name="Kervan Moda")))
    return made


def submit(browser: Browser, address: str, form: dict[str, str]) -> tuple[int, str]:
    """With the version and the token that the page holds."""
    page = browser.get(address).text
    held = dict(re.findall(r'name="(version|form_token)" value="([^"]+)"', page))
    answer = browser.post(address, {**held, **form})
    return answer.status, answer.text


def published(shop: ConsoleWorld) -> dict[str, Any]:
    return dict(definitions_of(Releases(shop.catalog).current(refresh=True)))


def draft(shop: ConsoleWorld, key: str) -> object:
    found = Drafts(shop.catalog).get(key)
    return None if found is None else found.content


def publish(shop: ConsoleWorld, browser: Browser) -> None:
    page = browser.get("/console/publish").text
    seen = dict(re.findall(r'name="(seen|form_token)" value="([^"]+)"', page))
    assert browser.post("/console/publish", seen).status == 303


def test_an_agent_writes_a_canned_answer_and_a_marketer_publishes_it(shop: ConsoleWorld) -> None:
    """Named after its label; until then nothing changes."""
    agent, marketer = shop.browser("agent"), shop.browser("marketer")
    form = {
        "do": "texts", "label.tr": "Yolda", "label.en": "On its way", "text.tr": "{{ order.id }} yolda.\r\nİyi günler",
        "text.en": "{{ order.id }} is on its way.", "channel.email": "on",
    }  # fmt: skip
    status, _ = submit(agent, f"{NEW}/canned_answer", form)
    assert status == 303
    kept = {"canned_answer": "yolda", "label": {"tr": "Yolda", "en": "On its way"}, "channels": ["email"],
            "text": {"tr": "{{ order.id }} yolda.\nİyi günler", "en": "{{ order.id }} is on its way."}}  # fmt: skip
    assert draft(shop, "canned_answer/yolda") == kept
    assert "canned_answer/yolda" not in published(shop)
    assert "draft" in agent.get(LIST).text
    publish(shop, marketer)
    assert published(shop)["canned_answer/yolda"] == kept
    edit = f"{LIST}/canned_answer/yolda/edit"
    status, _ = submit(agent, edit, {"do": "texts", "label.tr": "Yolda", "text.tr": "Yolda!"})
    assert (status, draft(shop, "canned_answer/yolda")) == (
        303, {"canned_answer": "yolda", "label": {"tr": "Yolda"}, "text": {"tr": "Yolda!"}},
    )  # fmt: skip


@pytest.mark.parametrize("text", ["{{ customer.secret }}", "{% if %}", "{{ order.id"])
def test_a_text_that_cannot_be_filled_is_refused_where_it_is_written(shop: ConsoleWorld, text: str) -> None:
    """By the checks of publishing; what was written stays in the form."""
    form = {"do": "texts", "label.tr": "X", "text.tr": text}
    status, page = submit(shop.browser("agent"), f"{NEW}/canned_answer", form)
    assert status == 422
    assert text.replace("<", "&lt;") in page.replace("&#39;", "'")
    assert Drafts(shop.catalog).all() == ()


def test_a_team_is_yaml_with_check_and_difference(shop: ConsoleWorld) -> None:
    """Checking keeps nothing; an agent changes what is said outside the hours, and nothing else of it."""
    marketer, agent = shop.browser("marketer"), shop.browser("agent")
    status, page = submit(marketer, f"{NEW}/team", {"do": "check", "yaml": written(TEAM)})
    assert status == 200, re.findall(r"<li lang=.*?</li>", page)
    assert "It can be published." in page
    assert "<ins>team: night" in page
    assert Drafts(shop.catalog).all() == ()
    assert submit(marketer, f"{NEW}/team", {"do": "save", "yaml": written(TEAM)})[0] == 303
    publish(shop, marketer)
    edit = f"{LIST}/team/night/edit"
    assert submit(agent, edit, {"do": "texts", "text.tr": "Yarın", "text.en": "Tomorrow", "yaml": "team: x"})[0] == 303
    changed = draft(shop, "team/night")
    assert isinstance(changed, dict)
    assert changed["outside_hours"] == {"text": {"de": "Zu", "tr": "Yarın", "en": "Tomorrow"}}
    assert {**changed, "outside_hours": None} == {**published(shop)["team/night"], "outside_hours": None}
    later = written({**TEAM, "hours": {"mon-fri": "17:00-24:00"}})
    _, page = submit(marketer, edit, {"do": "check", "yaml": later})
    assert "17:00" in page.partition("<ins>")[2]
    assert submit(marketer, edit, {"do": "remove"})[0] == 303
    assert draft(shop, "team/night") is None
    assert "to be removed" in marketer.get(LIST).text


@pytest.mark.parametrize(
    ("yaml", "said"),
    [("team: night\nhours: {mon: x}", "hours"), ("- 1", "holds no team"), ("team: [", "line"), ("team: Night", "team"),
     ("team: night\nhours: {mon-fri: '09:00-18:00'}\ntell: [x@y.example]", "answer")],
)  # fmt: skip
def test_what_is_no_team_says_where(shop: ConsoleWorld, yaml: str, said: str) -> None:
    for action in ("check", "save"):
        status, page = submit(shop.browser("marketer"), f"{NEW}/team", {"do": action, "yaml": yaml})
        assert status == 422
        assert said in page
    assert Drafts(shop.catalog).all() == ()


def test_agents_write_texts_and_no_rules(shop: ConsoleWorld) -> None:
    """Neither by the page nor by a form that is made up."""
    agent, marketer = shop.browser("agent"), shop.browser("marketer")
    assert submit(marketer, f"{NEW}/team", {"do": "save", "yaml": written(TEAM)})[0] == 303
    token = agent.get(LIST).form_token
    assert agent.get(f"{NEW}/team").status == 403
    for address, form in (
        (f"{NEW}/team", {"do": "save", "yaml": written({**TEAM, "team": "mine"})}),
        (f"{LIST}/team/night/edit", {"do": "save", "yaml": written(TEAM), "version": "1"}),
        (f"{LIST}/team/night/edit", {"do": "remove", "version": "1"}),
        (f"{NEW}/canned_answer", {"do": "save", "yaml": "canned_answer: x\ntext: {tr: x}"}),
    ):
        assert agent.post(address, {**form, "form_token": token}).status == 403, address
    assert [one.key for one in Drafts(shop.catalog).all()] == ["team/night"]
    assert "yaml" not in agent.get(f"{LIST}/team/night/edit").text


def test_two_people_do_not_write_over_each_other(shop: ConsoleWorld) -> None:
    marketer = shop.browser("marketer")
    assert submit(marketer, f"{NEW}/team", {"do": "save", "yaml": written(TEAM)})[0] == 303
    token = marketer.get(LIST).form_token
    form = {"do": "texts", "text.tr": "x", "version": "0", "form_token": token}
    assert marketer.post(f"{LIST}/team/night/edit", form).status == 409
    taken = {"do": "save", "yaml": written(TEAM)}
    assert submit(marketer, f"{NEW}/team", taken)[0] == 422


@pytest.mark.parametrize("address", [f"{NEW}/segment", f"{LIST}/segment/x/edit", f"{LIST}/team/nobody/edit"])
def test_there_is_nothing_else_here(shop: ConsoleWorld, address: str) -> None:
    assert shop.browser("marketer").get(address).status == 404
