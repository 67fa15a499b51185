"""A journey is changed by its waits or by its YAML, as a draft; mistakes are said while it is written."""

from __future__ import annotations

import html
from typing import Any

import pytest

from benchmarks.deployment import ready_definitions
from functions.console.journey_durations import journey_fields, step_fields, with_durations
from shared.domain.definitions.release import Release
from shared.domain.journeys.definition import JourneyDefinition
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases
from tests.unit.console.console_world import Answer, Browser, ConsoleWorld
from tests.unit.console.shop_world import HOSTILE

pytestmark = pytest.mark.unit
CART = "/console/journeys/cart-recovery/edit"
NESTED: dict[str, Any] = {
    "journey": "nested",
    "start": {"event": "Order Completed"},
    "steps": [
        {"wait": "3d"},
        {"branch": {"if": {"in_segment": "new"}, "then": [{"wait": "2h"}], "else": [{"wait": "5d"}, {"note": "x"}]}},
        {"split": {"a": {"steps": [{"wait_for": {"event": "Viewed", "at_most": "9d"}}]}, "b": {"weight": 3}}},
        {"wait": {"until": "10:00"}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def ready() -> Release:
    return ready_definitions()


@pytest.fixture
def shop(ready: Release) -> ConsoleWorld:
    world = ConsoleWorld()
    Releases(world.catalog).publish(ready)
    return world


def _content(journey: JourneyDefinition) -> Any:
    return journey.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _fields(content: Any) -> dict[str, str]:
    """What a browser sends of fields that nobody touched."""
    known = [one for step in step_fields(content, "en") for one in step.fields] + list(journey_fields(content))
    return {f"d:{one.path}.{part}": said for one in known for part, said in (("n", one.number), ("u", one.unit))}


def _sent(browser: Browser, address: str, form: dict[str, str]) -> Answer:
    return browser.submit(address, address, {"version": "0", **form})


def _draft(shop: ConsoleWorld, name: str) -> Any:
    found = Drafts(shop.catalog).get(f"journey/{name}")
    return None if found is None else found.content


def test_fields_that_nobody_touched_change_nothing(ready: Release) -> None:
    """Of every ready journey, and of one with steps inside of steps."""
    for content in (*map(_content, ready.journeys), NESTED):
        assert with_durations(content, _fields(content)) == content


def test_every_duration_of_a_step_is_a_field() -> None:
    """Inside of branches and splits too; each changes its own place alone."""
    assert [(step.title, step.depth) for step in step_fields(NESTED, "en")] == [
        ("1", 0), ("2", 0), ("1", 1), ("1", 1), ("2", 1), ("3", 0), ("1", 1), ("4", 0),
    ]  # fmt: skip
    fields = _fields(NESTED)
    paths = [name.removeprefix("d:").removesuffix(".n") for name in fields if name.endswith(".n")]
    assert paths == [
        "steps.0.wait", "steps.1.branch.then.0.wait", "steps.1.branch.else.0.wait",
        "steps.2.split.a.steps.0.wait_for.at_most",
    ]  # fmt: skip
    for path in paths:
        changed = with_durations(NESTED, {**fields, f"d:{path}.n": "77"})
        assert _fields(changed) == {**fields, f"d:{path}.n": "77"}
        JourneyDefinition.model_validate(changed)
    assert with_durations(NESTED, {"d:steps.9.wait.n": "1", "d:journey.n": "1", "d:x": "1"}) == NESTED


def test_the_ready_journeys_show_all_their_durations(ready: Release) -> None:
    """As many fields as the models have durations in the places that the fields know."""
    cart = next(journey for journey in ready.journeys if journey.journey == "cart-recovery")
    whats = [one.what for step in step_fields(_content(cart), "en") for one in step.fields]
    assert whats == ["at", "fresh_for", "no_reaction", "at", "fresh_for", "at", "fresh_for"]
    assert [one.what for one in journey_fields(_content(cart))] == ["reenter", "goal"]


def test_a_wait_is_changed_by_its_field(shop: ConsoleWorld) -> None:
    """The second step of the cart after 48 hours: a draft, whose difference is two words."""
    browser = shop.browser("marketer")
    answer = _sent(browser, CART, {"d:steps.1.at.n": "48", "d:steps.1.at.u": "h", "do": "fields"})
    assert (answer.status, answer.headers["location"]) == (303, "/console/publish")
    assert _draft(shop, "cart-recovery")["steps"][1]["at"] == "48h"
    page = browser.get("/console/publish").text
    assert "Ready to be published" in page
    assert "</span>24</del>" in page.replace(": ", "").replace("taken out", "")
    assert "48h" in browser.get(CART).text


def test_a_wait_that_cannot_be_is_said(shop: ConsoleWorld) -> None:
    """Nothing is kept, and what was typed stands in the YAML to be corrected."""
    browser = shop.browser("marketer")
    for number, unit, said in (
        ("90", "h", "order the steps by at"),
        ("x", "h", "not a duration"),
        ("", "h", "duration"),
    ):
        page = _sent(browser, CART, {"d:steps.1.at.n": number, "d:steps.1.at.u": unit, "do": "fields"})
        assert page.status == 422
        assert said in page.text
        assert f"at: {number}{unit}" in html.unescape(page.text)
    assert _draft(shop, "cart-recovery") is None


def test_yaml_is_kept_as_a_draft(shop: ConsoleWorld) -> None:
    """Mistakes of the language and of YAML are named, and the text is not lost."""
    browser = shop.browser("marketer")
    text = "journey: cart-recovery\nstart: {event: Order Completed}\nsteps:\n  - wait: 3d\n"
    assert _sent(browser, CART, {"yaml": text, "do": "yaml"}).status == 303
    assert _draft(shop, "cart-recovery")["steps"] == [{"wait": "72h"}]
    for broken, said in (
        ("journey: other\nstart: {event: X}\nsteps: [{wait: 3d}]", "does not change"),
        ("journey: cart-recovery\nsteps: [{wait: 3d}]", "missing"),
        ("journey: cart-recovery\nsteps: [{wait: 3d", "line"),
        ("[]", "holds no journey"),
    ):
        page = _sent(browser, CART, {"yaml": broken, "do": "yaml", "version": "1"})
        assert page.status == 422
        assert said in page.text
        assert broken in html.unescape(page.text)
    assert _sent(browser, CART, {"yaml": text, "do": "yaml", "version": "0"}).status == 409
    assert _sent(browser, CART, {"yaml": text, "do": "burn", "version": "1"}).status == 400


def test_a_new_journey_does_not_replace_another(shop: ConsoleWorld) -> None:
    """It begins as a complete one, and a name that is taken is refused."""
    browser = shop.browser("marketer")
    page = browser.get("/console/new-journey")
    text = html.unescape(page.text.partition('lang="en">')[2].partition("</textarea>")[0])
    assert _sent(browser, "/console/new-journey", {"yaml": text, "do": "yaml"}).status == 303
    assert browser.get("/console/publish").text.count("Ready to be published") == 1
    for name in ("new-journey", "cart-recovery"):
        again = text.replace("new-journey", name)
        page = _sent(browser, "/console/new-journey", {"yaml": again, "do": "yaml"})
        assert page.status == 422
        assert "already" in page.text


def test_the_preview_checks_against_everything(shop: ConsoleWorld) -> None:
    """The sentence with its changed words; a template that does not exist is found before anything is saved."""
    browser = shop.browser("marketer")
    form = {"name": "cart-recovery", "d:steps.1.at.n": "48", "d:steps.1.at.u": "h"}
    page = browser.submit(CART, "/console/journey-preview", form)
    assert "The checks pass" in page.text
    assert "48</ins>" in page.text
    step = "{id: a, send: nothing-of-ours, purpose: marketing, channels: [email]}"
    text = f"journey: cart-recovery\nstart: {{event: X}}\nsteps:\n  - {step}\n"
    page = browser.submit(CART, "/console/journey-preview", {"name": "cart-recovery", "yaml": text})
    assert "nothing-of-ours" in page.text
    assert "The checks pass" not in page.text
    page = browser.submit(CART, "/console/journey-preview", {"name": "cart-recovery", "yaml": "{"})
    assert "no YAML" in page.text
    assert browser.submit(CART, "/console/journey-preview", {"name": "nothing"}).status == 404
    assert Drafts(shop.catalog).all() == ()


def test_a_journey_is_taken_away_by_a_draft(shop: ConsoleWorld) -> None:
    """It runs until that is published."""
    browser = shop.browser("marketer")
    assert _sent(browser, CART, {"do": "remove"}).status == 303
    assert "removed" in browser.get("/console/publish").text
    assert Releases(shop.catalog).current().journey("cart-recovery") is not None


def test_hostile_yaml_is_text(shop: ConsoleWorld) -> None:
    """In the field, in mistakes and in sentences."""
    browser = shop.browser("marketer")
    for text in HOSTILE:
        label = text.replace("'", "")
        good = f"journey: a\nlabel: {{en: '{label}'}}\nstart: {{event: X}}\nsteps: [{{wait: 1d}}]"
        for form in ({"yaml": text}, {"yaml": good}):
            for page in (
                _sent(browser, "/console/new-journey", {**form, "do": "yaml"}),
                browser.submit("/console/new-journey", "/console/journey-preview", form),
            ):
                assert "<script>document" not in page.text
                assert "<img src=x" not in page.text
                assert "<svg onload" not in page.text


def test_an_agent_edits_no_journey(shop: ConsoleWorld) -> None:
    """The plan is shown without the way to change it."""
    agent = shop.browser("agent")
    assert agent.get(CART).status == 403
    assert "/edit" not in agent.get("/console/journeys/cart-recovery").text
    token = agent.get("/console").form_token
    for path in (CART, "/console/new-journey", "/console/journey-preview"):
        assert agent.post(path, {"yaml": "x", "do": "yaml", "form_token": token}).status == 403
    assert shop.browser("marketer").get("/console/journeys/nothing/edit").status == 404
