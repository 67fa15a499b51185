"""Senders: the fake and the adapters keep the same promises; what goes over the wire is what the provider reads."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError
from moto import mock_aws
from moto.sesv2.models import sesv2_backends
from moto.sns.models import sns_backends
from msgspec import structs

from shared.adapters.email_ses import SesSender, from_address
from shared.adapters.provider_errors import answer_of, of_code, one_attempt, snake
from shared.adapters.push_pinpoint import PinpointSender, of_delivery
from shared.adapters.sms_sns import SnsSender
from shared.domain.messages.address import Address
from shared.domain.messages.message import Reason
from shared.domain.profile.profile import PushToken
from shared.domain.templates.content import Content, ContentFile, EmailContent, PushContent, SmsContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Sender, Unreachable
from tests.unit.notify.world import FakeSender

pytestmark = pytest.mark.contract

REGION = "eu-central-1"
DEFAULT_ACCOUNT_ID = "123456789012"  # moto's
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
MAIL = EmailContent("Ayşe, sepetiniz sizi bekliyor", "<p>Merhaba</p>", "Merhaba\n")
TEXT = SmsContent("Sepetiniz sizi bekliyor, Ayse")
PUSH = PushContent("Sepetiniz sizi bekliyor", "Keten Elbise", "https://kervan.example/cart", "https://i.example/p.jpg")


def outgoing(content: Content, *tokens: PushToken) -> Outgoing:
    channel, to = {
        EmailContent: ("email", "ayse@example.com"),
        SmsContent: ("sms", "+905321112233"),
        PushContent: ("push", ""),
    }[type(content)]
    return Outgoing(
        message_id="abc234",
        address=Address(channel, "e.key", to=to, tokens=tokens),
        content=content,
        sender_name="Kervan Moda",
        purpose="marketing",
        headers={
            "List-Unsubscribe": "<https://api.example/v1/unsubscribe/t>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        if channel == "email"
        else {},
        tags={"journey": "cart-recovery", "step": "reminder"},
    )


def client(service: str, **more: Any) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=one_attempt(),
        **more,
    )


@dataclass
class Wire:
    """A Pinpoint that answers per token as told and keeps the requests."""

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    url: str = ""


@pytest.fixture
def wire() -> Iterator[Wire]:
    kept = Wire()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            kept.requests.append((self.path, body))
            if kept.status != 200:
                return self._answer(kept.status, {"Message": "no"}, {"x-amzn-errortype": "TooManyRequestsException"})
            success = {"DeliveryStatus": "SUCCESSFUL", "StatusCode": 200, "MessageId": "push-1"}
            result = {token: kept.results.get(token, success) for token in body["Addresses"]}
            return self._answer(200, {"ApplicationId": "app", "RequestId": "r", "Result": result}, {})

        def _answer(self, status: int, content: Any, headers: dict[str, str]) -> None:
            raw = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", "content-length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["fake", "ses", "sns", "pinpoint"])
def case(request: pytest.FixtureRequest, wire: Wire) -> Iterator[tuple[Sender, Outgoing]]:
    token = PushToken("android-1", "android", NOW)
    match request.param:
        case "fake":
            yield FakeSender(), outgoing(MAIL)
        case "pinpoint":
            yield PinpointSender(client("pinpoint", endpoint_url=wire.url), application="app"), outgoing(PUSH, token)
        case name:
            with mock_aws():
                if name == "ses":
                    ses = client("sesv2")
                    ses.create_email_identity(EmailIdentity="kervan.example")
                    yield SesSender(ses, sender="merhaba@kervan.example", configuration_set=""), outgoing(MAIL)
                else:
                    yield SnsSender(client("sns"), sender="KERVAN"), outgoing(TEXT)


def test_a_message_is_accepted_with_the_providers_id(case: tuple[Sender, Outgoing]) -> None:
    """Every sender says Accepted, with an id by which the provider knows the message."""
    sender, message = case
    answer = sender.send(message)
    assert isinstance(answer, Accepted)
    assert answer.provider_id


@mock_aws
def test_what_ses_gets() -> None:
    """Sender with the shop's name, one recipient, both bodies in UTF-8."""
    ses = client("sesv2")
    ses.create_email_identity(EmailIdentity="kervan.example")
    SesSender(ses, sender="merhaba@kervan.example", configuration_set="").send(outgoing(MAIL))
    (sent,) = sesv2_backends[DEFAULT_ACCOUNT_ID][REGION].core_backend.sent_messages
    assert sent.source == "Kervan Moda <merhaba@kervan.example>"
    assert sent.destinations["ToAddresses"] == ["ayse@example.com"]
    assert sent.subject == MAIL.subject


