"""Conversations in the console: the pool, one conversation, and what agents do with it."""

from __future__ import annotations

import re

import pytest

from functions.console.conversation_pool import ON_A_PAGE
from shared.domain.conversations.conversation import State, digest
from shared.domain.conversations.files import place_of
from shared.domain.conversations.message import Attachment
from shared.stores.console_changes import Changes, read_change
from tests.unit.admin.test_questions import fold, told
from tests.unit.console.console_world import Answer, Browser
from tests.unit.console.service_world import AYSE, INSTAGRAM, ServiceWorld
from tests.unit.console.shop_world import HOSTILE

pytestmark = pytest.mark.unit
POOL = "/console/conversations"
OTHER = "zeynep"
MESSAGE = digest("received", "email", "m-6")


@pytest.fixture
def shop() -> ServiceWorld:
    return ServiceWorld()


def _page(shop: ServiceWorld, id_: str = "") -> str:
    return f"{POOL}/{id_ or shop.ayse_talk}"


def _send(shop: ServiceWorld, browser: Browser, text: str, **form: str) -> Answer:
    """The answer as the page's form sends it, with what was seen when the page was opened."""
    page = browser.get(_page(shop)).text
    hidden = dict(re.findall(r'name="(key|seen|form_token)" value="([^"]+)"', page))
    return browser.post(f"{_page(shop)}/answer", {**hidden, "channel": "email", "as": "answer", "text": text, **form})


def _do(shop: ServiceWorld, what: str, form: dict[str, str], id_: str = "") -> Answer:
    id_ = id_ or shop.ayse_talk
    return shop.browser("agent").submit(
        _page(shop, id_), f"{_page(shop, id_)}/{what}", {"seen": shop.seen(id_), **form}
    )


def _rows(page: str) -> list[str]:
    return re.findall(r'id="row-([a-z2-7]{13})"', page)


def test_who_has_waited_longest_stands_first(shop: ServiceWorld) -> None:
    """With a name, the last words and how long; the names of people who are known, else how they wrote."""
    page = shop.browser("agent").get(POOL).text
    assert _rows(page) == [shop.ayse_talk, shop.mehmet_talk, shop.hostile_talk]
    assert page.index("Ayşe Yılmaz") < page.index("+905321112233")
    assert "too small" in page
    assert "45 min" in page


def test_each_view_shows_its_own(shop: ServiceWorld) -> None:
    """Mine are those that were taken; nobody else sees them as theirs."""
    _do(shop, "assignment", {"agent": "deniz@shop.example"})
    browser = shop.browser("agent")
    assert _rows(browser.get(f"{POOL}?view=mine").text) == [shop.ayse_talk]
    assert shop.ayse_talk not in _rows(browser.get(f"{POOL}?view=unassigned").text)
    _do(shop, "assignment", {"agent": OTHER})
    assert "No conversation is yours" in browser.get(f"{POOL}?view=mine").text
    shop.close(shop.mehmet_talk)
    assert _rows(browser.get(f"{POOL}?view=closed").text) == [shop.mehmet_talk]
    assert browser.get(f"{POOL}?view=x").status == 400


def test_a_long_pool_is_paged(shop: ServiceWorld) -> None:
    """Everybody is on one page exactly once."""
    ids = {shop.wrote(f"email:c{number}@example.com", "Hello", f"n-{number}") for number in range(ON_A_PAGE)}
    browser = shop.browser("agent")
    first = browser.get(POOL).text
    following = re.search(r'href="(/console/conversations\?view=open&amp;cursor=[^"]+)"', first)
    assert following is not None
    both = _rows(first) + _rows(browser.get(following[1].replace("&amp;", "&")).text)
    assert sorted(both) == sorted({*ids, shop.ayse_talk, shop.mehmet_talk, shop.hostile_talk})
    assert browser.get(f"{POOL}?cursor=broken").status == 400


