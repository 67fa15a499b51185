"""Push by Amazon Pinpoint's SendMessages, by device token: what is left of Pinpoint after 2026-10-30."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from shared.adapters.aws import aws_client
from shared.adapters.provider_errors import answer_of, one_attempt
from shared.domain.messages.message import Reason
from shared.domain.profile.profile import PushToken
from shared.domain.templates.content import PushContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

TRIES = 5
"""Tokens tried for one message, each only after the one before is definitely dead."""


def pinpoint_client() -> PinpointClient:
    return cast("PinpointClient", aws_client("pinpoint", one_attempt()))


class PinpointSender:
    """``Sender`` for push: to the newest device that still takes it, so that a person gets a message once."""

    def __init__(
        self, client: PinpointClient, *, application: str, apns: Literal["APNS", "APNS_SANDBOX"] = "APNS"
    ) -> None:
        self._client = client
        self._application = application
        self._apns = apns

    def send(self, outgoing: Outgoing) -> Answer:
        content = outgoing.content
        if not isinstance(content, PushContent):
            return Refused("provider_invalid_message")
        dead: list[str] = []
        for token in outgoing.address.tokens[:TRIES]:
            answer = self._send_to(token, outgoing, content)
            if not (isinstance(answer, Unreachable) and answer.reason == Reason.DEAD_TOKEN):
                return _with_dead(answer, tuple(dead))
            dead.append(token.token)
        return Unreachable(Reason.DEAD_TOKEN, tuple(dead))

    def _send_to(self, token: PushToken, outgoing: Outgoing, content: PushContent) -> Answer:
        found: dict[str, Any] = {}

        def call() -> str:
            answer = self._client.send_messages(
                ApplicationId=self._application,
                MessageRequest={
                    "Addresses": {token.token: {"ChannelType": self._apns if token.platform == "ios" else "GCM"}},
                    "MessageConfiguration": cast("Any", _configuration(outgoing, content, token.platform)),
                },
            )
            found.update(answer["MessageResponse"].get("Result", {}).get(token.token, {}))
            return str(found.get("MessageId", ""))

        answer = answer_of(call)
        return of_delivery(found) if isinstance(answer, Accepted) else answer


def of_delivery(result: dict[str, Any]) -> Answer:
    """What the per-address result says. A temporary failure may come after the device service took it: ambiguous."""
    status = result.get("DeliveryStatus", "")
    match status:
        case "SUCCESSFUL" | "DUPLICATE":
            return Accepted(str(result.get("MessageId", "")))
        case "PERMANENT_FAILURE":
            gone = result.get("StatusCode") in {400, 404, 410}
            return Unreachable(Reason.DEAD_TOKEN if gone else Reason.UNDELIVERABLE)
        case "OPT_OUT":
            return Unreachable(Reason.OPTED_OUT)
        case "THROTTLED":
            return Postponed("throttled")
        case _:
            return Ambiguous(f"provider_{status.lower() or 'no_result'}")


def _configuration(outgoing: Outgoing, content: PushContent, platform: str) -> dict[str, Any]:
    """Title, body, the address behind a tap, an image, and the message id as data for the app's SDK."""
    body: dict[str, Any] = {
        "Action": "URL",
        "Url": content.url,
        "Title": content.title,
        "Body": content.body,
        "Data": {"kervan_message": outgoing.message_id},
    }
    if platform == "ios":
        return {"APNSMessage": {**body, **({"MediaUrl": content.image} if content.image else {})}}
    return {"GCMMessage": {**body, **({"ImageUrl": content.image} if content.image else {})}}


def _with_dead(answer: Answer, dead: tuple[str, ...]) -> Answer:
    match answer:
        case Accepted(provider_id):
            return Accepted(provider_id, dead)
        case Unreachable(reason):
            return Unreachable(reason, dead)
        case Postponed(reason):
            return Postponed(reason, dead)
        case Ambiguous(reason):
            return Ambiguous(reason, dead)
        case Refused():
            return answer
