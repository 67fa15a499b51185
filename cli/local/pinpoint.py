"""Amazon Pinpoint's SendMessages as it is on the wire, for push; what was sent is kept instead of delivered.

``POST /v1/apps/{app}/messages`` answers like the service, per address. Tokens can be tried by their first letters:
``dead-`` is gone for good (410), ``slow-`` is throttled (429), ``flaky-`` fails for now (500); others are delivered.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

_PATH = re.compile(r"/v1/apps/([^/]+)/messages")
_OUTCOMES = {
    "dead-": ("PERMANENT_FAILURE", 410, "The token is no longer registered"),
    "slow-": ("THROTTLED", 429, "Too many requests for this token"),
    "flaky-": ("TEMPORARY_FAILURE", 500, "The service of the device's maker did not answer"),
}
MOST_ADDRESSES = 100
"""Of one SendMessages call (facts: AWS)."""


class PushCapture:
    """Takes push messages, keeps them in memory and as lines of a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.messages: list[dict[str, Any]] = read_captured(file)

    def serves(self, method: str, path: str) -> bool:
        return method == "POST" and _PATH.fullmatch(path) is not None

    def send(self, path: str, body: bytes, now: float | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer of one SendMessages call; ``now`` in epoch seconds."""
        match = _PATH.fullmatch(path)
        try:
            request = json.loads(body)
            addresses = dict(request["Addresses"])
            configuration = dict(request["MessageConfiguration"])
        except (ValueError, KeyError, TypeError):
            return 400, _refusal("the request has no Addresses or no MessageConfiguration")
        if not addresses or len(addresses) > MOST_ADDRESSES:
            return 400, _refusal(f"between 1 and {MOST_ADDRESSES} addresses are allowed, not {len(addresses)}")
        result: dict[str, Any] = {}
        for address, settings in addresses.items():
            channel = (settings or {}).get("ChannelType")
            if channel not in {"GCM", "APNS", "APNS_SANDBOX"}:
                return 400, _refusal(f"the channel type {channel} has no push messages here")
            result[address] = self._deliver(address, channel, configuration, now)
        return 200, {
            "ApplicationId": match.group(1) if match else "",
            "RequestId": str(uuid.uuid4()),
            "Result": result,
        }

    def _deliver(self, address: str, channel: str, configuration: dict[str, Any], now: float | None) -> dict[str, Any]:
        for beginning, (status, code, text) in _OUTCOMES.items():
            if address.startswith(beginning):
                return {"DeliveryStatus": status, "StatusCode": code, "StatusMessage": text}
        message_id = uuid.uuid4().hex
        part = configuration.get("GCMMessage" if channel == "GCM" else "APNSMessage") or {}
        default = configuration.get("DefaultPushNotificationMessage") or {}
        captured = {
            "message_id": message_id,
            "to": address,
            "channel_type": channel,
            "title": part.get("Title") or default.get("Title") or "",
            "body": part.get("Body") or default.get("Body") or "",
            "url": part.get("Url") or default.get("Url") or "",
            "configuration": configuration,
            "time": time.time() if now is None else now,
        }
        self.messages.append(captured)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(captured, ensure_ascii=False) + "\n")
        return {"DeliveryStatus": "SUCCESSFUL", "StatusCode": 200, "MessageId": message_id}


def read_captured(file: Path) -> list[dict[str, Any]]:
    """What was taken before the server was started anew; a last line that was cut off by a crash is left out."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def _refusal(message: str) -> dict[str, Any]:
    return {"Message": message, "__type": "BadRequestException"}
