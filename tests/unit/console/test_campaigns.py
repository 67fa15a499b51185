"""A campaign is written, tried, asked about once more, scheduled, watched and cancelled."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.domain.campaigns.campaign import Campaign, Stopped
from shared.domain.campaigns.timer_names import ONE
from shared.domain.definitions.release import Release
from shared.domain.messages.reputation import Feedback, Suspension
from shared.domain.segments.definition import SegmentDefinition
from shared.stores.campaigns import Campaigns
from shared.stores.console_changes import Changes, read_change
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from shared.stores.reputation import Suspensions
from tests.support.world import SEGMENTS
from tests.unit.admin.test_questions import fold, told
from tests.unit.campaigns.world import TEMPLATE
from tests.unit.console.console_world import Answer, Browser, ConsoleWorld
from tests.unit.console.shop_world import HOSTILE
from tests.unit.notify.world import SHOP

pytestmark = pytest.mark.unit
NEW = "/console/new-campaign"
FIELDS = {
    "label.tr": "Bahar indirimi", "label.en": "Spring sale", "segment": "new", "send": "spring",
    "channel.1": "email", "channel.2": "sms", "channel.3": "", "when": "now", "at": "", "fresh.n": "6", "fresh.u": "h",
    "throttle": "2000", "test": "user:42",
}  # fmt: skip


@pytest.fixture
def shop() -> ConsoleWorld:
    """One member with an address and consent."""
    world = ConsoleWorld()
    Releases(world.catalog).publish(Release(0, SHOP, segments=SEGMENTS, templates=(TEMPLATE,)))
    told(world, type="identify", traits={"email": "ayse@example.com"})
    told(world, event="Order Completed", properties={"order_id": "S-1", "total": 100, "currency": "TRY"})
    told(world, event="Consent Granted", properties={"channel": "email", "address": "ayse@example.com"})
    fold(world)
    return world


def _sent(browser: Browser, form: dict[str, str], do: str) -> Answer:
    return browser.submit(NEW, NEW, {**form, "do": do})


def _hidden(page: Answer) -> dict[str, str]:
    """What the question sends."""
    form = page.text.rpartition("<form")[2]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in fields}


def _scheduled(shop: ConsoleWorld) -> Campaign:
    (found,) = Campaigns(shop.catalog).all()
    return found


def _armed(shop: ConsoleWorld) -> list[str]:
    """Timers of single recipients, by what they are of."""
    return [item["sk"].partition(ONE)[2].partition("#")[0] for item in shop.timers.items() if ONE in item["sk"]]


def _noted(shop: ConsoleWorld) -> list[str]:
    page = Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 20)
    return sorted(read_change(one).what for one in page.items)


def test_a_campaign_is_scheduled_after_a_question(shop: ConsoleWorld) -> None:
    """The question says what goes to how many; the answer schedules exactly that, once, however often it is sent."""
    browser = shop.browser("marketer")
    page = _sent(browser, FIELDS, "review")
    assert "Spring sale: now everybody in new gets spring once (e-mail, else SMS)" in html.unescape(page.text)
    assert "In the segment now: 1." in page.text
    assert Campaigns(shop.catalog).all() == []
    for _ in range(2):
        answer = browser.post(NEW, {**_hidden(page), "do": "schedule"})
        assert (answer.status, answer.headers["location"]) == (303, "/console/campaigns/bahar-indirimi?new=1")
        shop.clock.advance(timedelta(seconds=1))
    found = _scheduled(shop)
    assert found.definition.model_dump(mode="json", exclude_unset=True, by_alias=True) == {
        "campaign": "bahar-indirimi", "segment": "new", "send": "spring", "purpose": "marketing",
        "channels": ["email", "sms"], "at": "now", "fresh_for": "6h", "throttle": {"per_minute": 2000},
        "label": {"tr": "Bahar indirimi", "en": "Spring sale"},
    }  # fmt: skip
    assert found.estimate == 1
    page = browser.get(answer.headers["location"])
    assert "It begins by itself" in page.text
    assert "Now everybody in new gets spring once (e-mail, else SMS)" in page.text
    assert 'hx-trigger="every 10s"' in page.text
    assert "bahar-indirimi" in browser.get("/console/campaigns").text
    assert _noted(shop) == ["campaign.scheduled", "campaign.scheduled"]


def test_the_form_keeps_what_was_written(shop: ConsoleWorld) -> None:
    """From the question back to the form, and after a mistake."""
    browser = shop.browser("marketer")
    question = _sent(browser, {**FIELDS, "when": "at", "at": "2030-05-01T10:00", "local": "local"}, "review")
    page = browser.post(NEW, {**_hidden(question), "do": "back"}).text
    for said in ('value="Bahar indirimi"', 'value="2030-05-01T10:00"', 'value="2000"', 'value="user:42"'):
        assert said in page
    assert 'value="local" checked' in page
    assert _sent(browser, {**FIELDS, "local": "local"}, "review").status == 200  # now is now on every clock
    browser.post(NEW, {**_hidden(question), "do": "schedule"})
    definition = _scheduled(shop).definition
    assert (definition.local_time, str(definition.at)) == (True, "2030-05-01 10:00:00")
    wrong = _sent(browser, {**FIELDS, "when": "at", "at": "2001-05-01T10:00"}, "review")
    assert wrong.status == 422
    assert "this moment is over" in wrong.text
    assert 'value="2001-05-01T10:00"' in wrong.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"segment": "nothing"}, "there is no segment nothing"),
        ({"send": "nothing"}, "there is no template nothing"),
        ({"channel.2": "push"}, "has no push"),
        ({"fresh.n": "x"}, "not a duration"),
        ({"throttle": "many"}, "throttle"),
        ({"when": "at", "at": "soon"}, "not a moment"),
    ],
)
def test_what_cannot_be_sent_is_said(shop: ConsoleWorld, changed: dict[str, str], said: str) -> None:
    """By the form, by the preview, and by an answer to a question that nobody asked; nothing is scheduled."""
    browser = shop.browser("marketer")
    for do in ("review", "schedule", "test"):
        page = _sent(browser, {**FIELDS, **changed}, do)
        assert page.status == 422
        assert said in html.unescape(page.text)
    token = browser.get(NEW).form_token
    part = browser.post("/console/campaign-check", {**FIELDS, **changed, "form_token": token}, hx_request="true")
    assert said in html.unescape(part.text)
    assert Campaigns(shop.catalog).all() == []


def test_a_test_goes_to_who_is_named(shop: ConsoleWorld) -> None:
    """With the next tick, and the campaign stays unscheduled; somebody unknown is told to the person."""
    browser = shop.browser("marketer")
    page = _sent(browser, FIELDS, "test")
    assert "The test is on its way" in page.text
    assert _armed(shop) == ["bahar-indirimi"]
    assert Campaigns(shop.catalog).all() == []
    page = _sent(browser, {**FIELDS, "test": "nobody"}, "test")
    assert page.status == 422
    assert _sent(browser, {**FIELDS, "test": ""}, "test").status == 422
    assert _noted(shop) == ["campaign.tested"] * 3


def test_the_preview_says_whom_it_reaches(shop: ConsoleWorld) -> None:
    """Before anything is chosen it says what to do."""
    browser = shop.browser("marketer")
    assert "Choose a segment and a template" in browser.submit(NEW, "/console/campaign-check", {}).text
    page = browser.submit(NEW, "/console/campaign-check", FIELDS).text
    assert "Of 1 looked at it reaches 1" in page


def test_a_campaign_is_cancelled_after_a_question(shop: ConsoleWorld) -> None:
    """Nothing more goes out; a name that was used is not used again."""
    browser = shop.browser("marketer")
    browser.post(NEW, {**_hidden(_sent(browser, FIELDS, "review")), "do": "schedule"})
    path = "/console/campaigns/bahar-indirimi"
    assert "Who has not got it, gets none" in browser.get(f"{path}/cancel").text
    assert browser.submit(f"{path}/cancel", f"{path}/cancel").status == 303
    assert _scheduled(shop).cancelled_at is not None
    assert JourneyControls(shop.catalog).read() == {"@bahar-indirimi": "stopped"}
    page = browser.get(path).text
    assert "cancelled" in page
    assert "/cancel" not in page
    again = _hidden(_sent(browser, FIELDS, "review"))
    assert again["campaign"] == "bahar-indirimi-2"
    assert browser.post(NEW, {**again, "campaign": "bahar-indirimi", "throttle": "5", "do": "schedule"}).status == 409
    for nothing in ("nothing", "NOTHING", "a b"):
        assert browser.get(f"/console/campaigns/{nothing.replace(' ', '%20')}").status == 404


def test_the_page_shows_what_became_of_it(shop: ConsoleWorld) -> None:
    """Outcomes as sentences, in both languages; and that a channel stopped by itself."""
    browser = shop.browser("marketer")
    browser.post(NEW, {**_hidden(_sent(browser, FIELDS, "review")), "do": "schedule"})
    Campaigns(shop.catalog).count("bahar-indirimi", "email", {"sent": 7, "no_consent": 2})
    path = "/console/campaigns/bahar-indirimi"
    assert "There is no consent for this address" in browser.get(path).text
    assert "onay yok" in browser.get(f"{path}/progress", accept_language="tr", hx_request="true").text
    Suspensions(shop.catalog, "email").suspend(Suspension(shop.clock.now(), "bounces", Feedback(100, 9, 0)))
    assert "Marketing of this channel stopped by itself: E-mail" in browser.get(path).text


def test_warnings_come_in_the_language_of_the_page(shop: ConsoleWorld) -> None:
    """While it is written, in the question before it, and later; the page says which language each is in."""
    shop.clock.advance(timedelta(hours=2))
    browser = shop.browser("marketer")
    late = {**FIELDS, "when": "at", "at": "2026-11-24T10:30", "segment": "new"}
    question = _sent(browser, late, "review")
    browser.post(NEW, {**_hidden(question), "do": "schedule"})
    Releases(shop.catalog).publish(Release(0, SHOP, templates=(TEMPLATE,)))
    for path in ("/console/campaigns/bahar-indirimi", "/console/campaigns/bahar-indirimi/progress"):
        page = browser.get(path, accept_language="tr").text
        assert '<p lang="tr">new segmenti artık yayında değil, bu yüzden üyesi yok' in page
        assert "no longer published" not in page
        assert '<p lang="en">the segment new is no longer published' in browser.get(path, accept_language="en").text


def test_hostile_values_are_text(shop: ConsoleWorld) -> None:
    """In every field, in what is said of them, and in the question."""
    browser = shop.browser("marketer")
    for text in HOSTILE:
        every = dict.fromkeys(FIELDS, text)
        labelled = {**FIELDS, "label.tr": text, "label.en": text}
        for form, do in ((every, "review"), (every, "test"), (labelled, "review")):
            page = _sent(browser, form, do)
            assert page.status in (200, 422)
            assert "<script>document" not in page.text
            assert "<img src=x" not in page.text
            assert "<svg onload" not in page.text


def test_an_agent_watches_and_changes_nothing(shop: ConsoleWorld) -> None:
    """The list opens; no form, no button."""
    marketer, agent = shop.browser("marketer"), shop.browser("agent")
    marketer.post(NEW, {**_hidden(_sent(marketer, FIELDS, "review")), "do": "schedule"})
    assert "/cancel" not in agent.get("/console/campaigns/bahar-indirimi").text
    assert "/new-campaign" not in agent.get("/console/campaigns").text
    token = agent.get("/console").form_token
    for path in (NEW, "/console/campaign-check", "/console/campaigns/bahar-indirimi/cancel"):
        assert agent.post(path, {**FIELDS, "do": "schedule", "form_token": token}).status == 403
    assert _scheduled(shop).cancelled_at is None


def test_several_segments_minus_others_and_a_coupon(shop: ConsoleWorld) -> None:
    """Ticks beside the first segment; the question carries everything along, and the campaign holds it."""
    more = [
        SegmentDefinition.model_validate({"segment": name, "who": SEGMENTS[1].who}) for name in ("regular", "lapsed")
    ]
    Releases(shop.catalog).publish(Release(0, SHOP, segments=(*SEGMENTS, *more), templates=(TEMPLATE,)))
    browser = shop.browser("marketer")
    form = {
        **FIELDS, "also.regular": "on", "not.lapsed": "on", "give": "SPRING10", "percent": "10", "valid.n": "72",
        "valid.u": "h", "once.n": "30", "once.u": "d", "stop.bounces": "2,5", "stop.complaints": "0.2",
    }  # fmt: skip
    preview = browser.submit(NEW, "/console/campaign-check", form)
    assert "new or regular but nobody in lapsed" in preview.text
    asked = _sent(browser, form, "review")
    assert browser.submit(NEW, NEW, {**_hidden(asked), "do": "back"}).text.count(" checked") >= 3
    assert browser.submit(NEW, NEW, {**_hidden(asked), "do": "schedule"}).status == 303
    definition = _scheduled(shop).definition
    assert (definition.segments, definition.excluded) == (("new", "regular"), ("lapsed",))
    assert definition.give is not None
    assert (definition.give.coupon, definition.give.percent) == ("SPRING10", 10)
    assert (definition.give.valid, definition.give.once_per) == (timedelta(hours=72), timedelta(days=30))
    assert (str(definition.stop_at.bounces), str(definition.stop_at.complaints)) == ("2.5", "0.2")
    listed = browser.get("/console/campaigns").text
    assert "new, regular" in listed
    assert "without lapsed" in listed


def test_one_that_stopped_by_itself_says_why_there_and_on_today(shop: ConsoleWorld) -> None:
    browser = shop.browser("marketer")
    asked = _sent(browser, FIELDS, "review")
    browser.submit(NEW, NEW, {**_hidden(asked), "do": "schedule"})
    campaign = _scheduled(shop)
    stopped = Stopped("bounces", Decimal(4), Feedback(250, 10, 0))
    assert Campaigns(shop.catalog).stop(campaign, stopped, shop.clock.now())
    for path in (f"/console/campaigns/{campaign.name}", "/console/today/health"):
        assert "Of 250 messages 10 bounced for good; the limit is 4%" in browser.get(path).text
