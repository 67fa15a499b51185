"""Rows of `kervan import customers`: one person each, as identify."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from cli.importing.moments import read_moment
from cli.importing.people import COLUMNS, name_people
from shared.domain.events.refusals import Refused

_TIMES = frozenset({"timestamp", "time", "updated_at"})
_IDS = frozenset({"messageid", "message_id"})


def customer(row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Identifiers, a time if there is one, ``traits`` and every other name as a trait."""
    body: dict[str, Any] = {"type": "identify"}
    who: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    given: dict[str, Any] = {}
    for name, value in row.items():
        plain = name.lower()
        if value is None or (plain == "type" and value == "identify"):
            continue
        if plain in COLUMNS:
            who[COLUMNS[plain]] = value
        elif plain in _TIMES:
            body["timestamp"] = read_moment(value, zone, name)
        elif plain in _IDS:
            body["messageId"] = value
        elif plain in {"traits", "context"}:
            if type(value) is not dict:
                raise Refused(f"{plain} must be an object")
            if plain == "context":
                body["context"] = dict(value)
            else:
                given = value
        else:
            traits[name] = value
    body["traits"] = traits | given
    if not who and not {"email", "phone"} & body["traits"].keys() and "context" not in body:
        raise Refused("the row names nobody; give user, email, phone or loyalty")
    name_people(body, who)
    return body
