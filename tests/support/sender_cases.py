"""Each sender with its provider's wire: how it is made, what a yes looks like, and every error that is documented."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config

from shared.adapters.email_ses import SesSender
from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.push_pinpoint import PinpointSender
from shared.adapters.sms_end_user_messaging import EndUserMessagingSender
from shared.adapters.sms_gateway import GatewaySender
from shared.adapters.sms_sns import SnsSender
from shared.domain.messages.address import Address
from shared.domain.messages.message import Reason
from shared.domain.profile.profile import PushToken
from shared.domain.senders.gateway import Gateway
from shared.domain.templates.content import Content, EmailContent, PushContent, SmsContent
from shared.ports.sender import Ambiguous, Answer, Outgoing, Postponed, Refused, Sender, Unreachable
from tests.support.certificates import contexts
from tests.support.provider_wire import Wire, WireAnswer, provider_wire

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
MAIL = EmailContent("Ayşe, sepetiniz sizi bekliyor", "<p>Merhaba</p>", "Merhaba\n")
TEXT = SmsContent("Sepetiniz sizi bekliyor, Ayse")
PUSH = PushContent("Sepetiniz sizi bekliyor", "Keten Elbise", "https://kervan.example/cart", "https://i.example/p.jpg")
READ_SECONDS = 0.4

Refusals = dict[str, tuple[WireAnswer, Answer]]


@dataclass(frozen=True)
class SenderCase:
    """``refusals``: what the provider may answer, by a name, and what it means. ``service`` and ``operation``: where
    botocore's model lists the errors of the call."""

    name: str
    make: Callable[[str], Sender]
    content: Content
    accepted: WireAnswer
    refusals: Refusals
    service: str = ""
    operation: str = ""
    secure: bool = False
    """Whether its provider is called by HTTPS only."""

    def wire(self) -> AbstractContextManager[Wire]:
        """A server that plays the provider."""
        return provider_wire(tls=contexts()[0] if self.secure else None)


def outgoing(content: Content, *, purpose: str = "marketing", tokens: tuple[PushToken, ...] = ()) -> Outgoing:
    """A message with this content, to an address of its channel."""
    match content:
        case EmailContent():
            address = Address("email", "e.key", to="ayse@example.com")
        case SmsContent():
            address = Address("sms", "p.key", to="+905321112233")
        case PushContent():
            address = Address("push", "t.key", tokens=tokens or (PushToken("android-1", "android", NOW),))
    return Outgoing("abc234", address, content, "Kervan Moda", purpose, {}, {"journey": "cart", "step": "one"})


