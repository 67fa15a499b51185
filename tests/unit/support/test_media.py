"""Files that customers send on WhatsApp, Instagram and Messenger: kept once, refused by what they are, never lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.privacy.erase_conversations import ConversationErasure
from functions.privacy.pages import pages
from shared.adapters.graph_media import GraphMedia
from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.phones import phone_reader
from shared.adapters.social_graph import GRAPH
from shared.domain.conversations.files import LARGEST, is_svg, place_of, refusal
from shared.domain.conversations.jobs import message_job, read_job
from shared.domain.conversations.message import NOT_FETCHED, Attachment, Inbound
from shared.domain.conversations.meta_webhook import Readers, read_webhook
from shared.domain.privacy.erasure import Erasure
from shared.ports.media import MediaLater, NotTaken
from shared.stores.conversations import Conversations
from shared.stores.erasures import put_marks
from tests.support.crashes import CrashesAt
from tests.unit.ingest.world import NOW
from tests.unit.support.world import KEYS, PHONE, Support

pytestmark = pytest.mark.unit
PNG = b"\x89PNG\r\n\x1a\n rest"
PDF = b"%PDF-1.7 rest"
WAITS = Attachment("invoice.pdf", "application/pdf", 0, refused=NOT_FETCHED, source="2762702990552401")
PHOTO = Attachment("image", "image/jpeg", 0, refused=NOT_FETCHED, source="99")
TOKEN, SVG = "token", b'<?xml version="1.0"?>\n<!-- x -->\n<svg onload="alert(1)">'


def told(support: Support, *files: Attachment) -> Inbound:
    return support.inbound(PHONE, "wamid.1", "See this.", channel="whatsapp", attachments=files)


def kept(support: Support) -> tuple[Attachment, ...]:
    [(_, message)] = support.all_messages()
    return message.attachments


def test_a_job_carries_where_the_file_lies_and_the_table_does_not() -> None:
    """A job of the release before has no source, and is read."""
    support = Support()
    one = told(support, WAITS)
    assert read_job(message_job(one), KEYS) == one
    old = json.loads(message_job(one))
    old["attachments"] = [row[:5] for row in old["attachments"]]
    read = read_job(json.dumps(old), KEYS)
    assert isinstance(read, Inbound)
    assert read.attachments[0].source == ""
    support.media.held[WAITS.source] = PDF
    support.work(message_job(one))
    assert "2762702990552401" not in json.dumps(support.table._items, default=str)


def test_files_are_fetched_after_the_message_is_there() -> None:
    """What lies with the channel for later holds up no word, and is asked for again; what was fetched is not."""
    support = Support()
    support.media.held[WAITS.source] = PDF
    job = message_job(told(support, PHOTO, WAITS))
    assert support.work(job) == [{"itemIdentifier": "0"}]
    assert support.pool() != []
    [(_, message)] = support.all_messages()
    assert [(one.type, one.place, one.refused) for one in message.attachments] == [
        ("image/jpeg", "", NOT_FETCHED), ("application/pdf", place_of(message.id, 2), ""),
    ]  # fmt: skip
    support.media.held[PHOTO.source] = PNG
    support.media.asked.clear()
    assert support.work(job) == []
    assert support.media.asked == [("whatsapp", PHOTO.source)]
    assert support.bucket.kept == {place_of(message.id, 1): PNG, place_of(message.id, 2): PDF}
    assert [one.size for one in kept(support)] == [len(PNG), len(PDF)]


@pytest.mark.parametrize(
    ("content", "why"),
    [(SVG, "svg"), (b"\xef\xbb\xbf  <SVG/onload=x>", "svg"), (b"MZ program", "program"), (b"", "empty"),
     (b"x" * (LARGEST + 1), "too_large"), (NotTaken("gone"), "gone"), (NotTaken("elsewhere"), "elsewhere")],
)  # fmt: skip
def test_what_is_not_kept_says_why_and_is_not_asked_for_again(content: Any, why: str) -> None:
    support = Support()
    support.media.held[PHOTO.source] = content
    job = message_job(told(support, PHOTO))
    assert support.work(job, job) == []
    assert [(one.refused, one.place) for one in kept(support)] == [(why, "")]
    assert (support.bucket.kept, len(support.media.asked)) == ({}, 1)


def test_a_page_with_a_drawing_in_it_is_told_from_text() -> None:
    assert is_svg(SVG)
    assert not is_svg(b"text about <svg>")
    assert not is_svg(PNG + b"<svg>")


def test_an_erased_message_gets_no_file() -> None:
    """Its text is gone between the message and its file."""
    support = Support()
    one = told(support, PHOTO)
    support.media.held[PHOTO.source] = PNG
    assert support.media_intake.fetch(one) == 0
    assert (support.bucket.kept, support.media.asked) == ({}, [])


@pytest.mark.parametrize("crashed", [False, True])
def test_an_erasure_between_a_file_and_its_message_leaves_no_file(crashed: bool) -> None:
    """The erasure comes just when the file was put there, by a worker that lives on or dies."""
    support = Support()
    support.media.held[PHOTO.source] = PNG
    one = told(support, PHOTO)
    erasure = ConversationErasure(support.table, pages, lambda: support.bucket)
    put = support.bucket.put

    def put_and_erase(key: str, file: Path) -> None:
        put(key, file)
        if crashed:
            raise RuntimeError
        erasure.erase(one.home)

    support.bucket.put = put_and_erase  # type: ignore[method-assign]
    assert len(support.work(message_job(one))) == crashed
    assert (support.bucket.kept != {}) == crashed
    erasure.erase(one.home)
    assert (support.bucket.kept, support.all_messages()) == ({}, [])


def test_a_delivery_after_an_erasure_takes_away_what_was_put_there() -> None:
    """Who put it there died before he could look; the channel is asked for nothing."""
    support = Support()
    one = told(support, PHOTO)
    put_marks(support.customers_table, Erasure("e1", (one.home,), NOW, "x"), [one.home])
    support.bucket.kept[place_of(one.id, 1)] = PNG
    assert support.work(message_job(one)) == []
    assert (support.bucket.kept, support.media.asked) == ({}, [])


def test_of_a_shared_number_no_file_comes_back_where_words_were_erased() -> None:
    support = Support()
    support.media.held[PHOTO.source] = PNG
    one = told(support, PHOTO)
    assert len(support.work(message_job(replace(one, attachments=(WAITS,))))) == 1
    [(_, message)] = support.all_messages()
    Conversations(support.table).put_message(message, replace(message, text="", attachments=()))
    assert support.work(message_job(one)) == []
    assert (support.bucket.kept, support.media.asked) == ({}, [("whatsapp", WAITS.source)])


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_loses_no_file(after: bool) -> None:
    """Offered again, the message is there once with its file."""
    crashes = 0
    for at in range(40):
        support = Support(CrashesAt(at, after=after))
        support.media.held[PHOTO.source] = PNG
        job = message_job(told(support, PHOTO))
        for _ in range(50):
            if support.work(job) == []:
                break
            crashes += 1
        [file] = kept(support)
        assert support.bucket.kept == {file.place: PNG}
    assert crashes >= 8


class Meta:
    """Answers by address; what was asked with which headers is noted."""

    def __init__(self, **answers: HttpsAnswer | Exception) -> None:
        self.answers: dict[str, HttpsAnswer | Exception] = dict(answers)
        self.asked: list[tuple[str, str]] = []

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        assert (method, body) == ("GET", b"")
        self.asked.append((url, headers.get("Authorization", "")))
        said = self.answers[url]
        if isinstance(said, Exception):
            raise said
        return said


ID_URL = f"{GRAPH}/v23.0/99"
FILE_URL = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=99&ext=1&hash=x"


def ok(body: bytes | dict[str, Any], status: int = 200, **headers: str) -> HttpsAnswer:
    return HttpsAnswer(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def graph_error(code: int) -> HttpsAnswer:
    """Most of Graph's errors have the status 400, whatever they say."""
    return ok({"error": {"code": code, "message": "x", "type": "OAuthException"}}, 400)


