"""Who a row is about: the columns that name people, into the places where Segment's bodies have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.events.refusals import Refused
from shared.domain.identity.identifiers import InvalidIdentifier, parse_identifier

COLUMNS: Mapping[str, str] = {
    "user": "user", "userid": "user", "user_id": "user",
    "email": "email", "e-mail": "email", "eposta": "email", "e-posta": "email",
    "phone": "phone", "telefon": "phone", "gsm": "phone",
    "loyalty": "loyalty", "loyalty_id": "loyalty", "loyalty_number": "loyalty",
    "device": "device", "device_id": "device",
    "anonymous": "anonymous", "anonymousid": "anonymous", "anonymous_id": "anonymous",
}  # fmt: skip
"""Name of a column (lower case) to the kind of identifier."""


def name_people(body: dict[str, Any], who: Mapping[str, Any]) -> None:
    """Put identifiers (kind to value) into a body; addresses are traits of the person."""
    for kind, value in who.items():
        match kind:
            case "user":
                body["userId"] = value
            case "anonymous":
                body["anonymousId"] = value
            case "email" | "phone":
                _traits(body)[kind] = value
            case _:
                _context(body).setdefault("externalIds", []).append({"type": kind, "id": value})


def read_who(text: str) -> dict[str, str]:
    """``TYPE:VALUE``, a bare e-mail address or an international phone number, as kind and value.

    Raises
    ------
    Refused
        If it is none of these.
    """
    bare = text.strip()
    if ":" not in bare:
        if "@" in bare:
            return {"email": bare}
        if bare.startswith("+"):
            return {"phone": bare}
    try:
        found = parse_identifier(bare)
    except InvalidIdentifier as wrong:
        raise Refused(str(wrong)) from wrong
    if found.type.value == "external":
        network, _, name = found.value.partition("/")
        return {network: name}
    return {found.type.value: found.value}


def _context(body: dict[str, Any]) -> dict[str, Any]:
    context = body.setdefault("context", {})
    if type(context) is not dict:
        raise Refused("context must be an object")
    return context


def _traits(body: dict[str, Any]) -> dict[str, Any]:
    holder = body if body.get("type") == "identify" else _context(body)
    traits = holder.setdefault("traits", {})
    if type(traits) is not dict:
        raise Refused("traits must be an object")
    return traits
