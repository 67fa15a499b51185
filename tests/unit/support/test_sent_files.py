"""Files in answers: taken by what they are and by what the channel carries, kept with the answer or not at all."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest

from shared.domain.conversations.files import PREFIX, place_of
from shared.domain.conversations.sent_files import MOST_BYTES, SentFile, files_refused, sent_file
from shared.http.answers import Problem
from shared.operators import conversations
from tests.support.crashes import Crash, CrashesAt
from tests.unit.support.world import EMAIL, INSTAGRAM, PHONE, Support

pytestmark = pytest.mark.unit
PNG, PDF = b"\x89PNG\r\n\x1a\n rest", b"%PDF-1.7 rest"
SVG, HTML, EXE = b"<svg onload=alert(1)>", b"<script>alert(1)</script>", b"MZ"


def said(*files: bytes, **more: Any) -> dict[str, Any]:
    named = [{"name": f"file-{place}", "content": base64.b64encode(raw).decode()} for place, raw in enumerate(files)]
    return {"channel": "email", "text": "Here.", "agent": "deniz", "files": named, **more}


def reply(support: Support, id_: str, body: dict[str, Any]) -> tuple[int, Any]:
    return support.ask("POST", f"/v1/conversations/{id_}/replies", {"seen": support.seen(id_), **body})


def test_a_file_is_kept_with_its_answer_and_can_be_fetched() -> None:
    """By its type as the bytes show it, whatever its name says; sent again with the same key, it is one."""
    support = Support()
    one = support.taken(EMAIL, "m1").conversation
    body = said(PNG, PDF, key="k1")
    status, answer = reply(support, one, body)
    assert status == 200
    assert [(file["name"], file["type"], file["number"]) for file in answer["attachments"]] == [
        ("file-0.png", "image/png", 1), ("file-1.pdf", "application/pdf", 2),
    ]  # fmt: skip
    assert support.bucket.kept == {place_of(answer["id"], 1): PNG, place_of(answer["id"], 2): PDF}
    assert support.handed[0].attachments[0].place == place_of(answer["id"], 1)
    assert reply(support, one, body)[1]["id"] == answer["id"]
    assert len(support.handed) == 1
    _, link = support.ask("GET", f"/v1/conversations/{one}/files/{answer['id']}/1")
    assert link["shown"] is True
    support.tick(minutes=3)
    assert len(support.bucket.kept) == 2


@pytest.mark.parametrize(
    ("who", "channel", "files", "text", "why"),
    [
        (PHONE, "sms", [PNG], "x", "no_files"),
        (EMAIL, "email", [SVG], "x", "file_type"),
        (EMAIL, "email", [HTML], "x", "file_type"),
        (EMAIL, "email", [EXE], "x", "file_type"),
        (EMAIL, "email", [PNG + b"x" * MOST_BYTES], "x", "files_too_large"),
        (PHONE, "whatsapp", [PNG, PNG], "x", "too_many_files"),
        (PHONE, "whatsapp", [PNG], "x" * 1025, "caption_too_long"),
        (INSTAGRAM, "instagram", [PNG], "x", "file_alone"),
    ],
)
def test_what_a_channel_does_not_carry_is_refused_before_anything_is_kept(
    who: str, channel: Any, files: list[bytes], text: str, why: str
) -> None:
    support = Support()
    one = support.taken(who, "m1", channel=channel).conversation
    status, refused = reply(support, one, said(*files, channel=channel, text=text))
    assert (status, refused["error"]) == (409, why)
    assert (support.bucket.kept, support.handed) == ({}, [])


def test_instagram_takes_a_picture_alone() -> None:
    support = Support()
    one = support.taken(INSTAGRAM, "i1").conversation
    body = said(PNG, channel="instagram")
    del body["text"]
    assert reply(support, one, body)[0] == 200
    assert support.handed[0].text == ""


@pytest.mark.parametrize(
    "files",
    ["x", [1], [{"name": "a"}], [{"name": "a", "content": "ş"}], [{"name": "a", "content": ""}], [{"content": "eA=="}],
     [{"name": "a\nb", "content": "eA=="}], [{"name": "a", "content": "eA==", "type": "x"}],
     [{"name": "a", "content": "eA=="}] * 6],
)  # fmt: skip
def test_what_is_no_file_is_refused(files: Any) -> None:
    support = Support()
    one = support.taken(EMAIL, "m1").conversation
    assert reply(support, one, {**said(), "files": files})[0] == 400
    assert support.handed == []


def test_a_refused_answer_leaves_no_file() -> None:
    """Something came that its agent has not seen."""
    support = Support()
    one = support.taken(EMAIL, "m1").conversation
    seen = support.seen(one)
    support.taken(EMAIL, "m2")
    assert reply(support, one, {**said(PNG), "seen": seen})[0] == 409
    assert support.bucket.kept == {}


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_leaves_the_answer_with_its_file_or_neither(after: bool) -> None:
    """What a dead request put into the bucket, the timer takes away: nobody could erase it."""
    crashes = 0
    for at in range(1, 60):
        crash = CrashesAt(10_000, after=after)
        support = Support(crash)
        one = support.taken(EMAIL, "m1").conversation
        seen = support.seen(one)
        crash.at = next(crash.numbers) + at
        with suppress(Crash, Problem):
            conversations.write(
                support.environment, one, direction="out", channel="email", text="x", agent="deniz", seen=seen,
                key="k1", files=(sent_file("a.pdf", PDF),),
            )  # fmt: skip
        crash.at = 0
        crashes += crash.met
        support.tick(minutes=3)
        answers = [message for _, message in support.all_messages() if message.direction == "out"]
        kept = {file.place for message in answers for file in message.attachments}
        assert support.bucket.kept.keys() == kept, at
        if not crash.met:
            break
    assert crashes >= 8


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [("../../x.exe", PDF, "_.._x.exe.pdf"), ("a.JPEG", b"\xff\xd8\xff", "a.JPEG"), ("", PNG, "file.png"),
     ('a"\r\nX: y.png', PNG, "a_ X_ y.png"), ("x" * 300 + ".pdf", PDF, "x" * 108 + "~xxxxxxx.pdf")],
)  # fmt: skip
def test_a_name_is_one_line_and_ends_as_the_bytes_say(name: str, content: bytes, wanted: str) -> None:
    assert sent_file(name, content).name == wanted


def test_every_channel_says_what_it_carries() -> None:
    file = SentFile("a", "image/png", PNG)
    taken = {channel for channel in ("email", "sms", "whatsapp", "instagram", "messenger", "chat", "store")
             if not files_refused(channel, "", [file])}  # fmt: skip
    assert taken == {"email", "whatsapp", "instagram", "messenger"}
    assert PREFIX == "files/"
