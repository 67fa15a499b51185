"""Templates as people get them, for a customer or a made-up one; frames let nothing run; tests go to who is named."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest

from functions.console import template_pages
from functions.console.rights import RIGHTS, Right
from functions.console.template_pages import FRAME_POLICY
from shared.domain.campaigns.timer_names import ONE
from shared.domain.definitions.release import Release
from shared.domain.templates.definition import Template
from shared.domain.templates.rules import Problem, problems
from shared.stores.console_changes import Changes, read_change
from shared.stores.releases import Releases
from tests.unit.admin.test_questions import fold, told
from tests.unit.campaigns.world import TEMPLATE
from tests.unit.console.console_world import ConsoleWorld
from tests.unit.console.shop_world import HOSTILE
from tests.unit.notify.world import SHOP, TEMPLATES

pytestmark = pytest.mark.unit
SHOP_WITH_TESTS = SHOP.model_copy(update={"test_recipients": {"ayse": "user:42"}})
OFFER = "/console/templates/cart-offer"


@pytest.fixture
def shop() -> ConsoleWorld:
    world = ConsoleWorld()
    release = Release(0, SHOP_WITH_TESTS, templates=(TEMPLATE, *TEMPLATES.values()))
    Releases(world.catalog).publish(release)
    told(world, type="identify", traits={"email": "ayse@example.com", "firstName": "Ayşe", "lastName": "Yılmaz"})
    fold(world)
    return world


def test_templates_are_listed_with_their_channels(shop: ConsoleWorld) -> None:
    """And with the journeys that send them."""
    page = shop.browser("agent").get("/console/templates").text
    assert 'href="/console/templates/cart-offer"' in page
    assert "No journey sends it" in page
    assert "kervan definitions apply" in ConsoleWorld().browser("marketer").get("/console/templates").text


def test_a_template_is_shown_on_every_channel(shop: ConsoleWorld) -> None:
    """For a made-up customer, in a language that is chosen; what the checks say stands beside it."""
    browser = shop.browser("agent")
    page = browser.get(f"{OFFER}?sample=two&language=tr").text
    assert "Ayşe, sepetinize özel" in page
    assert page.count("<iframe") == 2
    assert f'src="{OFFER}/email?sample=two&amp;language=tr&amp;look=light"' in page
    assert browser.get(f"{OFFER}?sample=nothing").status == 404
    assert browser.get(f"{OFFER}?language=turkish").status == 400
    assert browser.get("/console/templates/nothing").status == 404


def test_mistakes_come_in_the_language_of_the_page(shop: ConsoleWorld) -> None:
    """What the checks say of a published template, and what to do."""
    releases = Releases(shop.catalog)
    release = releases.current()
    wrong = [one.model_copy(update={"sms": {"tr": "Merhaba, {{ order.number }}"}}) for one in release.templates]
    releases.publish(replace(release, templates=tuple(wrong)))
    browser = shop.browser("agent")
    page = html.unescape(browser.get(OFFER, accept_language="tr").text)
    assert '<li lang="tr"><code>sms.tr.txt</code>: selamla başlıyor; asıl sözü ilk 40 harfte söyleyin' in page
    assert "it begins with a greeting" not in page
    assert "it begins with a greeting; say the point" in browser.get(OFFER, accept_language="en").text


def test_the_checks_of_a_release_are_made_once(shop: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """They never change with it; the next release, and another shop's release of the same number, are checked anew."""
    asked: list[str] = []

    def counted(template: Template, *rest: Any) -> list[Problem]:
        asked.append(template.template)
        return problems(template, *rest)

    monkeypatch.setattr(template_pages, "problems", counted)
    browser = shop.browser("agent")
    first = [browser.get(OFFER).text.partition('id="checks"')[2] for _ in range(3)]
    assert len(asked) == 1
    assert len({one.partition("form_token")[0] for one in first}) == 1
    releases = Releases(shop.catalog)
    releases.publish(releases.current())
    browser.get(OFFER)
    assert len(asked) == 2
    other = ConsoleWorld()
    Releases(other.catalog).publish(Release(0, SHOP_WITH_TESTS, templates=(TEMPLATE, *TEMPLATES.values())))
    other.browser("agent").get(OFFER)
    assert len(asked) == 3
    monkeypatch.setattr(template_pages, "KEPT_CHECKS", 1)
    for name in ("back-in-stock", "cart-offer", "back-in-stock"):
        browser.get(f"/console/templates/{name}")
        assert len(template_pages._CHECKED) <= 1