def test_the_request_to_ses_holds_headers_tags_and_the_configuration_set() -> None:
    """One-click headers, the message id as a tag for feedback, tag values in SES's alphabet, both bodies."""
    request = SesSender(None, sender="m@kervan.example", configuration_set="kervan-prod")._request(  # type: ignore[arg-type]
        outgoing(MAIL), MAIL
    )
    assert request["ConfigurationSetName"] == "kervan-prod"
    assert {"Name": "kervan_message", "Value": "abc234"} in request["EmailTags"]
    simple = request["Content"]["Simple"]
    assert {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"} in simple["Headers"]
    assert simple["Body"]["Text"] == {"Data": "Merhaba\n", "Charset": "UTF-8"}
    assert "ReplyToAddresses" not in request


def test_ses_gets_the_files_of_an_answer() -> None:
    """Each as it is, as a download; a mail without files has none."""
    sender = SesSender(None, sender="m@kervan.example", configuration_set="")  # type: ignore[arg-type]
    content = EmailContent("s", "<p>x</p>", "x", (ContentFile("şema.png", "image/png", b"\x89PNG"),))
    (attached,) = sender._request(outgoing(content), content)["Content"]["Simple"]["Attachments"]
    assert (attached["FileName"], attached["RawContent"]) == ("şema.png", b"\x89PNG")
    assert (attached["ContentType"], attached["ContentDisposition"]) == ("image/png", "ATTACHMENT")
    assert "Attachments" not in sender._request(outgoing(MAIL), MAIL)["Content"]["Simple"]


def test_people_answer_to_the_mailbox() -> None:
    sender = SesSender(None, sender="m@kervan.example", configuration_set="", reply_to="destek@kervan.example")  # type: ignore[arg-type]
    assert sender._request(outgoing(MAIL), MAIL)["ReplyToAddresses"] == ["destek@kervan.example"]


@mock_aws
def test_what_sns_gets() -> None:
    """The number, the text, the type of message; a sender id only if it is one."""
    SnsSender(client("sns"), sender="KERVAN").send(outgoing(TEXT))
    ((number, text, *_),) = sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values()
    assert (number, text) == ("+905321112233", TEXT.text)


def test_the_request_to_sns() -> None:
    """Promotional for marketing; a sender id or an origination number, whichever the setting is."""
    asked: list[dict[str, Any]] = []

    class Taking:
        def publish(self, **request: Any) -> Any:
            asked.append(request["MessageAttributes"])
            return {"MessageId": "m"}

    for sender in ("KERVAN", "+15550001111", ""):
        SnsSender(Taking(), sender=sender).send(outgoing(TEXT))  # type: ignore[arg-type]
    assert [attributes["AWS.SNS.SMS.SMSType"]["StringValue"] for attributes in asked] == ["Promotional"] * 3
    assert asked[0]["AWS.SNS.SMS.SenderID"]["StringValue"] == "KERVAN"
    assert asked[1]["AWS.MM.SMS.OriginationNumber"]["StringValue"] == "+15550001111"
    assert len(asked[2]) == 1


def test_what_pinpoint_gets(wire: Wire) -> None:
    """A token in Addresses with its channel type, never an endpoint; title, body, link, image and the id as data."""
    sender = PinpointSender(client("pinpoint", endpoint_url=wire.url), application="app")
    sender.send(outgoing(PUSH, PushToken("a1", "android", NOW)))
    sender.send(outgoing(PUSH, PushToken("i1", "ios", NOW)))
    (path, android), (_, ios) = wire.requests
    assert path == "/v1/apps/app/messages"
    assert android["Addresses"] == {"a1": {"ChannelType": "GCM"}}
    message = android["MessageConfiguration"]["GCMMessage"]
    assert (message["Title"], message["Body"], message["Url"]) == (PUSH.title, PUSH.body, PUSH.url)
    assert message["Data"] == {"kervan_message": "abc234"}
    assert message["ImageUrl"] == PUSH.image
    assert ios["Addresses"] == {"i1": {"ChannelType": "APNS"}}
    assert ios["MessageConfiguration"]["APNSMessage"]["MediaUrl"] == PUSH.image


def test_a_dead_token_gives_way_to_the_next_newest(wire: Wire) -> None:
    """Tokens are tried one at a time, only after the one before is definitely dead; the dead ones are told."""
    wire.results["dead"] = {"DeliveryStatus": "PERMANENT_FAILURE", "StatusCode": 410}
    sender = PinpointSender(client("pinpoint", endpoint_url=wire.url), application="app")
    tokens = [PushToken(name, "android", NOW) for name in ("dead", "alive", "never")]
    assert sender.send(outgoing(PUSH, *tokens)) == Accepted("push-1", ("dead",))
    assert [list(body["Addresses"]) for _, body in wire.requests] == [["dead"], ["alive"]]
    assert sender.send(outgoing(PUSH, tokens[0])) == Unreachable(Reason.DEAD_TOKEN, ("dead",))


@pytest.mark.parametrize(
    ("code", "status", "answer"),
    [
        ("ThrottlingException", 400, Postponed("throttled")),
        ("TooManyRequestsException", 429, Postponed("throttled")),
        ("Anything", 429, Postponed("throttled")),
        ("AccountSuspendedException", 400, Postponed("provider_account_suspended")),
        ("SendingPausedException", 400, Postponed("provider_sending_paused")),
        ("AccessDeniedException", 403, Postponed("provider_access_denied")),
        ("MessageRejected", 400, Refused("provider_message_rejected")),
        ("BadRequestException", 400, Refused("provider_bad_request")),
        ("OptedOut", 400, Unreachable(Reason.OPTED_OUT)),
        ("InternalServiceErrorException", 500, Ambiguous("provider_internal_service_error")),
        ("ServiceUnavailable", 503, Ambiguous("provider_service_unavailable")),
        ("", 502, Ambiguous("provider_error")),
    ],
)
def test_errors_are_told_apart_by_code(code: str, status: int, answer: Answer) -> None:
    """Definite: throttles, ours to repair, refused, unreachable. A 5xx may hide a yes."""
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert of_code(response) == answer

    def call() -> str:
        raise ClientError(response, "SendEmail")

    assert answer_of(call) == answer


def test_what_never_left_and_what_may_have() -> None:
    """Exceptions of the SDK: before the request left, or after."""
    told = [
        (EndpointConnectionError(endpoint_url="x"), Postponed),
        (ParamValidationError(report="x"), Refused),
        (ReadTimeoutError(endpoint_url="x"), Ambiguous),
    ]
    for error, kind in told:

        def call(error: Exception = error) -> str:
            raise error

        assert isinstance(answer_of(call), kind)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ({"DeliveryStatus": "SUCCESSFUL", "MessageId": "m"}, Accepted("m")),
        ({"DeliveryStatus": "DUPLICATE", "MessageId": "m"}, Accepted("m")),
        ({"DeliveryStatus": "PERMANENT_FAILURE", "StatusCode": 410}, Unreachable(Reason.DEAD_TOKEN)),
        ({"DeliveryStatus": "PERMANENT_FAILURE", "StatusCode": 403}, Unreachable(Reason.UNDELIVERABLE)),
        ({"DeliveryStatus": "OPT_OUT"}, Unreachable(Reason.OPTED_OUT)),
        ({"DeliveryStatus": "THROTTLED"}, Postponed("throttled")),
        ({"DeliveryStatus": "TEMPORARY_FAILURE"}, Ambiguous("provider_temporary_failure")),
        ({"DeliveryStatus": "TIMEOUT"}, Ambiguous("provider_timeout")),
        ({"DeliveryStatus": "UNKNOWN_FAILURE"}, Ambiguous("provider_unknown_failure")),
        ({}, Ambiguous("provider_no_result")),
    ],
)
def test_each_delivery_status_of_pinpoint(result: dict[str, Any], answer: Answer) -> None:
    """All of the service's words, and a result that is missing."""
    assert of_delivery(result) == answer


