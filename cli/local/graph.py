"""Meta's Graph API as it is on the wire, for answers on WhatsApp, Instagram and Messenger; what was sent is kept.

``POST /v23.0/{account}/messages`` answers like the service. People can be tried by the ends of their ids: 0047 is out
of the window of 24 hours, 0026 cannot be reached, 0029 is throttled, 0500 is a server that fails.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

from cli.local.pinpoint import read_captured

_PATH = re.compile(r"/v[0-9]+\.[0-9]+/([0-9]{1,32})/messages")
_ENDS = {
    "0047": (400, 131047, "Re-engagement message"),
    "0026": (400, 131026, "Message undeliverable"),
    "0029": (429, 130429, "Rate limit hit"),
    "0500": (500, 131000, "Something went wrong"),
}


class GraphCapture:
    """Takes answers, keeps them in memory and as lines of a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.messages: list[dict[str, Any]] = read_captured(file)

    def serves(self, method: str, path: str) -> bool:
        return method == "POST" and _PATH.fullmatch(path) is not None

    def send(self, path: str, body: bytes, token: str, now: float | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer of one call; ``token`` is what stands behind ``Bearer``."""
        if not token:
            return 401, _error(190, "Invalid OAuth access token")
        try:
            request = json.loads(body)
            channel, to, text = _read(request)
        except (ValueError, KeyError, TypeError, AttributeError):
            return 400, _error(100, "Invalid parameter")
        for end, (status, code, said) in _ENDS.items():
            if to.endswith(end):
                return status, _error(code, said)
        name = f"wamid.{uuid.uuid4().hex}" if channel == "whatsapp" else f"m_{uuid.uuid4().hex}"
        kept = {"message_id": name, "channel": channel, "to": to, "text": text, "request": request}
        kept["time"] = time.time() if now is None else now
        self.messages.append(kept)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(kept, ensure_ascii=False) + "\n")
        if channel == "whatsapp":
            contact = {"input": to, "wa_id": to}
            return 200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": name}]}
        return 200, {"recipient_id": to, "message_id": name}


def _read(request: dict[str, Any]) -> tuple[str, str, str]:
    """Channel, recipient and text. Raises KeyError, TypeError or ValueError for what Meta would not take."""
    if request.get("messaging_product") == "whatsapp":
        if request["type"] == "template":
            said = request["template"]
            values = [one["text"] for part in said["components"] for one in part["parameters"]]
            return "whatsapp", str(request["to"]), " | ".join([said["name"], said["language"]["code"], *values])
        if request["type"] in ("image", "document"):
            file = request[request["type"]]
            return "whatsapp", str(request["to"]), f"[{request['type']} {file['id']}] {file.get('caption', '')}".strip()
        if request["type"] != "text":
            raise ValueError
        return "whatsapp", str(request["to"]), str(request["text"]["body"])
    if request["messaging_type"] != "RESPONSE":
        raise ValueError
    message = request["message"]
    if "attachment" in message:
        file = message["attachment"]
        return "social", str(request["recipient"]["id"]), f"[{file['type']}] {file['payload']['url']}"
    return "social", str(request["recipient"]["id"]), str(message["text"])


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": uuid.uuid4().hex[:22]}}
