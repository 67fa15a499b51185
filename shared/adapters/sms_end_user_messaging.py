"""Text messages by AWS End User Messaging (``SendTextMessage``): a price limit, and delivery reports by message id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from shared.adapters.aws import aws_client
from shared.adapters.provider_errors import answer_of, of_code, one_attempt, snake
from shared.domain.events.sms_reports import MESSAGE_CONTEXT
from shared.domain.messages.message import Reason
from shared.domain.templates.content import SmsContent
from shared.ports.sender import Answer, Outgoing, Postponed, Refused, Unreachable

if TYPE_CHECKING:
    from mypy_boto3_pinpoint_sms_voice_v2 import PinpointSMSVoiceV2Client

_COUNTRY = frozenset(
    {
        "COUNTRY_CODE_MISMATCH", "COUNTRY_NOT_ENABLED", "DESTINATION_COUNTRY_BLOCKED",
        "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
        "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE", "INTERNATIONAL_SENDING_NOT_SUPPORTED",
        "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", "PRICE_OVER_THRESHOLD",
    }
)  # fmt: skip
"""This number is not reached by us, and another channel may reach the customer."""
_OURS = frozenset(
    {
        "CHANNEL_NOT_ENABLED", "INVALID_ARN", "INVALID_REGISTRATION_ASSOCIATION", "RESOURCE_NOT_ACCESSIBLE",
        "SENDER_ID_NOT_REGISTERED", "SENDER_ID_NOT_SUPPORTED", "SENDER_ID_REQUIRES_REGISTRATION",
    }
)  # fmt: skip
"""Reasons of ``ValidationException`` that an operator repairs; the message waits for that."""
_NUMBER_FIELD = "DestinationPhoneNumber"


def end_user_messaging_client() -> PinpointSMSVoiceV2Client:
    return cast("PinpointSMSVoiceV2Client", aws_client("pinpoint-sms-voice-v2", one_attempt()))


class EndUserMessagingSender:
    """``Sender`` for SMS.

    Parameters
    ----------
    sender
        The origination identity: a sender id, a number, a pool, or the ARN of one of them.
    configuration_set
        Its event destination reports deliveries; empty for none.
    max_price
        Most that one text message may cost, in US dollars (``"0.15"``); empty for no limit.
    """

    def __init__(
        self, client: PinpointSMSVoiceV2Client, *, sender: str, configuration_set: str = "", max_price: str = ""
    ) -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set
        self._max_price = max_price

    def send(self, outgoing: Outgoing) -> Answer:
        content = outgoing.content
        if not isinstance(content, SmsContent):
            return Refused("provider_invalid_message")
        request = self._request(outgoing, content)
        return answer_of(lambda: self._client.send_text_message(**request).get("MessageId", ""), of_refusal)

    def _request(self, outgoing: Outgoing, content: SmsContent) -> dict[str, Any]:
        request: dict[str, Any] = {
            "DestinationPhoneNumber": outgoing.address.to,
            "OriginationIdentity": self._sender,
            "MessageBody": content.text,
            "MessageType": "PROMOTIONAL" if outgoing.purpose == "marketing" else "TRANSACTIONAL",
            "Context": {MESSAGE_CONTEXT: outgoing.message_id},
        }
        optional = {"ConfigurationSetName": self._configuration_set, "MaxPrice": self._max_price}
        return request | {name: value for name, value in optional.items() if value}


def of_refusal(response: Any) -> Answer:
    """From the service's error; its ``Reason`` tells whether the number, the message or the account is meant."""
    reason = str(response.get("Reason", ""))
    if reason == "DESTINATION_PHONE_NUMBER_OPTED_OUT":
        return Unreachable(Reason.OPTED_OUT)
    if reason in _COUNTRY:
        return Unreachable(Reason.UNDELIVERABLE)
    if reason in _OURS:
        return Postponed(f"provider_{snake(reason)}")
    fields = response.get("Fields")
    if any(isinstance(one, dict) and one.get("Name") == _NUMBER_FIELD for one in fields or ()):
        return Unreachable(Reason.INVALID_NUMBER)
    return of_code(response)
