"""A file that the browser keeps."""

from __future__ import annotations

import base64

from functions.console.page import page_headers
from functions.console.visit import Visit
from shared.http.answers import Answer


def file_answer(visit: Visit, content: str, name: str, kind: str) -> Answer:
    """To be kept, never shown from our own origin."""
    headers = page_headers(visit) | {
        "content-type": f"{kind}; charset=utf-8",
        "content-disposition": f'attachment; filename="{name}"',
    }
    body = base64.b64encode(content.encode()).decode()
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}
