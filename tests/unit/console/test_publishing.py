"""Drafts become a release after somebody saw the difference; an earlier release comes back; who may do it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from shared.domain.definitions.drafts import begins_for_members
from shared.domain.definitions.origin import Origin
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from shared.http.answers import Problem
from shared.operators.publishing import InvalidDraft, plan_drafts, save_draft
from shared.stores.console_changes import Changes, read_change
from shared.stores.drafts import Drafts
from shared.stores.releases import Releases
from tests.support.world import SEGMENTS
from tests.unit.console.console_world import Answer, Browser, ConsoleWorld
from tests.unit.console.shop_world import HOSTILE

pytestmark = pytest.mark.unit
_SEEN = re.compile(r'name="seen" value="([^"]+)"')


@pytest.fixture
def shop() -> ConsoleWorld:
    world = ConsoleWorld()
    Releases(world.catalog).publish(Release(0, Shop(name="Kervan Moda"), segments=SEGMENTS))
    return world


def _rule(days: int, name: str = "new", **more: Any) -> dict[str, Any]:
    return {"segment": name, "who": {"orders": {"first": {"within": f"{days}d"}}}, **more}


def _draft(shop: ConsoleWorld, content: dict[str, Any], version: int = 0) -> None:
    save_draft(shop.catalog, "segment", content, shop.clock.now(), "deniz@shop.example", version=version)


def _current(shop: ConsoleWorld) -> Release:
    return Releases(shop.catalog).current()


def _seen(page: Answer) -> str:
    found = _SEEN.search(page.text)
    assert found is not None
    return html.unescape(found[1])


def _publish(browser: Browser, page: Answer, **form: str) -> Answer:
    return browser.post("/console/publish", {"seen": _seen(page), "form_token": page.form_token, **form})


def _publish_anyway(shop: ConsoleWorld, browser: Browser) -> Answer:
    """As somebody who knows what the page would have said, and sends the form that it does not show."""
    token = browser.get("/console/publish").form_token
    return browser.post("/console/publish", {"seen": plan_drafts(shop.catalog).seen, "form_token": token})


def test_without_drafts_the_page_says_what_to_do(shop: ConsoleWorld) -> None:
    """And there is no button."""
    page = shop.browser("marketer").get("/console/publish").text
    assert "No draft waits" in page
    assert 'name="seen"' not in page


def test_a_draft_is_published_after_its_difference_was_seen(shop: ConsoleWorld) -> None:
    """The words that change are marked in both languages; the release says who published it, and the draft is gone."""
    _draft(shop, _rule(60))
    assert _current(shop).number == 1
    browser = shop.browser("marketer")
    page = browser.get("/console/publish")
    assert re.search(r"<del>.*?30</del>", page.text)
    assert re.search(r"<ins>.*?60</ins>", page.text)
    assert "son" in browser.get("/console/publish", accept_language="tr").text
    answer = _publish(browser, page)
    assert (answer.status, answer.headers["location"]) == (303, "/console/releases/2?new=1")
    now = _current(shop)
    found = now.segment("new")
    assert found is not None
    assert found.model_dump(mode="json", exclude_unset=True, by_alias=True)["who"] == _rule(60)["who"]
    assert now.origin == Origin.console(shop.clock.now(), "deniz@shop.example")
    assert now.from_console == {"segment/new": 2}
    assert Drafts(shop.catalog).all() == ()
    assert "Release 2 holds now" in browser.get(answer.headers["location"]).text
    month = f"{shop.clock.now():%Y-%m}"
    listed = [read_change(one) for one in Changes(shop.catalog).page(month, 9).items]
    assert [(one.what, one.outcome) for one in listed] == [("release.published", "done")]


def test_only_what_was_seen_is_published(shop: ConsoleWorld) -> None:
    """A draft that changed, one that came, or a release meanwhile: the person looks again."""
    _draft(shop, _rule(60))
    browser = shop.browser("marketer")
    page = browser.get("/console/publish")
    _draft(shop, _rule(90), version=1)
    assert _publish(browser, page).status == 409
    page = browser.get("/console/publish")
    _draft(shop, _rule(5, "fresh"))
    assert _publish(browser, page).status == 409
    page = browser.get("/console/publish")
    Releases(shop.catalog).publish(_current(shop))
    assert _publish(browser, page).status == 409
    assert Drafts(shop.catalog).get("segment/new") is not None
    assert _publish(browser, browser.get("/console/publish")).status == 303


def test_one_of_several_drafts_is_published_alone(shop: ConsoleWorld) -> None:
    """The others wait on."""
    _draft(shop, _rule(60))
    _draft(shop, _rule(5, "fresh"))
    browser = shop.browser("marketer")
    page = browser.get("/console/publish?only=segment%2Ffresh")
    assert "segments/new/edit" not in page.text
    assert _publish(browser, page).status == 409
    assert _publish(browser, page, only="segment/fresh").status == 303
    assert _current(shop).segment("fresh") is not None
    assert [one.key for one in Drafts(shop.catalog).all()] == ["segment/new"]
    assert browser.get("/console/publish?only=segment%2Fnothing").status == 404


def test_what_does_not_fit_together_is_not_published(shop: ConsoleWorld) -> None:
    """The mistake is named with its remedy, there is no button, and a form that is sent anyway changes nothing."""
    _draft(shop, {"segment": "fresh", "who": {"in_segment": "nothing"}})
    browser = shop.browser("marketer")
    page = browser.get("/console/publish")
    assert "Cannot be published yet" in page.text
    assert "nothing" in page.text
    assert 'name="seen"' not in page.text
    _draft(shop, _rule(5, "other"))
    good = browser.get("/console/publish?only=segment%2Fother")
    assert _publish(browser, good, only="").status == 409
    assert _publish_anyway(shop, browser).status == 409
    assert _current(shop).number == 1


def test_a_draft_does_not_take_back_what_was_published_since(shop: ConsoleWorld) -> None:
    """Files changed the same segment: the draft is outdated until somebody says that it is to replace it."""
    _draft(shop, _rule(60))
    current = _current(shop)
    others = tuple(
        one.model_copy(update={"label": {"en": "Newer"}}) if one.segment == "new" else one for one in current.segments
    )
    Releases(shop.catalog).publish(Release(0, current.shop, others, current.journeys), Origin.files(shop.clock.now()))
    browser = shop.browser("marketer")
    page = browser.get("/console/publish")
    assert "What this draft was made from has changed since" in page.text
    assert 'name="seen"' not in page.text
    assert _publish_anyway(shop, browser).status == 409
    _draft(shop, _rule(61), version=1)  # going on with the draft is no word about what came between
    assert "What this draft was made from has changed since" in browser.get("/console/publish").text
    assert browser.submit("/console/publish", "/console/drafts/segment/new/keep").status == 303
    assert _publish(browser, browser.get("/console/publish")).status == 303
    found = _current(shop).segment("new")
    assert found is not None
    assert found.label == {}


def test_a_draft_is_thrown_away(shop: ConsoleWorld) -> None:
    """What is published stays; a draft that is not there cannot be thrown away, nor one of another kind."""
    _draft(shop, _rule(60))
    browser = shop.browser("marketer")
    assert browser.submit("/console/publish", "/console/drafts/segment/new/discard").status == 303
    assert Drafts(shop.catalog).all() == ()
    for path in ("segment/new", "coupon/new", "segment/nothing"):
        assert browser.submit("/console/publish", f"/console/drafts/{path}/discard").status == 404
    assert _current(shop).number == 1


def test_a_draft_that_equals_what_is_published_is_none(shop: ConsoleWorld) -> None:
    """Whoever changes it back has nothing to publish."""
    published = _current(shop).segment("new")
    assert published is not None
    _draft(shop, _rule(60))
    _draft(shop, published.model_dump(mode="json", by_alias=True, exclude_unset=True), version=1)
    assert Drafts(shop.catalog).all() == ()


def test_two_people_do_not_overwrite_each_others_drafts(shop: ConsoleWorld) -> None:
    """The second sees that something changed; what is no definition is kept nowhere."""
    _draft(shop, _rule(60))
    with pytest.raises(Problem, match="changed since"):
        _draft(shop, _rule(90))
    published = _current(shop).segment("new")
    assert published is not None
    with pytest.raises(Problem, match="changed since"):  # nor do they throw them away by going back
        _draft(shop, published.model_dump(mode="json", by_alias=True, exclude_unset=True))
    assert Drafts(shop.catalog).get("segment/new") is not None
    with pytest.raises(InvalidDraft) as refused:
        _draft(shop, {"segment": "new", "who": {"order": 1}}, version=1)
    assert refused.value.mistakes[0].path == "who"


def test_an_earlier_release_comes_back(shop: ConsoleWorld) -> None:
    """As a new release, after its difference to what is published; marked as the console's."""
    _draft(shop, _rule(60))
    browser = shop.browser("marketer")
    _publish(browser, browser.get("/console/publish"))
    listed = browser.get("/console/releases").text
    assert listed.index("Release 2") < listed.index("Release 1")
    assert "from the console, deniz@shop.example" in listed
    page = browser.get("/console/releases/1")
    assert re.search(r"<ins>.*?30</ins>", page.text)
    form = {"seen": _seen(page), "form_token": page.form_token}
    assert browser.post("/console/releases/1", {**form, "seen": "1.1"}).status == 409
    assert browser.post("/console/releases/1", form).headers["location"] == "/console/releases/3?new=1"
    before = Releases(shop.catalog).get(1)
    assert before is not None
    assert _current(shop).segment("new") == before.segment("new")
    assert _current(shop).from_console == {"segment/new": 3}
    assert browser.post("/console/releases/1", form).status == 409
    for number in ("99", "0", "-1", "x", "1" * 30, "%C2%B2"):
        assert browser.get(f"/console/releases/{number}").status == 404


