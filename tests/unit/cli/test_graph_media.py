"""The server that plays Meta speaks the forms that our adapters write and read: a file goes there and comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.local.customer_messages import Left, meta_body
from cli.local.graph import GraphCapture
from cli.local.graph_media import MediaCapture
from shared.adapters.graph_media import GraphMedia
from shared.adapters.guarded_https import HttpsAnswer
from shared.adapters.phones import phone_reader
from shared.adapters.social_graph import GraphSender
from shared.domain.conversations.meta_webhook import Readers, read_webhook
from shared.domain.messages.address import Address
from shared.domain.templates.content import ContentFile, SmsContent
from shared.ports.media import NotTaken
from shared.ports.sender import Accepted, Outgoing
from tests.unit.ingest.world import NOW
from tests.unit.support.world import KEYS

pytestmark = pytest.mark.unit
BASE = "http://127.0.0.1:4566/_kervan/graph"
PDF = b"%PDF-1.7 \r\n\r\n\x00\xff--boundary"
SECRETS = {"phone_number_id": "106", "whatsapp_token": "w", "page_id": "178", "page_token": "p"}


class Played:
    """The routes of the emulator, without a socket."""

    def __init__(self, folder: Path) -> None:
        self.media, self.graph = MediaCapture(BASE), GraphCapture(folder / "graph.ndjson")

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        path, token = url.removeprefix(BASE), headers.get("Authorization", "").removeprefix("Bearer ")
        if self.graph.serves(method, path):
            status, said = self.graph.send(path, body, token)
            return HttpsAnswer(status, {}, json.dumps(said).encode())
        found = self.media.answer(method, path, headers.get("Content-Type", ""), body, token)
        assert found is not None, path
        return HttpsAnswer(found[0], {}, found[1] if isinstance(found[1], bytes) else json.dumps(found[1]).encode())


def test_a_file_that_an_agent_sends_arrives(tmp_path: Path) -> None:
    played = Played(tmp_path)
    sender = GraphSender(played, secrets=lambda: SECRETS, base=BASE)
    content = SmsContent(
        "Faturanız", (), (ContentFile("fatura.pdf", "application/pdf", PDF, "https://files.example/1"),)
    )
    for channel, to in (("whatsapp", "+905321112233"), ("messenger", "messenger/777")):
        outgoing = Outgoing("m", Address(channel, "k", to=to), content, "Shop", "service")
        assert isinstance(sender.send(outgoing), Accepted)
    ((name, (kind, kept)),) = played.media.files.items()
    assert (kind, kept) == ("application/pdf", PDF)
    assert [one["text"] for one in played.graph.messages] == [
        f"[document {name}] Faturanız", "[file] https://files.example/1",
    ]  # fmt: skip


@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "messenger"])
def test_a_file_that_a_customer_sends_is_fetched(channel: str, tmp_path: Path) -> None:
    """Played as the command does it, through the webhook's reader."""
    played = Played(tmp_path)
    file = Left("fatura.pdf", "application/pdf", "123", f"{BASE}/kept/123")
    played.media.answer("PUT", "/kept/123", file.type, PDF, "")
    account = "905321112233" if channel == "whatsapp" else "777"
    body = json.dumps(meta_body(channel, account, "See", "m.1", NOW, file)).encode()
    (inbound,) = read_webhook(body, Readers(KEYS, phone_reader("TR")), NOW)
    (attachment,) = inbound.attachments
    media = GraphMedia(played, secrets=lambda: SECRETS, base=BASE)
    assert media.fetch(channel, attachment.source) == PDF
    played.media.files.clear()
    assert media.fetch(channel, attachment.source) == NotTaken("gone")