def test_two_channels_are_one_conversation_beside_their_customer(shop: ServiceWorld) -> None:
    """The Instagram message, the e-mail, the purchase in the store, what marketing sent and what is owed."""
    shop.make_return(shop.ayse_talk)
    assert shop.wrote(INSTAGRAM, "Or can you send the larger one?", "m-9", "instagram") != shop.ayse_talk
    browser = shop.browser("agent")
    page = browser.get(_page(shop)).text
    assert page.index("too small") < page.index("the larger one?")
    assert "Instagram" in page
    beside = browser.get(f"{_page(shop)}/customer", hx_request="true").text
    for said in ("Ayşe Yılmaz", "S-1", "store", "100.50 TRY", "not sent", "external:instagram/777"):
        assert said in beside
    assert "<html" not in beside
    unknown = browser.get(f"{_page(shop, shop.mehmet_talk)}/customer").text
    assert "+905321112233" in unknown
    assert browser.get(f"{POOL}/{'a' * 13}").status == 404
    assert browser.get(f"{POOL}/x").status == 404


def test_an_answer_goes_out_once(shop: ServiceWorld) -> None:
    """By the channel that was chosen, under the agent's name; the form sent twice is one answer."""
    browser = shop.browser("agent")
    page = browser.get(_page(shop)).text
    form = dict(re.findall(r'name="(key|seen|form_token)" value="([^"]+)"', page))
    form |= {"channel": "email", "as": "answer", "text": "Of course.\r\nBring S-1."}
    assert browser.post(f"{_page(shop)}/answer", form).status == 303
    assert browser.post(f"{_page(shop)}/answer", form).status == 303
    (handed,) = shop.handed
    assert (handed.to, handed.author) == (AYSE, "deniz@shop.example")
    assert handed.text == "Of course.\nBring S-1."
    assert shop.talk(shop.ayse_talk).state is State.WAITING
    assert "on its way" in browser.get(_page(shop)).text


def test_a_file_goes_with_an_answer(shop: ServiceWorld) -> None:
    """Chosen in the form; refused with a sentence where the channel does not take it, and nothing is kept then."""
    browser = shop.browser("agent")
    page = browser.get(_page(shop)).text
    assert 'enctype="multipart/form-data"' in page
    form = dict(re.findall(r'name="(key|seen|form_token)" value="([^"]+)"', page))
    form |= {"as": "answer", "text": "The label.", "channel": "email"}
    files = [("label.pdf", b"%PDF-1.7 \r\n\x00")]
    refused = browser.post_files(f"{_page(shop)}/answer", form, [("x.svg", b"<svg>")])
    assert (refused.status, shop.handed, shop.bucket.kept) == (409, [], {})
    assert "does not take this kind of file" in refused.text
    assert browser.post_files(f"{_page(shop)}/answer", form, files).status == 303
    (handed,) = shop.handed
    assert [(file.name, file.type) for file in handed.attachments] == [("label.pdf", "application/pdf")]
    assert list(shop.bucket.kept.values()) == [files[0][1]]
    assert f"{handed.id}/1" in browser.get(_page(shop)).text


def test_an_answer_over_something_newer_is_refused_and_shows_it(shop: ServiceWorld) -> None:
    """What was written stays in the form; sent again, with what is seen now, it goes out."""
    browser = shop.browser("agent")
    page = browser.get(_page(shop)).text
    form = dict(re.findall(r'name="(key|seen|form_token)" value="([^"]+)"', page))
    shop.wrote(AYSE, "Never mind, I keep it.", "m-4")
    refused = browser.post(f"{_page(shop)}/answer", {**form, "channel": "email", "as": "answer", "text": "Bring it."})
    assert refused.status == 409
    assert shop.handed == []
    assert refused.text.index('id="talk-new"') < refused.text.index('class="said">Never mind, I keep it.')
    assert ">Bring it.</textarea>" in refused.text
    again = dict(re.findall(r'name="(key|seen|form_token)" value="([^"]+)"', refused.text))
    assert (
        browser.post(f"{_page(shop)}/answer", {**again, "channel": "email", "as": "answer", "text": "Good."}).status
        == 303
    )
    assert [one.text for one in shop.handed] == ["Good."]


