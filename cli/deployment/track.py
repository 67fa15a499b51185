"""Sends events to an endpoint as any channel does: Segment's HTTP API with the channel's write key."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.failure import Failure

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Channel:
    """One source of events. ``now`` is the channel's clock."""

    endpoint: str
    write_key: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, kind: str, **event: Any) -> dict[str, Any]:
        """Posts one event (``identify``, ``track``, ``page``, ``screen``, ``group``, ``alias``); the endpoint's answer.

        Raises
        ------
        Failure
            If it is refused or the endpoint does not answer.
        """
        at = self.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {"messageId": uuid.uuid4().hex, "timestamp": at, "sentAt": at, **event}
        return self.post(kind, body)

    def post(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """Posts a body as it is, a batch for instance."""
        request = urllib.request.Request(  # noqa: S310 - the deployment's own address
            f"{self.endpoint}/v1/{kind}",
            data=json.dumps(body).encode(),
            headers={
                "content-type": "application/json",
                "authorization": "Basic " + base64.b64encode(f"{self.write_key}:".encode()).decode(),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as refused:
            raise Failure(
                f"{kind} was answered with {refused.code}: {refused.read(500).decode(errors='replace')}"
            ) from refused
        except OSError as silent:
            raise Failure(f"{self.endpoint} does not answer: {silent}") from silent
