"""What Meta's Graph API takes of an answer, and what its errors mean.

Forms: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages,
.../messenger-platform/send-messages, .../messenger-platform/instagram. Errors: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes,
.../messenger-platform/error-codes, .../graph-api/guides/error-handling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

VERSION = "v23.0"
NEEDED: Mapping[str, tuple[str, str]] = {
    "whatsapp": ("phone_number_id", "whatsapp_token"),
    "instagram": ("page_id", "page_token"),
    "messenger": ("page_id", "page_token"),
}
"""By channel the secrets that name the sender and prove it."""

Kind = Literal["retry", "retry_address", "repair", "unreachable", "refused", "ambiguous"]

_WINDOW = "window_closed"
_THROTTLED = frozenset({4, 17, 32, 341, 613, 80006, 80007, 80008, 130429})
_SLOWER = frozenset({131056})
"""Too many messages to this one person."""
_REPAIR = frozenset({3, 10, 102, 190, 368, 131005, 131031, 131042, 131045, 133000, 133004, 133005, 133006, 133010})
"""The token, the permissions, the account or its payment: ours to repair, and the answer can go out afterwards."""
_NOBODY = frozenset({551, 131026, 131030})
_OUTSIDE = frozenset({131047})
_OUTSIDE_SUBCODES = frozenset({2018278, 2534022, 2018065})
_NOBODY_SUBCODES = frozenset({2018001, 1545041, 2534014, 2018108})


@dataclass(frozen=True, slots=True)
class GraphError:
    """``reason``: a stable word."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of an answer. ``place``: its id on WhatsApp, else an address where Meta fetches it."""

    name: str
    type: str
    place: str


def request_of(
    channel: str, account: str, text: str, message_id: str, template: tuple[str, ...] = (), file: Sent | None = None
) -> dict[str, Any]:
    """The body of one answer. ``account``: a phone number, or the id that Meta gave a person for the shop's page.

    ``file``: on WhatsApp by the id that its upload got, with the text as its caption; elsewhere by an address, alone.
    """
    if channel == "whatsapp":
        return {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": account.removeprefix("+"),
            **_said(text, template, file),
            "biz_opaque_callback_data": message_id,  # comes back with what becomes of it
        }
    return {
        "recipient": {"id": account.rpartition("/")[2]},
        "messaging_type": "RESPONSE",
        "message": {"text": text} if file is None else {"attachment": _attachment(file)},
    }


def _said(text: str, template: tuple[str, ...], file: Sent | None) -> dict[str, Any]:
    if template:
        return _template(template)
    if file is None:
        return {"type": "text", "text": {"preview_url": False, "body": text}}
    kind = "image" if file.type.startswith("image/") else "document"
    named = {} if kind == "image" else {"filename": file.name}
    return {"type": kind, kind: {"id": file.place, **({"caption": text} if text else {}), **named}}


def _attachment(file: Sent) -> dict[str, Any]:
    """Form: https://developers.facebook.com/docs/messenger-platform/send-messages (attachment by URL)."""
    kind = "image" if file.type.startswith("image/") else "file"
    return {"type": kind, "payload": {"url": file.place, "is_reusable": False}}


def _template(said: tuple[str, ...]) -> dict[str, Any]:
    """Form: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates."""
    name, language, *values = said
    parameters = [{"type": "text", "text": value} for value in values]
    components = [{"type": "body", "parameters": parameters}] if parameters else []
    return {"type": "template", "template": {"name": name, "language": {"code": language}, "components": components}}


def accepted_id(body: bytes) -> str | None:
    """The id that Meta gave the message; None if the body says nothing of one."""
    content = _object(body)
    messages = content.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    found = first.get("id") if isinstance(first, dict) else content.get("message_id")
    return found if isinstance(found, str) and found else None


def error_of(status: int, body: bytes) -> GraphError:
    """What an answer other than a yes means, by its code and never by its text.

    A code of the window, of the person or of the form is definite. A 5xx may hide a yes.
    """
    error = _object(body).get("error")
    held = error if isinstance(error, dict) else {}
    code, subcode = _number(held.get("code")), _number(held.get("error_subcode"))
    return of_code(code, subcode, status)


def of_code(code: int, subcode: int = 0, status: int = 400) -> GraphError:
    """``status`` is that of HTTP; a report of WhatsApp has none."""
    word = f"provider_{code}" if code else f"provider_status_{status}"
    if code in _OUTSIDE or subcode in _OUTSIDE_SUBCODES:
        return GraphError("refused", _WINDOW)
    if code in _NOBODY or subcode in _NOBODY_SUBCODES:
        return GraphError("unreachable", word)
    if code in _SLOWER:
        return GraphError("retry_address", "throttled")
    if code in _THROTTLED or status == 429:
        return GraphError("retry", "throttled")
    if status >= 500:
        return GraphError("ambiguous", word)
    if code in _REPAIR or 200 <= code <= 299 or status in (401, 403):
        return GraphError("repair", word)
    return GraphError("refused" if 400 <= status < 500 else "ambiguous", word)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> int:
    return value if type(value) is int else 0
