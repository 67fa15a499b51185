"""Meta's webhooks: documented payloads become messages, only Meta is heard, and a replay changes nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.jobs import Outcome, read_job
from shared.domain.conversations.message import Inbound
from shared.domain.conversations.meta_webhook import Readers, UnreadableWebhook, read_webhook
from tests.support.cases import also_long, cases
from tests.unit.ingest.world import NOW, World, http_event
from tests.unit.support.world import KEYS, Support

pytestmark = pytest.mark.unit
PAYLOADS = Path(__file__).parents[2] / "payloads" / "meta"
SECRET, TOKEN = "the-app-secret", "our-verify-token"
READERS = Readers(KEYS, lambda number: number if number.startswith("+90") else None)


def world() -> World:
    made = World()
    made.hook_secrets["meta"] = {"app_secret": SECRET, "verify_token": TOKEN}
    return made


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def post(made: World, body: bytes, secret: str = SECRET, **headers: str) -> tuple[int, Any]:
    signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = {"content-type": "application/json", "x-hub-signature-256": signed} | headers
    return made.send(http_event("POST", "/v1/hooks/meta", body.decode(), given))


def told(made: World) -> list[Inbound]:
    found = [read_job(body, KEYS) for body in made.told.bodies]
    return [one for one in found if isinstance(one, Inbound)]


@pytest.mark.parametrize(
    ("name", "channel", "who", "text", "files"),
    [
        ("whatsapp-text", "whatsapp", "phone:+905321112233", "Siparişim nerede?", []),
        ("whatsapp-image", "whatsapp", "phone:+905321112233", "Leke var", ["image/jpeg"]),
        ("instagram-text", "instagram", "external:instagram/7781234567890123", "S-1 nerede?", []),
        ("messenger-attachment", "messenger", "external:messenger/6432112233445566", "", ["image"]),
        ("messenger-postback", "messenger", "external:messenger/6432112233445566", "Get started", []),
    ],
)
def test_a_documented_payload_becomes_a_message(name: str, channel: str, who: str, text: str, files: list[str]) -> None:
    """With its channel, its sender, its time and its files, which stay with Meta."""
    made = world()
    assert post(made, payload(name))[0] == 200
    [one] = told(made)
    assert (one.channel, one.who, one.text, one.verified) == (channel, who, text, True)
    assert [file.type for file in one.attachments] == files
    assert {file.refused for file in one.attachments} <= {"not_fetched"}
    assert one.at <= NOW


@pytest.mark.parametrize("name", ["whatsapp-status", "instagram-echo"])
def test_receipts_and_echoes_are_no_messages(name: str) -> None:
    made = world()
    assert (post(made, payload(name))[0], made.told.bodies) == (200, [])


def test_what_whatsapp_could_not_deliver_is_told() -> None:
    """By the id that the answer carried; the reason is a word."""
    made, body = world(), payload("whatsapp-failed")
    assert post(made, body)[0] == 200
    [job] = [read_job(one, KEYS) for one in made.told.bodies]
    assert job == Outcome("a" * 26, "failed", "window_closed", "wamid.X")
    for changed in (body.replace(b'"failed"', b'"sent"'), body.replace(b"a" * 26, b"../" * 9)):
        other = world()
        assert (post(other, changed)[0], other.told.bodies) == (200, [])


def test_only_meta_is_heard() -> None:
    """A wrong secret, a changed body, no signature, no secret of ours: 401, and nothing is told."""
    made, body = world(), payload("instagram-text")
    assert post(made, body, "guessed")[0] == 401
    assert post(made, body, **{"x-hub-signature-256": ""})[0] == 401
    assert post(made, body, **{"x-hub-signature-256": "sha256=" + "ş" * 64})[0] == 401
    signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert post(made, body.replace(b"S-1", b"S-2"), **{"x-hub-signature-256": signed})[0] == 401
    made.hook_secrets.clear()
    assert post(made, body, "")[0] == 401
    assert made.told.bodies == []


def test_the_address_is_proven_with_the_token_alone() -> None:
    """The challenge comes back as text; without the token it is refused, whatever is asked."""
    made = world()
    query = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}

    def ask(**changed: str) -> dict[str, Any]:
        event = http_event("GET", "/v1/hooks/meta", "", {})
        event["queryStringParameters"] = query | changed
        return made.answer(event)

    found = ask()
    assert (found["statusCode"], found["body"]) == (200, "1158201444")
    assert found["headers"]["content-type"].startswith("text/plain")
    for changed in (
        {"hub.verify_token": "guessed"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>alert(1)</script>"},
    ):
        assert ask(**changed)["statusCode"] == 403, changed
    made.hook_secrets["meta"] = {}
    assert ask(**{"hub.verify_token": ""})["statusCode"] == 403


def test_a_replay_is_the_same_message_for_ever() -> None:
    """Delivered twice, and a year later: one message, in one conversation, which it does not open again."""
    made, support = world(), Support()
    body = payload("instagram-text")
    for _ in range(2):
        post(made, body)
    support.work(*made.told.bodies)
    [id_] = support.pool()
    support.answer(id_, channel="instagram")
    support.later(days=365)
    made.clock.advance(timedelta(days=365))
    post(made, body)
    support.work(made.told.bodies[-1])
    assert (support.pool(), support.pool("waiting")) == ([], [id_])
    assert len([one for _, one in support.all_messages() if one.direction == "in"]) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b'{"object":"instagram"}', b"[" * 50_000, b"\xff\xfe"])
def test_what_is_no_delivery_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        read_webhook(body, READERS, NOW)


def test_a_delivery_of_too_many_messages_is_refused() -> None:
    content = json.loads(payload("instagram-text"))
    content["entry"][0]["messaging"] *= 1_001
    with pytest.raises(UnreadableWebhook):
        read_webhook(json.dumps(content).encode(), READERS, NOW)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from(sorted(path.stem for path in PAYLOADS.glob("*.json"))), st.data())
@also_long
@cases(50)
def test_whatever_stands_in_a_field_nothing_breaks(name: str, data: st.DataObject) -> None:
    """Any value anywhere: messages that can be read come out, with a time that is over, and their jobs can be read."""
    content = json.loads(payload(name))
    places = list(_places(content))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(JUNK)
    try:
        found = read_webhook(json.dumps(content).encode(), READERS, NOW)
    except UnreadableWebhook:
        return
    for one in found:
        assert one.at <= NOW
        assert one.who.startswith(("phone:+90", "external:"))


def _places(content: Any) -> Any:
    if isinstance(content, dict):
        for key, value in content.items():
            yield content, key
            yield from _places(value)
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield content, place
            yield from _places(value)


def test_nothing_of_a_message_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = world()
    post(made, payload("whatsapp-text"))
    post(made, b'{"secret text": ')
    assert "Sipari" not in caplog.text
    assert "905321112233" not in caplog.text
    assert "secret text" not in caplog.text