def test_a_note_is_kept_and_goes_nowhere(shop: ServiceWorld) -> None:
    """Also over something newer: it tells nobody outside anything."""
    assert _send(shop, shop.browser("agent"), "Call her on Monday.", **{"as": "note"}).status == 303
    assert shop.handed == []
    assert shop.talk(shop.ayse_talk).state is State.OPEN
    page = shop.browser("agent").get(_page(shop)).text
    assert '<li class="said-note">' in page
    assert "Call her on Monday." in page


def test_what_cannot_be_sent_says_why(shop: ServiceWorld) -> None:
    """And what was written is not lost."""
    browser = shop.browser("agent")
    assert "Write something first" in _send(shop, browser, "  \r\n ").text
    assert _send(shop, browser, "a" * 20_001).status == 400
    for channel, why in (("whatsapp", "does not send by that channel"), ("sms", "no address for this channel")):
        refused = _send(shop, browser, "Hello", channel=channel)
        assert refused.status == 409
        assert why in refused.text
        assert ">Hello</textarea>" in refused.text
    assert _send(shop, browser, "Hello", channel="pigeon").status == 400
    assert _send(shop, browser, "Hello", key="x").status == 400
    assert shop.handed == []


def test_the_app_is_a_channel_of_who_has_it(shop: ServiceWorld) -> None:
    """The screen says that others may read it; a text that would be cut is refused, and stays in the form."""
    assert "App notification" not in shop.browser("agent").get(_page(shop)).text
    told(shop, userId="42", event="Logged In", context={"device": {"type": "android", "token": "phone-1"}})
    fold(shop)
    page = shop.browser("agent").get(_page(shop)).text
    assert "App notification · shown on the lock screen" in page
    refused = _send(shop, shop.browser("agent"), "ş" * 334, channel="push")
    assert (refused.status, "takes no text of this length" in refused.text) == (409, True)
    assert "ş" * 334 + "</textarea>" in refused.text
    assert _send(shop, shop.browser("agent"), "It is here.", channel="push").status == 303
    assert [(one.channel, one.to) for one in shop.handed] == [("push", "user:42")]


def test_closing_goes_on_with_the_next(shop: ServiceWorld) -> None:
    """The page says so and leads back; opened again, it waits again. The list of changes names numbers only."""
    answer = _do(shop, "state", {"state": "closed"})
    assert answer.headers["location"] == f"{_page(shop, shop.mehmet_talk)}?view=open&done={shop.ayse_talk}"
    page = shop.browser("agent").get(answer.headers["location"]).text
    assert "The conversation is closed." in page
    assert f'href="{_page(shop)}?view=open"' in page
    assert shop.talk(shop.ayse_talk).state is State.CLOSED
    assert _do(shop, "state", {"state": "open"}).status == 303
    assert shop.talk(shop.ayse_talk).state is State.OPEN
    listed = [read_change(one) for one in Changes(shop.catalog).page(f"{shop.clock.now():%Y-%m}", 50).items]
    assert {(one.what, one.outcome) for one in listed} == {
        ("conversation.closed", "done"),
        ("conversation.reopened", "done"),
    }
    assert all(one.about == {"conversation": shop.ayse_talk} for one in listed)


@pytest.mark.parametrize("form", [{"state": "closed"}, {"state": "snoozed", "for": "1h"}])
def test_nothing_is_put_away_over_what_nobody_read(shop: ServiceWorld, form: dict[str, str]) -> None:
    """A message that came since the page was shown would wait for ever."""
    seen = shop.seen(shop.ayse_talk)
    shop.wrote(AYSE, "One more thing.", "m-5")
    refused = _do(shop, "state", {**form, "seen": seen})
    assert refused.status == 409
    assert "One more thing." in refused.text
    assert shop.talk(shop.ayse_talk).state is State.OPEN
    assert _do(shop, "state", {**form, "seen": "x"}).status == 400
    assert _do(shop, "state", form).status == 303


