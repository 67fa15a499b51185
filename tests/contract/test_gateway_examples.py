"""The gateways of docs/senders.md send what they show, and read the answers that they describe."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.adapters.sms_gateway import GatewaySender
from shared.adapters.yaml_text import documents
from shared.domain.messages.message import Reason
from shared.domain.senders.gateway import Gateway
from shared.domain.templates.content import SmsContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused, Unreachable
from tests.support.certificates import contexts
from tests.support.https_sender_cases import guarded
from tests.support.provider_wire import Wire, WireAnswer, provider_wire
from tests.support.sender_cases import NOW, outgoing

pytestmark = pytest.mark.contract

PAGE = (Path(__file__).parents[2] / "docs" / "senders.md").read_text("utf-8")
TEXT = SmsContent('Ayşe, "<sepet>" & çıktı')
SECRETS = {
    "netgsm": {"user": "8501112233", "password": "pa:ss"},
    "iletimerkezi": {"key": "k&y", "hash": "<hash>"},
}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with provider_wire(tls=contexts()[0]) as made:
        yield made


def example(name: str) -> Gateway:
    """The gateway of this name in the document, called at a host that the test's server has a certificate for."""
    texts = [documents(text)[0] for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    found = Gateway.model_validate(next(one for one in texts if one["sender"] == name))
    call = found.request.model_copy(update={"url": "https://sms.example.com/send"})
    return found.model_copy(update={"request": call})


def send(wire: Wire, name: str, body: bytes, status: int = 200, purpose: str = "marketing") -> Answer:
    wire.answer = WireAnswer(status, body)
    gateway = example(name)
    sender = GatewaySender(
        guarded(wire.url), definition=lambda: gateway, secrets=lambda: SECRETS[name], now=lambda: NOW
    )
    return sender.send(outgoing(TEXT, purpose=purpose))


def test_the_json_example(wire: Wire) -> None:
    """Basic authentication, the number of the country, the letters of the text, the filter of the purpose."""
    assert send(wire, "netgsm", b'{"code":"00","jobid":"17377","description":"queued"}') == Accepted("17377")
    send(wire, "netgsm", b'{"code":"00"}', purpose="transactional")
    request, service = wire.requests
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"8501112233:pa:ss").decode()
    body = json.loads(request.body)
    assert body["messages"] == [{"msg": TEXT.text, "no": "5321112233"}]
    assert (body["iysfilter"], json.loads(service.body)["iysfilter"]) == ("11", "0")


def test_the_xml_example(wire: Wire) -> None:
    """Key, hash and text arrive as they are, whatever signs they hold."""
    yes = b"<response><status><code>200</code></status><order><id>4410</id></order></response>"
    assert send(wire, "iletimerkezi", yes) == Accepted("4410")
    (request,) = wire.requests
    found = ET.fromstring(request.body)  # noqa: S314  made here
    assert [found.findtext(path) for path in ("authentication/key", "authentication/hash", "order/iys")] == [
        "k&y", "<hash>", "1",
    ]  # fmt: skip
    assert found.findtext("order/message/text") == TEXT.text
    assert found.findtext("order/message/receipents/number") == "5321112233"


@pytest.mark.parametrize(
    ("name", "status", "body", "answer"),
    [
        ("netgsm", 406, b'{"code":"30"}', Postponed("provider_account")),
        ("netgsm", 200, b'{"code":"80"}', Postponed("throttled")),
        ("netgsm", 200, b'{"code":20}', Refused("provider_bad_text")),
        ("netgsm", 200, b'{"code":"99"}', Ambiguous("provider_status_200")),
        ("iletimerkezi", 200, b"<code>452</code>", Unreachable(Reason.INVALID_NUMBER)),
        ("iletimerkezi", 200, b"<code>401</code>", Postponed("provider_account")),
        ("iletimerkezi", 503, b"busy", Ambiguous("provider_status_503")),
    ],
)
def test_answers_of_the_examples(wire: Wire, name: str, status: int, body: bytes, answer: Answer) -> None:
    """A code in the body decides before the status does."""
    assert send(wire, name, body, status) == answer


def test_numbers_of_other_countries_and_missing_secrets_are_not_called(wire: Wire) -> None:
    """The next channel is tried for a foreign number; a message without its secret waits; nobody is asked."""
    gateway = example("netgsm").model_copy(update={"country": "49"})
    sender = GatewaySender(guarded(wire.url), definition=lambda: gateway, secrets=dict, now=lambda: NOW)
    assert sender.send(outgoing(TEXT)) == Unreachable(Reason.UNDELIVERABLE)
    gateway = example("netgsm")
    assert sender.send(outgoing(TEXT)) == Postponed("provider_secret_missing_password")
    unknown = GatewaySender(guarded(wire.url), definition=lambda: None, secrets=dict, now=lambda: NOW)
    assert unknown.send(outgoing(TEXT)) == Postponed("provider_gateway_not_defined")
    assert wire.requests == []
