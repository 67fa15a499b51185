"""Answers by Graph: what is needed for the call, and what one account's error means for the others."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft
from shared.adapters.loopback_http import LoopbackHttp
from shared.adapters.social_graph import GraphSender
from shared.domain.messages.address import Address
from shared.domain.templates.content import SmsContent
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


def test_other_channels_are_not_sent_by_graph() -> None:
    meta = Meta()
    assert send(meta, "sms") == Refused("provider_invalid_message")
    assert meta.asked == []


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/x", "http://graph.facebook.com/x", "http://192.0.2.1/x"])
def test_the_local_way_leads_to_this_machine_alone(url: str) -> None:
    with pytest.raises(NeverLeft):
        LoopbackHttp().request("POST", url, {}, b"", seconds=1)
