"""The form by which WhatsApp takes a file before a message names it (multipart/form-data, RFC 7578).

Form: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#upload-media.
"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import quote

from shared.domain.templates.content import ContentFile


def form_of(file: ContentFile) -> tuple[bytes, str]:
    """The body and its type. The boundary is made of the content, so no file holds it but by design."""
    boundary = f"kervan-{hashlib.sha256(file.content).hexdigest()}"
    name = quote(file.name, safe=" ()._-")  # no quote and no line end, which could begin a field of their own
    fields = (("messaging_product", "whatsapp"), ("type", file.type))
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in fields
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    head += f"Content-Type: {file.type}\r\n\r\n"
    body = head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def uploaded_id(body: bytes) -> str | None:
    """The id that the file got; None if the answer names none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    name = found.get("id") if isinstance(found, dict) else None
    return name if isinstance(name, str) and name else None