def documented(**changed: Any) -> HttpsAnswer:
    """As the page of Meta shows it."""
    said = {"messaging_product": "whatsapp", "url": FILE_URL, "mime_type": "image/png", "id": "99"}
    return ok({**said, "sha256": hashlib.sha256(PNG).hexdigest(), "file_size": len(PNG), **changed})


def fetch(answers: Mapping[str, HttpsAnswer | Exception], channel: str = "whatsapp", source: str = "99") -> Any:
    meta = Meta(**answers)
    media = GraphMedia(meta, secrets=lambda: {"whatsapp_token": TOKEN})
    try:
        return media.fetch(channel, source), meta.asked
    except MediaLater as later:
        return str(later), meta.asked


def test_whatsapp_gives_an_address_first_and_both_take_the_token() -> None:
    found, asked = fetch({ID_URL: documented(), FILE_URL: ok(PNG)})
    assert found == PNG
    assert asked == [(ID_URL, f"Bearer {TOKEN}"), (FILE_URL, f"Bearer {TOKEN}")]


def test_instagram_and_messenger_give_an_address_and_no_token_goes_there() -> None:
    """Also behind a redirect; not to another host."""
    there = "https://scontent.cdninstagram.com/x"
    assert fetch({there: ok(PNG)}, "instagram", there) == (PNG, [(there, "")])
    first = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1"
    assert fetch({first: ok(b"", 302, location=there), there: ok(PNG)}, "messenger", first)[0] == PNG
    evil = ok(b"", 302, location="https://evil.example/x")
    assert fetch({first: evil}, "messenger", first)[0] == NotTaken("elsewhere")
    assert fetch({first: ok(b"", 302, location=first)}, "messenger", first)[0] == NotTaken("elsewhere")


