"""Push by Amazon Pinpoint's SendMessages, by device token: what is left of Pinpoint after 2026-10-30."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, cast

from shared.adapters.aws import aws_client
from shared.adapters.provider_errors import answer_of, one_attempt
from shared.adapters.push_devices import DevicesSender
from shared.domain.messages.message import Reason
from shared.domain.messages.push_size import fitted
from shared.domain.profile.profile import PushToken
from shared.domain.templates.content import PushContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable

if TYPE_CHECKING:
    from mypy_boto3_pinpoint import PinpointClient

PAYLOAD_BYTES = 4_096
"""Of FCM and APNs."""
ENVELOPE_BYTES = 700
"""What Pinpoint puts around our values: names of fields, its ids; measured generously."""


def pinpoint_client() -> PinpointClient:
    return cast("PinpointClient", aws_client("pinpoint", one_attempt()))


class PinpointSender:
    """``Sender`` for push to apps: to the newest device that still takes it, so that a person gets a message once."""

    def __init__(
        self, client: PinpointClient, *, application: str, apns: Literal["APNS", "APNS_SANDBOX"] = "APNS"
    ) -> None:
        self._client = client
        self._application = application
        self._apns = apns

    def send(self, outgoing: Outgoing) -> Answer:
        return DevicesSender({"android": self.send_to, "ios": self.send_to}).send(outgoing)

    def send_to(self, token: PushToken, outgoing: Outgoing, content: PushContent) -> Answer:
        """One attempt to one device."""
        fitting = fitted(content, _size, PAYLOAD_BYTES - ENVELOPE_BYTES)
        if fitting is None:
            return Refused("provider_payload_too_large")
        return self._send_to(token, outgoing, fitting)

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
    """Title, body, the address behind a tap, an image, and the message id as data for the app's SDK. Without an address
    a tap opens the app."""
    leads = {"Url": content.link or content.url} if content.link or content.url else {}
    body: dict[str, Any] = {
        "Action": "DEEP_LINK" if content.link else "URL" if content.url else "OPEN_APP",
        **leads,
        "Title": content.title,
        "Body": content.body,
        "Data": {"kervan_message": outgoing.message_id},
    }
    if content.seconds_to_live:
        body["TimeToLive"] = content.seconds_to_live
    if platform == "ios":
        more = {"MediaUrl": content.image, "CollapseId": content.collapse}
        badge = {} if content.badge is None else {"Badge": content.badge}
        return {"APNSMessage": {**body, **badge, **_given(more)}}
    # The number on an Android icon is the app's own affair: FCM counts notifications.
    return {"GCMMessage": {**body, **_given({"ImageUrl": content.image, "CollapseKey": content.collapse})}}


def _given(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _size(content: PushContent) -> int:
    """Bytes of the values, as JSON that escapes every letter beyond ASCII: the most that they can become."""
    values = [content.title, content.body, content.link or content.url, content.image, content.collapse]
    return len(json.dumps(values))