def aws(service: str, url: str, **more: Any) -> Any:
    """A client of the service at this address: one attempt, and little patience."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=READ_SECONDS),
        **more,
    )


def rest(status: int, code: str, **more: Any) -> WireAnswer:
    """An error of a service that speaks REST and JSON."""
    return WireAnswer(status, json.dumps({"message": "no", **more}).encode(), {"x-amzn-errortype": code})


def query(status: int, code: str) -> WireAnswer:
    """An error of a service that speaks XML."""
    error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>no</Message></Error>"
    return WireAnswer(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode())


def json_rpc(status: int, code: str, **more: Any) -> WireAnswer:
    """An error of a service that speaks JSON to one address."""
    return WireAnswer(status, json.dumps({"__type": code, "Message": "no", **more}).encode())


def _rest_errors(named: dict[str, tuple[int, Answer]]) -> Refusals:
    return {code: (rest(status, code), answer) for code, (status, answer) in named.items()}


def closed(word: str) -> Postponed:
    return Postponed(f"provider_{word}")


THROTTLED = Postponed("throttled")
_FOR_ALL: dict[str, tuple[int, Answer]] = {
    "ThrottlingException": (400, THROTTLED),
    "RequestTimeout": (400, THROTTLED),
    "AccessDeniedException": (403, closed("access_denied")),
    "ExpiredTokenException": (403, closed("expired_token")),
    "InvalidSignatureException": (403, closed("invalid_signature")),
    "InternalFailure": (500, Ambiguous("provider_internal_failure")),
    "ServiceUnavailable": (503, Ambiguous("provider_service_unavailable")),
}

SES = SenderCase(
    "ses",
    lambda url: SesSender(aws("sesv2", url), sender="m@kervan.example", configuration_set=""),
    MAIL,
    WireAnswer(body=b'{"MessageId": "mail-1"}'),
    _rest_errors(
        {
            **_FOR_ALL,
            "TooManyRequestsException": (429, THROTTLED),
            "LimitExceededException": (400, THROTTLED),
            "AccountSuspendedException": (400, closed("account_suspended")),
            "SendingPausedException": (400, closed("sending_paused")),
            "MailFromDomainNotVerifiedException": (400, closed("mail_from_domain_not_verified")),
            "NotFoundException": (404, closed("not_found")),
            "MessageRejected": (400, Refused("provider_message_rejected")),
            "BadRequestException": (400, Refused("provider_bad_request")),
        }
    ),
    "sesv2",
    "SendEmail",
)

_SNS: dict[str, tuple[int, Answer]] = {
    **_FOR_ALL,
    "InvalidParameter": (400, Unreachable(Reason.INVALID_NUMBER)),
    "ParameterValueInvalid": (400, Unreachable(Reason.INVALID_NUMBER)),
    "OptedOut": (400, Unreachable(Reason.OPTED_OUT)),
    "InternalError": (500, Ambiguous("provider_internal")),
    "NotFound": (404, closed("not_found")),
    "EndpointDisabled": (400, Refused("provider_endpoint_disabled")),
    "PlatformApplicationDisabled": (400, Refused("provider_platform_application_disabled")),
    "AuthorizationError": (403, closed("authorization")),
    "KMSDisabled": (400, closed("kmsdisabled")),
    "KMSInvalidState": (400, closed("kmsinvalid_state")),
    "KMSNotFound": (400, closed("kmsnot_found")),
    "KMSOptInRequired": (403, closed("kmsopt_in_required")),
    "KMSThrottling": (400, THROTTLED),
    "KMSAccessDenied": (400, closed("kmsaccess_denied")),
    "InvalidSecurity": (403, closed("invalid_security")),
    "ValidationException": (400, Refused("provider_validation")),
}
SNS = SenderCase(
    "sns",
    lambda url: SnsSender(aws("sns", url), sender="KERVAN"),
    TEXT,
    WireAnswer(body=b"<PublishResponse><PublishResult><MessageId>text-1</MessageId></PublishResult></PublishResponse>"),
    {code: (query(status, code), answer) for code, (status, answer) in _SNS.items()},
    "sns",
    "Publish",
)

_END_USER_MESSAGING: dict[str, tuple[WireAnswer, Answer]] = {
    **{code: (json_rpc(status, code), answer) for code, (status, answer) in _FOR_ALL.items()},
    "ServiceQuotaExceededException": (
        json_rpc(400, "ServiceQuotaExceededException", Reason="MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
        closed("service_quota_exceeded"),
    ),
    "ResourceNotFoundException": (json_rpc(400, "ResourceNotFoundException"), closed("resource_not_found")),
    "ConflictException": (json_rpc(400, "ConflictException", Reason="RESOURCE_NOT_ACTIVE"), closed("conflict")),
    "unverified": (
        json_rpc(400, "ConflictException", Reason="DESTINATION_PHONE_NUMBER_NOT_VERIFIED"),
        closed("conflict"),
    ),
    "opted out": (
        json_rpc(400, "ConflictException", Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT"),
        Unreachable(Reason.OPTED_OUT),
    ),
    "ValidationException": (
        json_rpc(400, "ValidationException", Reason="INVALID_REQUEST"),
        Refused("provider_validation"),
    ),
    "number": (
        json_rpc(400, "ValidationException", Reason="INVALID_PARAMETER", Fields=[{"Name": "DestinationPhoneNumber"}]),
        Unreachable(Reason.INVALID_NUMBER),
    ),
    "body": (
        json_rpc(400, "ValidationException", Reason="INVALID_PARAMETER", Fields=[{"Name": "MessageBody"}]),
        Refused("provider_validation"),
    ),
    "country": (
        json_rpc(400, "ValidationException", Reason="DESTINATION_COUNTRY_BLOCKED"),
        Unreachable(Reason.UNDELIVERABLE),
    ),
    "price": (
        json_rpc(400, "ValidationException", Reason="PRICE_OVER_THRESHOLD"),
        Unreachable(Reason.UNDELIVERABLE),
    ),
    "sender id": (
        json_rpc(400, "ValidationException", Reason="SENDER_ID_NOT_REGISTERED"),
        closed("sender_id_not_registered"),
    ),
    "InternalServerException": (json_rpc(500, "InternalServerException"), Ambiguous("provider_internal_server")),
}
END_USER_MESSAGING = SenderCase(
    "end_user_messaging",
    lambda url: EndUserMessagingSender(
        aws("pinpoint-sms-voice-v2", url), sender="KERVAN", configuration_set="kervan-dev", max_price="0.15"
    ),
    TEXT,
    WireAnswer(body=b'{"MessageId": "text-1"}'),
    _END_USER_MESSAGING,
    "pinpoint-sms-voice-v2",
    "SendTextMessage",
)


def delivery(**result: Any) -> WireAnswer:
    """Pinpoint's answer about the token ``android-1``."""
    response = {"ApplicationId": "app", "RequestId": "r", "Result": {"android-1": result}}
    return WireAnswer(body=json.dumps(response).encode())


