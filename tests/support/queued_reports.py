"""What the queue of reports gives to its function."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

INVOCATION: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)
"""With all of its time left."""


def queued(*bodies: Any) -> dict[str, Any]:
    """Messages with these bodies; what is no text becomes JSON."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {"Records": [{"messageId": f"q{place}", "body": text} for place, text in enumerate(texts)]}


def notified(*contents: Any) -> dict[str, Any]:
    """Notifications of SNS with these contents."""
    return queued(*({"Type": "Notification", "Message": json.dumps(content)} for content in contents))
