"""Rows of `kervan import events`: Segment's bodies as they are, or columns that become one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from cli.importing.moments import read_moment
from cli.importing.people import COLUMNS, name_people
from shared.domain.events.refusals import Refused

_OWN = {
    "type": "type", "event": "event", "name": "name", "category": "category", "timestamp": "timestamp",
    "time": "timestamp",
    "messageid": "messageId", "message_id": "messageId", "groupid": "groupId", "group_id": "groupId",
    "previousid": "previousId", "previous_id": "previousId",
}  # fmt: skip
_OBJECTS = frozenset({"properties", "traits", "context"})
_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")


def event_of_body(row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """A body of Segment's API. ``sentAt`` goes: in an old export it would move the old times to today."""
    body = {name: value for name, value in row.items() if name not in {"writeKey", *_TIMES}}
    time = next((row[name] for name in _TIMES if row.get(name) is not None), None)
    if time is not None:
        body["timestamp"] = read_moment(time, zone, "timestamp") if isinstance(time, str) else time
    return body


def event_of_columns(row: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """Columns as a body; a name that says nothing else is a property."""
    body: dict[str, Any] = {}
    who: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for name, value in row.items():
        plain = name.lower()
        if plain in _OBJECTS:
            if type(value) is not dict:
                raise Refused(f"{plain} must be an object; write its parts as columns, such as {plain}.name")
            body[plain] = value
        elif plain in _OWN:
            body[_OWN[plain]] = value
        elif plain in COLUMNS:
            who[COLUMNS[plain]] = value
        else:
            properties[name] = value
    if properties:
        body["properties"] = properties | body.get("properties", {})
    body["type"] = str(body.get("type") or ("track" if body.get("event") else "")).lower()
    if not body["type"]:
        raise Refused("the row says neither type nor event")
    name_people(body, who)
    if "timestamp" in body:
        body["timestamp"] = read_moment(body["timestamp"], zone, "timestamp")
    return body
