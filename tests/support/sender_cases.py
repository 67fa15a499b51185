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
from msgspec.structs import replace

from shared.adapters.email_ses import SesSender
from shared.adapters.push_pinpoint import PinpointSender
from shared.adapters.sms_end_user_messaging import EndUserMessagingSender
from shared.adapters.sms_sns import SnsSender
from shared.domain.messages.address import Address
from shared.domain.messages.message import Reason
from shared.domain.profile.profile import PushToken
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
    tokens: tuple[PushToken, ...] = ()
    repeats: bool = False
    """Whether a 5xx is definite: a message that goes out twice replaces itself."""
    secure: bool = False
    """Whether its provider is called by HTTPS only."""
    address: Address | None = None
    """Of a channel that shares its kind of content with another."""

    def message(self, content: Content | None = None) -> Outgoing:
        """A message to somebody whom this sender reaches."""
        made = outgoing(content or self.content, tokens=self.tokens)
        return made if self.address is None else replace(made, address=self.address)

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

AWS_CASES = (SES, SNS, END_USER_MESSAGING, PINPOINT)