@pytest.mark.parametrize(
    "url",
    ["http://lookaside.fbsbx.com/x", "https://evil.example/?fbsbx.com", "https://evilfbsbx.com/x", "https://[x/",
     "https://fbsbx.com.evil.example/x", "https://fbsbx.com@evil.example/x", "file:///etc/passwd", ""],
)  # fmt: skip
def test_no_address_elsewhere_is_called(url: str) -> None:
    """Neither as the webhook says it, nor as the Graph API does: the token would go there."""
    assert fetch({}, "instagram", url) == (NotTaken("elsewhere"), [])
    assert fetch({ID_URL: documented(url=url)})[1] == [(ID_URL, f"Bearer {TOKEN}")]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({ID_URL: ok(b"", 404)}, NotTaken("gone")),
        ({ID_URL: documented(file_size=LARGEST + 1)}, NotTaken("too_large")),
        ({ID_URL: documented(file_size=1), FILE_URL: ok(b"x" * (LARGEST + 1))}, NotTaken("too_large")),
        ({ID_URL: documented(), FILE_URL: ok(b"other")}, "damaged"),
        ({ID_URL: documented(), FILE_URL: ok(b"", 404)}, NotTaken("gone")),
        ({ID_URL: ok(b"", 401)}, "status_401"),
        ({ID_URL: ok(b"", 429)}, "status_429"),
        ({ID_URL: ok(b"", 503)}, "status_503"),
        ({ID_URL: ok(b"[]")}, "unreadable"),
        ({ID_URL: graph_error(100)}, NotTaken("gone")),
        ({ID_URL: graph_error(4)}, "throttled"),
        ({ID_URL: graph_error(130429)}, "throttled"),
        ({ID_URL: graph_error(190)}, "provider_190"),
        ({ID_URL: graph_error(10)}, "provider_10"),
        ({ID_URL: graph_error(1)}, "provider_1"),
        ({ID_URL: graph_error(2)}, "provider_2"),
        ({ID_URL: NeverLeft("timed_out")}, "timed_out"),
        ({ID_URL: documented(), FILE_URL: NoAnswer("timed_out")}, "timed_out"),
    ],
)  # fmt: skip
def test_what_meta_says_decides_whether_it_is_asked_again(answers: Any, said: Any) -> None:
    assert fetch(answers)[0] == said


@pytest.mark.parametrize("source", ["../me", "99/messages", "", "9" * 65, "９９"])
def test_an_id_is_digits(source: str) -> None:
    assert fetch({}, "whatsapp", source) == (NotTaken("elsewhere"), [])


@pytest.mark.parametrize("secrets", [{}, {"whatsapp_token": "a\nb"}])
def test_without_a_token_nothing_is_asked(secrets: dict[str, str]) -> None:
    meta = Meta()
    with pytest.raises(MediaLater, match="secret_missing"):
        GraphMedia(meta, secrets=lambda: secrets).fetch("whatsapp", "99")
    assert meta.asked == []


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [("fatura.js.", "fatura.js"), ("fatura.hta ", "fatura.hta"), ("x.bat .", "x.bat"), ("../a.scr", "_a.scr"),
     ("sj.\u202epdf.js", "sj.pdf.js"), ("a.url", "a.url"), ("a.command", "a.command")],
)  # fmt: skip
def test_a_name_of_a_channel_hides_no_program(name: str, kept_as: str) -> None:
    """A desktop leaves dots and spaces at the end away, and a sign that turns the direction shows another end."""
    said = {"id": "wamid.1", "from": "905321112233", "type": "document", "timestamp": "1796000000"}
    value = {"messages": [{**said, "document": {"id": "99", "filename": name, "mime_type": "application/pdf"}}]}
    body = {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]}]}
    [inbound] = read_webhook(json.dumps(body).encode(), Readers(KEYS, phone_reader("TR")), NOW)
    assert inbound.attachments[0].name == kept_as
    support = Support()
    support.media.held["99"] = b"WScript.Echo(1)"
    assert support.work(message_job(inbound)) == []
    assert ([one.refused for one in kept(support)], support.bucket.kept) == (["program"], {})


@pytest.mark.parametrize("name", ["a.js.", "a.JS ", "a.vbs. ."])
def test_an_end_behind_dots_and_spaces_is_the_end(name: str) -> None:
    assert refusal(name, b"text") == "program"
