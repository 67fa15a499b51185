"""Text messages by Amazon SNS, straight to a phone number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from shared.adapters.aws import aws_client
from shared.adapters.provider_errors import answer_of, one_attempt
from shared.domain.messages.message import Reason
from shared.domain.templates.content import SmsContent
from shared.ports.sender import Answer, Outgoing, Refused, Unreachable

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}")
_BAD_NUMBERS = (Refused("provider_invalid_parameter"), Refused("provider_parameter_value_invalid"))
"""The text was checked before, so the parameter that SNS dislikes is the number."""
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")


def sns_client() -> SNSClient:
    return cast("SNSClient", aws_client("sns", one_attempt()))


class SnsSender:
    """``Sender`` for SMS. ``sender`` is a sender id (at most 11 letters and digits) or an origination number."""

    def __init__(self, client: SNSClient, *, sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, outgoing: Outgoing) -> Answer:
        content = outgoing.content
        if not isinstance(content, SmsContent):
            return Refused("provider_invalid_message")
        kind = "Promotional" if outgoing.purpose == "marketing" else "Transactional"
        attributes: dict[str, Any] = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": kind}}
        if _SENDER_ID.fullmatch(self._sender):
            attributes["AWS.SNS.SMS.SenderID"] = {"DataType": "String", "StringValue": self._sender}
        elif _NUMBER.fullmatch(self._sender):
            attributes["AWS.MM.SMS.OriginationNumber"] = {"DataType": "String", "StringValue": self._sender}
        answer = answer_of(
            lambda: self._client.publish(
                PhoneNumber=outgoing.address.to, Message=content.text, MessageAttributes=attributes
            ).get("MessageId", "")
        )
        return Unreachable(Reason.INVALID_NUMBER) if answer in _BAD_NUMBERS else answer
