"""Files at Meta as the Graph API gives and takes them, on the local stack.

``POST /v23.0/{account}/media`` takes a file and gives its id. ``GET /v23.0/{id}`` gives an address for five minutes,
and that address the file. A customer who is played leaves his file by ``PUT /kept/{id}``.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from email.message import Message
from email.parser import BytesParser
from typing import Any

_UPLOAD = re.compile(r"/v[0-9]+\.[0-9]+/[0-9]{1,32}/media")
_ASKED = re.compile(r"/v[0-9]+\.[0-9]+/([0-9]{1,64})")
_KEPT = re.compile(r"/kept/([0-9]{1,64})")


class MediaCapture:
    """Files in memory, by their ids. ``base``: where this server answers."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.files: dict[str, tuple[str, bytes]] = {}

    def answer(
        self, method: str, path: str, kind: str, body: bytes, token: str
    ) -> tuple[int, dict[str, Any] | bytes] | None:
        """Status and answer; None for a path that is no file's. ``kind``: the type of the body."""
        upload, asked, kept = (pattern.fullmatch(path) for pattern in (_UPLOAD, _ASKED, _KEPT))
        if kept and method == "PUT":
            self.files[kept[1]] = (kind, body)
            return 200, {"id": kept[1]}
        if kept and method == "GET":
            return (200, self.files[kept[1]][1]) if kept[1] in self.files else (404, _error("Media not found"))
        if (upload and method == "POST") or (asked and method == "GET"):
            if not token:
                return 401, {"error": {"message": "Invalid OAuth access token", "code": 190}}
            return self._take(kind, body) if upload else self._tell(asked[1]) if asked else None
        return None

    def _take(self, kind: str, body: bytes) -> tuple[int, dict[str, Any]]:
        form = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        parts = [part for part in form.get_payload() if isinstance(part, Message)] if form.is_multipart() else []
        found = {part.get_param("name", header="content-disposition"): part for part in parts}
        file, product = found.get("file"), found.get("messaging_product")
        content = file.get_payload(decode=True) if file is not None else None
        if product is None or product.get_payload() != "whatsapp" or file is None or not isinstance(content, bytes):
            return 400, _error("(#100) The parameter messaging_product or file is required")
        name = str(secrets.randbelow(10**15) + 10**15)
        self.files[name] = (file.get_content_type(), content)
        return 200, {"id": name}

    def _tell(self, name: str) -> tuple[int, dict[str, Any]]:
        if name not in self.files:
            return 404, _error("Unsupported get request. Object does not exist")
        kind, content = self.files[name]
        digest = hashlib.sha256(content).hexdigest()
        said = {"messaging_product": "whatsapp", "url": f"{self._base}/kept/{name}", "mime_type": kind, "id": name}
        return 200, {**said, "sha256": digest, "file_size": len(content)}


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": 100}}