def test_an_agent_looks_and_changes_nothing(shop: ConsoleWorld) -> None:
    """Nor does somebody without a session; a form without its token is refused from everybody."""
    _draft(shop, _rule(60))
    agent = shop.browser("agent")
    assert agent.get("/console/releases").status == 200
    assert "/publish" not in agent.get("/console").text
    token = agent.get("/console").form_token
    marketer = shop.browser("marketer")
    seen = _seen(marketer.get("/console/publish"))
    posts = ("publish", "drafts/segment/new/discard", "drafts/segment/new/keep", "releases/1")
    assert agent.get("/console/publish").status == 403
    for path in posts:
        assert agent.post(f"/console/{path}", {"form_token": token, "seen": seen}).status == 403
        assert marketer.post(f"/console/{path}", {"seen": seen}).status == 403
        assert shop.browser().post(f"/console/{path}", {"seen": seen}).status == 303
    assert _current(shop).number == 1
    assert len(Drafts(shop.catalog).all()) == 1


def test_hostile_labels_are_text(shop: ConsoleWorld) -> None:
    """Whatever is written into a definition stands in the difference as it was written."""
    for number, text in enumerate(HOSTILE):
        _draft(shop, _rule(5 + number, f"h{number}", label={"en": text, "tr": text}))
    page = shop.browser("marketer").get("/console/publish").text
    assert "<script>document" not in page
    assert "<img src=x" not in page
    assert "<svg onload" not in page
    assert html.escape(HOSTILE[1], quote=False).split("&")[0] in page


