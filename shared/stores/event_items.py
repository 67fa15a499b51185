"""Events as items of the log: keys and name as attributes, everything else as one JSON text, compressed if it is
long."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from shared.domain.events.event import Event, EventType
from shared.domain.events.json_text import read_json
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.identity.keys import milliseconds, moment
from shared.stores.event_text import UNIT_BYTES, pack, unpack

_NAMES_BYTES = len("pk" + "sk" + "name" + "data")
"""DynamoDB bills the attributes' names too."""
_TYPES = {kind.value: kind for kind in EventType}
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
Keys = Callable[[Identifier], str]


class UnreadableEvent(ValueError):
    """The item is no event of ours. The message holds no content."""


def event_item(event: Event, keys: Keys, *, home: str | None = None) -> dict[str, Any]:
    """The item of an event, in its owner's partition or, for events of our own about a message, in ``home``."""
    data: dict[str, Any] = {
        "type": event.type.value,
        "id": event.message_id,
        "at": milliseconds(event.time),
        "received": milliseconds(event.received_at),
        "source": event.source,
        "channel": event.channel,
        "who": [str(identifier) for identifier in event.identifiers],
    }
    if event.trusted:
        data["trusted"] = 1
    if event.claimable:
        data["claims"] = [place for place, who in enumerate(event.identifiers) if who in event.claimable]
    if event.alias_of is not None:
        data["alias"] = str(event.alias_of)
    if not event.timed:
        data["untimed"] = 1
    said = (("traits", event.traits), ("properties", event.properties), ("context", event.context))
    data.update((name, content) for name, content in said if content)
    row: dict[str, Any] = {"pk": home or keys(event.owner), "sk": event.sort_key, "name": event.name}
    row["data"] = pack(_text(data), UNIT_BYTES - _NAMES_BYTES - sum(map(_bytes, row.values())))
    return row


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _text(data: dict[str, Any]) -> str:
    """Compact JSON; a text with half a character (a lone surrogate) is escaped, as no table takes it raw."""
    plain = _COMPACT.encode(data)
    try:
        plain.encode()
    except UnicodeEncodeError:
        return json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return plain


def read_event(item: Mapping[str, Any]) -> Event:
    """The event of an item.

    Raises
    ------
    UnreadableEvent
        If the item does not hold what ``event_item`` writes.
    """
    try:
        data = read_json(unpack(item["data"]))
        who = tuple(_identifier(text) for text in data["who"])
        return Event(
            type=_TYPES[data["type"]],
            name=item["name"],
            message_id=data["id"],
            time=moment(data["at"]),
            received_at=moment(data["received"]),
            source=data["source"],
            channel=data["channel"],
            trusted=bool(data.get("trusted")),
            identifiers=who,
            claimable=tuple(who[place] for place in data.get("claims", ())),
            alias_of=_identifier(data["alias"]) if "alias" in data else None,
            traits=_mapping(data, "traits"),
            properties=_mapping(data, "properties"),
            context=_mapping(data, "context"),
            timed=not data.get("untimed"),
        )
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, RecursionError, AttributeError) as broken:
        raise UnreadableEvent("an item of the log does not hold an event") from broken


def time_of(item: Mapping[str, Any]) -> datetime:
    """The event's time without reading the rest."""
    return read_event(item).time


@lru_cache(maxsize=1024)
def _identifier(text: str) -> Identifier:
    """Who sends one event sends more of them, and many events of a batch have the same names."""
    kind, _, value = text.partition(":")
    return Identifier(IdentifierType(kind), value)


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise UnreadableEvent(f"the {name} of an event are no object")
    return found