PINPOINT = SenderCase(
    "pinpoint",
    lambda url: PinpointSender(aws("pinpoint", url), application="app"),
    PUSH,
    delivery(DeliveryStatus="SUCCESSFUL", StatusCode=200, MessageId="push-1"),
    {
        **_rest_errors(
            {
                **_FOR_ALL,
                "BadRequestException": (400, Refused("provider_bad_request")),
                "InternalServerErrorException": (500, Ambiguous("provider_internal_server_error")),
                "PayloadTooLargeException": (413, Refused("provider_payload_too_large")),
                "ForbiddenException": (403, closed("forbidden")),
                "NotFoundException": (404, closed("not_found")),
                "MethodNotAllowedException": (405, closed("method_not_allowed")),
                "TooManyRequestsException": (429, THROTTLED),
            }
        ),
        "dead token": (
            delivery(DeliveryStatus="PERMANENT_FAILURE", StatusCode=410),
            Unreachable(Reason.DEAD_TOKEN, ("android-1",)),
        ),
        "throttled token": (delivery(DeliveryStatus="THROTTLED", StatusCode=429), THROTTLED),
        "failed for now": (
            delivery(DeliveryStatus="TEMPORARY_FAILURE", StatusCode=500),
            Ambiguous("provider_temporary_failure"),
        ),
    },
    "pinpoint",
    "SendMessages",
)


def guarded(url: str) -> GuardedHttps:
    """HTTPS that reaches the test's server, whatever host is named."""
    port = int(url.rpartition(":")[2])
    return GuardedHttps(
        permitted=lambda _: True, resolve=lambda _host, _port: [("127.0.0.1", port)], context=contexts()[1]
    )


GATEWAY_DEFINITION: dict[str, Any] = {
    "sender": "operator",
    "country": "90",
    "by_purpose": {"marketing": {"iys": "11"}, "transactional": {"iys": "0"}},
    "request": {
        "url": "https://sms.example.com/v2/send?channel=api",
        "headers": {"X-Account": "{{ secret.account }}"},
        "basic_auth": {"user": "user", "password": "password"},
        "signature": {"secret": "signing"},
        "timeout": 1,
        "body": {
            "json": {
                "header": "KERVAN",
                "iys": "{{ iys }}",
                "ref": "{{ message_id }}",
                "messages": [{"msg": "{{ text }}", "no": "{{ to.national }}"}],
            }
        },
    },
    "answer": {
        "accepted": [{"status": 200, "json": {"code": ["00", "01"]}}],
        "unreachable": [
            {"json": {"code": "50"}, "reason": "invalid_number"},
            {"json": {"code": "51"}, "reason": "opted_out"},
            {"json": {"code": "52"}},
        ],
        "refused": [{"json": {"code": "20"}, "reason": "text"}],
        "retry": [{"status": "5xx", "text": "maintenance"}, {"json": {"code": ["30", "80"]}, "reason": "account"}],
        "id": {"json": "jobid"},
    },
}
GATEWAY_SECRETS = {"account": "77", "user": "kervan", "password": "p:w", "signing": "s3cret"}


def coded(code: str, status: int = 200) -> WireAnswer:
    return WireAnswer(status, json.dumps({"code": code, "jobid": "17377215342605050417149344"}).encode())


GATEWAY = SenderCase(
    "gateway",
    lambda url: GatewaySender(
        guarded(url),
        definition=lambda: Gateway.model_validate(GATEWAY_DEFINITION),
        secrets=lambda: GATEWAY_SECRETS,
        now=lambda: NOW,
    ),
    TEXT,
    coded("00"),
    {
        "invalid number": (coded("50"), Unreachable(Reason.INVALID_NUMBER)),
        "opted out": (coded("51", 406), Unreachable(Reason.OPTED_OUT)),
        "unreachable": (coded("52"), Unreachable(Reason.UNDELIVERABLE)),
        "text": (coded("20", 406), Refused("provider_text")),
        "account": (coded("30", 406), closed("account")),
        "maintenance": (WireAnswer(503, b"<p>maintenance until 3</p>"), THROTTLED),
        "accepted with another status": (coded("00", 500), Ambiguous("provider_status_500")),
        "unknown code": (coded("99"), Ambiguous("provider_status_200")),
        "401": (WireAnswer(401), closed("status_401")),
        "429": (WireAnswer(429), THROTTLED),
        "404": (WireAnswer(404), Refused("provider_status_404")),
        "502": (WireAnswer(502), Ambiguous("provider_status_502")),
        "redirect": (WireAnswer(302, headers={"location": "https://other.example/"}), Ambiguous("provider_status_302")),
    },
    secure=True,
)

CASES = (SES, SNS, END_USER_MESSAGING, PINPOINT, GATEWAY)