def test_a_bad_number_is_unreachable() -> None:
    """SNS's InvalidParameter speaks of the number: the next channel is tried."""

    class Disliking:
        def publish(self, **_: Any) -> Any:
            raise ClientError(
                {"Error": {"Code": "InvalidParameter"}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]
                "Publish",
            )

    assert SnsSender(Disliking(), sender="").send(outgoing(TEXT)) == Unreachable(Reason.INVALID_NUMBER)  # type: ignore[arg-type]


def test_names_and_codes() -> None:
    """A name with Turkish letters is encoded for a header; codes become stable words."""
    assert from_address("Şile Moda", "a@b.example") == "=?utf-8?q?=C5=9Eile_Moda?= <a@b.example>"
    assert from_address('Kervan, "Moda"', "a@b.example") == '"Kervan, \\"Moda\\"" <a@b.example>'
    assert snake("MailFromDomainNotVerifiedException") == "mail_from_domain_not_verified"


def test_what_pinpoint_gets_of_a_message_with_more(wire: Wire) -> None:
    """A place in the app, the key under which a newer one replaces it, its time to live, and a number for iOS."""
    sender = PinpointSender(client("pinpoint", endpoint_url=wire.url), application="app")
    content = structs.replace(PUSH, link="shop://cart", badge=2, collapse="cart", seconds_to_live=3600)
    for platform in ("android", "ios"):
        sender.send(outgoing(content, PushToken("t", platform, NOW)))
    (_, android), (_, ios) = wire.requests
    of_android = android["MessageConfiguration"]["GCMMessage"]
    of_ios = ios["MessageConfiguration"]["APNSMessage"]
    for message in (of_android, of_ios):
        assert (message["Action"], message["Url"], message["TimeToLive"]) == ("DEEP_LINK", "shop://cart", 3600)
    assert of_android["CollapseKey"] == of_ios["CollapseId"] == "cart"
    assert (of_ios["Badge"], "Badge" in of_android) == (2, False)


def test_a_push_message_that_is_too_long_is_shortened(wire: Wire) -> None:
    """The body gives way until 4 KB hold everything; addresses are never cut."""
    sender = PinpointSender(client("pinpoint", endpoint_url=wire.url), application="app")
    content = PushContent("t", "ş" * 240, "https://kervan.example/" + "u" * 1_900, "https://i.example/" + "i" * 900)
    assert isinstance(sender.send(outgoing(content, PushToken("a1", "android", NOW))), Accepted)
    ((_, request),) = wire.requests
    message = request["MessageConfiguration"]["GCMMessage"]
    assert message["Url"] == content.url
    assert message["Body"].endswith("ş…")
    assert len(json.dumps(message)) < 4_096
    long = structs.replace(content, url="https://kervan.example/" + "u" * 4_000)
    assert sender.send(outgoing(long, PushToken("a1", "android", NOW))) == Refused("provider_payload_too_large")
