"""The sources of a shop, and the consents that they report."""

from __future__ import annotations

from typing import Any

from shared.domain.events.event import Source

SOURCES = {
    "web": Source("web", "web", trusted=False),
    "mobile": Source("mobile", "mobile", trusted=False),
    "store": Source("store", "store", trusted=True),
    "server": Source("server", "server", trusted=True),
}


def consent(user: str, *channels: str) -> list[dict[str, Any]]:
    """The customer agrees to marketing on these channels."""
    return [
        {
            "type": "track",
            "event": "Consent Granted",
            "userId": user,
            "messageId": f"consent-{user}-{channel}",
            "properties": {"channel": channel, "purpose": "marketing", "text_version": "1"},
        }
        for channel in channels
    ]
