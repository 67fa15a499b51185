"""Answers by Graph: what is needed for the call, and what one account's error means for the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.message import Message as MailPart
from email.parser import BytesParser

import pytest

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.loopback_http import LoopbackHttp
from shared.adapters.social_graph import GraphSender
from shared.domain.messages.address import Address
from shared.domain.templates.content import ContentFile, SmsContent
from shared.ports.sender import Accepted, Answer, Outgoing, Postponed, Refused

pytestmark = pytest.mark.unit
SECRETS = {"phone_number_id": "106", "whatsapp_token": "w", "page_id": "178", "page_token": "p"}


class Meta:
    """Takes everything, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        self.asked.append((url, headers["Authorization"]))
        return HttpsAnswer(200, {}, b'{"message_id":"m_1","messages":[{"id":"wamid.1"}]}')


def send(meta: Meta, channel: str, secrets: Mapping[str, str] = SECRETS, to: str = "+905321112233") -> Answer:
    address = Address(channel, "k", to=to)
    return GraphSender(meta, secrets=lambda: secrets).send(Outgoing("m", address, SmsContent("x"), "Shop", "service"))


def test_each_channel_has_its_account_and_token() -> None:
    """The number of WhatsApp; the page for Instagram and Messenger."""
    meta = Meta()
    assert send(meta, "whatsapp") == Accepted("wamid.1")
    assert isinstance(send(meta, "instagram", to="instagram/777"), Accepted)
    assert meta.asked == [
        ("https://graph.facebook.com/v23.0/106/messages", "Bearer w"),
        ("https://graph.facebook.com/v23.0/178/messages", "Bearer p"),
    ]


@pytest.mark.parametrize("name", ["page_id", "page_token"])
@pytest.mark.parametrize("value", ["", "../me", "a\r\nX: y", "ş"])
def test_what_one_channel_lacks_stops_no_other(name: str, value: str) -> None:
    """Nothing is called, and the provider that the channels share does not count as down."""
    meta = Meta()
    secrets = {**SECRETS, name: value}
    if (name, value) != ("page_token", "../me"):
        assert send(meta, "messenger", secrets) == Postponed("provider_secret_missing", about_address=True)
        assert meta.asked == []
    assert isinstance(send(meta, "whatsapp", secrets), Accepted)


FILE = ContentFile("fatura.pdf", "application/pdf", b"%PDF-1.7 \r\n--x", "https://files.example/1")


class Uploads(Meta):
    """Gives an id for a file, or what it is told to."""

    def __init__(self, upload: HttpsAnswer | Exception | None = None) -> None:
        super().__init__()
        self.upload = upload or HttpsAnswer(200, {}, b'{"id":"77"}')
        self.bodies: list[bytes] = []

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        self.bodies.append(body)
        if url.endswith("/media"):
            self.asked.append((url, headers["Content-Type"]))
            if isinstance(self.upload, Exception):
                raise self.upload
            return self.upload
        return super().request(method, url, headers, body, seconds=seconds)


def send_file(meta: Uploads, channel: str, text: str = "") -> Answer:
    address = Address(channel, "k", to="+905321112233" if channel == "whatsapp" else f"{channel}/777")
    content = SmsContent(text, (), (FILE,))
    return GraphSender(meta, secrets=lambda: SECRETS).send(Outgoing("m", address, content, "Shop", "service"))


def test_whatsapp_takes_the_file_first_and_the_message_names_it() -> None:
    """As its documents show it; the form holds the very bytes."""
    meta = Uploads()
    assert send_file(meta, "whatsapp", "Faturanız") == Accepted("wamid.1")
    assert [url.rpartition("/")[2] for url, _ in meta.asked] == ["media", "messages"]
    form = BytesParser().parsebytes(f"Content-Type: {meta.asked[0][1]}\r\n\r\n".encode() + meta.bodies[0])
    held = [part for part in form.get_payload() if isinstance(part, MailPart)]
    parts = {part.get_param("name", header="content-disposition"): part for part in held}
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {
        "messaging_product": b"whatsapp", "type": b"application/pdf", "file": FILE.content,
    }  # fmt: skip
    said = json.loads(meta.bodies[1])
    document = {"id": "77", "caption": "Faturanız", "filename": "fatura.pdf"}
    assert (said["type"], said["document"]) == ("document", document)


@pytest.mark.parametrize(
    ("upload", "answer"),
    [
        (NeverLeft("timed_out"), Postponed("provider_never_left")),
        (NoAnswer("timed_out"), Postponed("provider_no_answer")),
        (HttpsAnswer(500, {}, b""), Postponed("provider_status_500")),
        (HttpsAnswer(200, {}, b"[]"), Postponed("provider_status_200")),
        (HttpsAnswer(400, {}, b'{"error":{"code":100}}'), Refused("provider_100")),
    ],
)
def test_an_upload_that_fails_sent_nothing(upload: HttpsAnswer | Exception, answer: Answer) -> None:
    """So it may be tried again, also where a message would be in doubt; what Meta would refuse again is not."""
    meta = Uploads(upload)
    assert send_file(meta, "whatsapp") == answer
    assert len(meta.asked) == 1


@pytest.mark.parametrize("channel", ["instagram", "messenger"])
def test_the_others_fetch_the_file_by_its_address(channel: str) -> None:
    meta = Uploads()
    assert isinstance(send_file(meta, channel), Accepted)
    attachment = {"type": "file", "payload": {"url": FILE.url, "is_reusable": False}}
    assert json.loads(meta.bodies[0])["message"] == {"attachment": attachment}


def test_other_channels_are_not_sent_by_graph() -> None:
    meta = Meta()
    assert send(meta, "sms") == Refused("provider_invalid_message")
    assert meta.asked == []


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/x", "http://graph.facebook.com/x", "http://192.0.2.1/x"])
def test_the_local_way_leads_to_this_machine_alone(url: str) -> None:
    with pytest.raises(NeverLeft):
        LoopbackHttp().request("POST", url, {}, b"", seconds=1)