def test_it_is_put_away_for_a_while(shop: ServiceWorld) -> None:
    """One of the spans of the page; woken by the agent, or by the timer that was armed."""
    assert _do(shop, "state", {"state": "snoozed", "for": "3h"}).status == 303
    assert shop.talk(shop.ayse_talk).state is State.SNOOZED
    assert _rows(shop.browser("agent").get(f"{POOL}?view=snoozed").text) == [shop.ayse_talk]
    assert _do(shop, "state", {"state": "snoozed", "for": "9999d"}).status == 400
    assert _do(shop, "state", {"state": "gone"}).status == 400
    assert _do(shop, "state", {"state": "spam"}).status == 303
    assert shop.talk(shop.ayse_talk).spam
    refused = _do(shop, "state", {"state": "snoozed", "for": "3h"})
    assert (refused.status, "Open it again first" in refused.text) == (409, True)


def test_what_it_is_about(shop: ServiceWorld) -> None:
    """Kind, priority, order and tags; a form that says less changes less."""
    form = {"kind": "return", "priority": "urgent", "order_id": " S-1 ", "tags": "size, jacket ,, size"}
    assert _do(shop, "details", form).status == 303
    talk = shop.talk(shop.ayse_talk)
    assert (talk.kind, talk.priority, talk.order_id, talk.tags) == ("return", "urgent", "S-1", ("jacket", "size"))
    assert _do(shop, "details", {"kind": "refund"}).status == 303
    talk = shop.talk(shop.ayse_talk)
    assert (talk.kind, talk.priority, talk.order_id, talk.tags) == ("refund", "urgent", "S-1", ("jacket", "size"))
    assert _do(shop, "details", {"tags": ",".join(f"t{number}" for number in range(21))}).status == 409
    assert _do(shop, "details", {"order_id": "x" * 101}).status == 400
    assert _do(shop, "assignment", {"agent": "x" * 65}).status == 400


def test_a_file_is_fetched_from_the_bucket(shop: ServiceWorld) -> None:
    """By a link of five minutes; a file of another conversation, or one that was not kept, is none."""
    kept = Attachment("jacket.png", "image/png", 120_000, place=place_of(MESSAGE, 1))
    refused = Attachment("run.exe", "application/x-msdownload", 9, refused="type")
    shop.wrote(AYSE, "See the picture.", "m-6", attachments=(kept, refused))
    browser = shop.browser("privacy")
    page = browser.get(_page(shop)).text
    (address,) = re.findall(r'href="(/console/conversations/[^"]+/files/[^"]+)"', page)
    assert "120 KB" in page
    assert "not taken" in page
    answer = browser.get(address)
    assert answer.status == 303
    assert answer.headers["location"].startswith(f"https://bucket.example/{kept.place}?name=jacket.png")
    assert answer.headers["location"].endswith("&seconds=300")
    assert browser.get(f"{address[:-1]}2").status == 404
    assert browser.get(address.replace(shop.ayse_talk, shop.mehmet_talk)).status == 404
    assert browser.get(f"{_page(shop)}/files/x/1").status == 404


def test_only_agents_answer(shop: ServiceWorld) -> None:
    """Who may see conversations sees no form; a marketer does not see what people write."""
    assert "</textarea>" not in shop.browser("privacy").get(_page(shop)).text
    for path in ("", f"/{shop.ayse_talk}", f"/{shop.ayse_talk}/customer", "/live"):
        assert shop.browser("marketer").get(POOL + path).status == 403
    assert 'href="/console/conversations"' not in shop.browser("marketer").get("/console").text


@pytest.mark.parametrize("language", ["tr", "en"])
def test_what_people_write_is_text(shop: ServiceWorld, language: str) -> None:
    """In the pool, in the conversation, in the name of a file, and in the news."""
    browser = shop.browser("admin")
    base = _page(shop, shop.hostile_talk)
    asked = (POOL, base, f"{base}/customer", f"{POOL}/live?id={shop.hostile_talk}&pool=x&thread=x")
    shown = "".join(browser.get(one, accept_language=language).text for one in asked)
    assert not re.search(r"<(script(?! src=)|img src=x|svg onload)", shown)
    assert "&lt;script&gt;" in shown
    assert "49{" not in shown
    assert all(part not in shown for part in HOSTILE if "<" in part)