def _journey(*, existing: bool, segment: str = "new") -> JourneyDefinition:
    start = {"entered": segment, **({"existing": True} if existing else {})}
    return JourneyDefinition.model_validate({"journey": "hello", "start": start, "steps": [{"note": "hello"}]})


def _release(journey: JourneyDefinition | None, days: int = 30) -> Release:
    segments = (SegmentDefinition.model_validate(_rule(days)), SegmentDefinition.model_validate(_rule(9, "other")))
    return Release(1, Shop(name="Kervan"), segments, () if journey is None else (journey,))


@pytest.mark.parametrize(
    ("before", "after", "begins"),
    [
        (_release(None), _release(_journey(existing=True)), True),
        (_release(None), _release(_journey(existing=False)), False),
        (_release(_journey(existing=True)), _release(_journey(existing=True)), False),
        (_release(_journey(existing=False)), _release(_journey(existing=True)), True),
        (_release(_journey(existing=True)), _release(_journey(existing=True), days=60), True),
        (_release(_journey(existing=False)), _release(_journey(existing=False), days=60), False),
        (_release(_journey(existing=True, segment="other")), _release(_journey(existing=True)), True),
    ],
)
def test_journeys_that_begin_for_everybody_are_named(before: Release, after: Release, *, begins: bool) -> None:
    """A new one, or one whose segment holds others from now on."""
    assert [one.journey for one in begins_for_members(before, after)] == (["hello"] if begins else [])


def test_the_page_says_that_a_journey_begins_for_everybody(shop: ConsoleWorld) -> None:
    """Before it is published, whichever draft causes it."""
    content = _journey(existing=True).model_dump(mode="json", by_alias=True, exclude_unset=True)
    save_draft(shop.catalog, "journey", content, shop.clock.now(), "deniz@shop.example", version=0)
    page = shop.browser("marketer").get("/console/publish").text
    assert "begins for everybody who is in its segment" in page