def test_a_frame_holds_the_message_and_lets_nothing_run(shop: ConsoleWorld) -> None:
    """Its policy is a sandbox; dark mode is chosen by the page, whatever the machine has; it is kept nowhere."""
    browser = shop.browser("agent")
    light, dark = (browser.get(f"{OFFER}/email?sample=two&look={look}") for look in ("light", "dark"))
    assert light.headers["content-security-policy"] == FRAME_POLICY
    assert FRAME_POLICY.endswith("; sandbox")
    assert "script" not in FRAME_POLICY
    assert light.headers["cache-control"] == "private, no-store"
    assert "prefers-color-scheme: dark" not in light.text + dark.text
    assert "https://shop.example/i/" not in light.text
    page = browser.get(OFFER)
    assert page.headers["content-security-policy"].endswith("; frame-src 'self'")
    assert browser.get("/console").headers["content-security-policy"].count("frame-src") == 0


def test_a_template_is_shown_for_a_customer(shop: ConsoleWorld) -> None:
    """Who is found by what was typed; the address holds the key alone."""
    browser = shop.browser("marketer")
    answer = browser.submit(OFFER, f"{OFFER}/for", {"q": "ayse yil"})
    address = answer.headers["location"]
    assert re.fullmatch(rf"{OFFER}\?customer=[a-z]\.[A-Za-z0-9_-]{{22}}", address)
    page = browser.get(address)
    assert page.status == 200
    assert "This customer has no" in page.text
    assert "Nobody was found" in browser.submit(OFFER, f"{OFFER}/for", {"q": "nobody at all"}).text
    assert browser.get(f"{OFFER}?customer=user:42").status == 404
    assert browser.get(f"{OFFER}?customer=u.AAAAAAAAAAAAAAAAAAAAAA").status == 404


def test_messages_of_a_person_need_the_right_to_see_people(shop: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role that sees templates sees them for made-up customers only."""
    address = shop.browser("marketer").submit(OFFER, f"{OFFER}/for", {"q": "ayse yil"}).headers["location"]
    monkeypatch.setitem(RIGHTS, "agent", frozenset({Right.SEE}))  # no role of today sees templates and no people
    designer = shop.browser("agent")
    assert designer.get(OFFER).status == 200
    assert f"{OFFER}/for" not in designer.get(OFFER).text
    for asked in (address, address.replace("?", "/email?")):
        assert designer.get(asked).status == 403


def test_a_test_goes_to_a_recipient_of_the_shop(shop: ConsoleWorld) -> None:
    """To nobody else: what is no name of the shop is refused; it is noted."""
    browser = shop.browser("marketer")
    answer = browser.submit(OFFER, f"{OFFER}/test", {"to": "ayse", "channel": "email"})
    assert answer.headers["location"] == f"{OFFER}?tested=1"
    assert "The test is on its way" in browser.get(answer.headers["location"]).text
    assert [item["sk"].partition(ONE)[2].partition("#")[0] for item in shop.timers.items() if ONE in item["sk"]] == [
        "test-cart-offer"
    ]
    assert browser.submit(OFFER, f"{OFFER}/test", {"to": "user:42"}).status == 404
    assert browser.submit(OFFER, f"{OFFER}/test", {"to": "ayse", "channel": "pigeon"}).status == 400
    listed = [read_change(one) for one in Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 9).items]
    assert sorted((one.what, one.outcome) for one in listed) == [
        ("template.tested", "done"), ("template.tested", "refused"),
    ]  # fmt: skip


def test_an_agent_sends_no_test(shop: ConsoleWorld) -> None:
    """Looking is permitted."""
    agent = shop.browser("agent")
    token = agent.get(OFFER).form_token
    assert agent.post(f"{OFFER}/test", {"to": "ayse", "form_token": token}).status == 403
    assert f"{OFFER}/test" not in agent.get(OFFER).text


def test_hostile_customers_are_text(shop: ConsoleWorld) -> None:
    """A name that somebody gave himself stands in subject, text message and push as it is, and in the frame escaped."""
    for number, text in enumerate(HOSTILE):
        told(shop, userId=f"h{number}", type="identify", traits={"firstName": text, "email": f"h{number}@example.com"})
    fold(shop)
    browser = shop.browser("marketer")
    for number in range(len(HOSTILE)):
        address = browser.submit(OFFER, f"{OFFER}/for", {"q": f"h{number}@example.com"}).headers["location"]
        for page in (browser.get(address), browser.get(address.replace("?", "/email?"))):
            assert "<script>document" not in page.text
            assert "<img src=x" not in page.text
            assert "<svg onload" not in page.text
