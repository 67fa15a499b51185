"""News on an agent's screen: nothing while nothing is new, and only what differs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.conversations.conversation import digest
from shared.domain.conversations.message import NOT_FETCHED, Attachment
from shared.operators.conversation_presence import look
from shared.ports import Page
from tests.unit.console.console_world import Answer
from tests.unit.console.service_world import AYSE, INSTAGRAM, ServiceWorld

pytestmark = pytest.mark.unit
POOL = "/console/conversations"


@pytest.fixture
def shop() -> ServiceWorld:
    return ServiceWorld()


def _marks(page: str) -> dict[str, str]:
    """What the page sends with each look."""
    return dict(re.findall(r'class="live-mark"(?: id="seen")? name="(\w+)" value="([^"]*)"', page))


def _look(shop: ServiceWorld, marks: dict[str, str], **more: str) -> Answer:
    asked = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in (marks | more).items())
    return shop.browser("agent").get(f"{POOL}/live?view=open&id={shop.ayse_talk}&{asked}", hx_request="true")


def _opened(shop: ServiceWorld) -> dict[str, str]:
    return _marks(shop.browser("agent").get(f"{POOL}/{shop.ayse_talk}").text)


def test_nothing_new_is_an_empty_answer_that_reads_no_message(
    shop: ServiceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked every three seconds, so it reads the list and the heads of one conversation."""
    marks = _opened(shop)
    assert set(marks) == {"pool", "thread", "pending", "seen", "others"}
    read: list[str] = []
    whole = shop.conversations.query

    def query(pk: str, **asked: Any) -> Page:
        read.append(str(asked.get("at_least") or ""))
        return whole(pk, **asked)

    monkeypatch.setattr(shop.conversations, "query", query)
    answer = _look(shop, marks)
    assert (answer.status, answer.text) == (204, "")
    assert read
    assert not any(read)


def test_a_message_on_another_channel_of_hers_is_news(shop: ServiceWorld) -> None:
    """Shown with what came while the agent wrote; the next look finds nothing new again."""
    marks = _opened(shop)
    shop.wrote(INSTAGRAM, "Hello?", "m-6", "instagram")
    shop.wrote(AYSE, "Are you there?", "m-7")
    news = _look(shop, marks)
    assert news.status == 200
    assert 'id="thread"' in news.text
    assert "<html" not in news.text
    assert 'class="said">Are you there?<' in news.text
    assert news.text.index('id="talk-new"') < news.text.index('class="said">Hello?<')
    assert 'data-news="2 new' in news.text
    assert "</textarea>" not in news.text
    now = marks | _marks(news.text)
    assert _look(shop, now).status == 204


def test_somebody_elses_message_changes_the_pool_alone(shop: ServiceWorld) -> None:
    """The conversation that is read stays as it is."""
    marks = _opened(shop)
    shop.wrote("email:new@example.com", "Hi", "m-8")
    news = _look(shop, marks).text
    assert 'id="pool"' in news
    assert 'id="thread"' not in news


def test_what_became_of_an_answer_is_news(shop: ServiceWorld) -> None:
    """It changes the message and not the conversation, so the page names the answers that were on their way."""
    browser = shop.browser("agent")
    page = f"{POOL}/{shop.ayse_talk}"
    hidden = dict(re.findall(r'name="(key|seen|form_token)" value="([^"]+)"', browser.get(page).text))
    browser.post(f"{page}/answer", {**hidden, "channel": "email", "as": "answer", "text": "Yes."})
    marks = _opened(shop)
    (sent,) = shop.handed
    assert marks["pending"] == sent.id
    assert _look(shop, marks).status == 204
    shop.desk.conversations.put_message(sent, replace(sent, delivery="sent"))
    assert "sent" in _look(shop, marks).text


def test_marks_that_are_none_are_answered_whole(shop: ServiceWorld) -> None:
    """A page of another release, or somebody who tries: what is there now; of no conversation nothing."""
    assert _look(shop, {"pool": "x", "thread": "x", "pending": "x,,y", "seen": "x"}).status == 200
    browser = shop.browser("agent")
    marks = _opened(shop)
    for id_ in ("", "x", "a" * 13):
        assert browser.get(f"{POOL}/live?view=open&id={id_}&pool={marks['pool']}").status == 204


def test_who_else_looks_is_news_until_he_is_gone(shop: ServiceWorld) -> None:
    """By name; who may not answer is not counted. After half a minute without a word somebody is gone."""
    marks = _opened(shop)
    look(shop.desk, shop.ayse_talk, "zeynep@shop.example")
    news = _look(shop, marks).text
    assert "Also looking: zeynep@shop.example" in news
    assert 'id="thread"' not in news
    now = marks | _marks(news)
    assert _look(shop, now).status == 204
    assert "zeynep@shop.example" in shop.browser("agent").get(f"{POOL}/{shop.ayse_talk}").text
    shop.clock.advance(timedelta(seconds=31))
    gone = _look(shop, now)
    assert gone.status == 200
    assert "Also looking" not in gone.text
    shop.browser("privacy").get(f"{POOL}/{shop.ayse_talk}")
    assert look(shop.desk, shop.ayse_talk, "mehmet@shop.example")["others"] == ["deniz@shop.example"]


def test_a_file_that_comes_late_is_news(shop: ServiceWorld) -> None:
    """The message was shown at once, and its file was fetched after that; one that never came is not asked about."""
    coming = Attachment("photo", "image", 0, refused=NOT_FETCHED)
    shop.wrote(AYSE, "Look", "m-file", attachments=(coming,))
    marks = _opened(shop)
    message = digest("received", "email", "m-file")
    assert message in marks["pending"]
    assert _look(shop, marks).status == 204
    assert "not fetched yet" in shop.browser("agent").get(f"{POOL}/{shop.ayse_talk}").text
    store = shop.desk.conversations
    before = store.message(message)
    assert before is not None
    store.put_message(before, replace(before, attachments=(Attachment("photo", "image/png", 7, "files/x"),)))
    assert "/files/" in _look(shop, marks).text
    shop.wrote(AYSE, "Look again", "m-gone", attachments=(coming,))
    assert _opened(shop)["pending"]
    shop.clock.advance(timedelta(hours=1, minutes=1))
    assert _opened(shop)["pending"] == ""
