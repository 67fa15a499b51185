"""Reading what a shop sends: bounded, typed, and never an exception. What cannot be read is absent."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from shared.domain.events.event_time import read_time
from shared.domain.events.json_values import text_of
from shared.domain.identity.keys import milliseconds, moment, time_text

MOST_LINES = 100
"""Products of one event: an event holds 32 KB, and facts keep fifty."""
NAME_LENGTH = 120
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def text(value: Any, most: int = 200) -> str:
    """A text without control characters, cut to its length; numbers are their digits, everything else is empty."""
    found = text_of(value) if type(value) is not bool else None
    if not found:
        return ""
    plain = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in found[: most * 4])
    return unicodedata.normalize("NFC", " ".join(plain.split()))[:most]


def id_text(value: Any) -> str:
    """The id of an object of the shop; empty if there is none. Longer ones mean nothing."""
    found = text(value, 65)
    return found if 0 < len(found) <= 64 and found != "0" else ""


def object_at(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under a name, or an empty one."""
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def objects_at(holder: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a list under a name."""
    found = holder.get(name)
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, dict))


def milliseconds_of(value: Any, zone: tzinfo = UTC) -> int | None:
    """A time in milliseconds; ``zone`` counts where none is written. None if it is none between 2000 and 2100."""
    found = read_time(value)
    if found is None:
        return None
    if isinstance(value, str) and zone is not UTC and not _has_zone(value):
        try:
            found = found.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError:
            return None
    return milliseconds(found) if _EARLIEST <= found < _LATEST else None


def _has_zone(value: str) -> bool:
    return datetime.fromisoformat(value.strip()).tzinfo is not None


def whole_number(value: Any) -> int | None:
    """A whole number, also written as text; None for everything else, fractions included."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is str and len(value) < 20 and value.strip().lstrip("-").isdecimal() and value.isascii():
        return int(value)
    return None


def iso(at_ms: int) -> str:
    """The time as the tracking API reads it."""
    return time_text(moment(at_ms))


def digest(*parts: Any, size: int = 6) -> str:
    """A short digest of JSON values."""
    written = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()


def body(
    event: str,
    at_ms: int,
    message_id: str,
    properties: Mapping[str, Any],
    who: Mapping[str, Any],
    *,
    visit: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A ``track`` of the tracking API. ``who`` is of ``named``; ``visit``: the customer was there himself."""
    found: dict[str, Any] = {
        "type": "track", "event": event, "timestamp": iso(at_ms), "messageId": message_id,
        "properties": {name: value for name, value in properties.items() if value not in (None, "", [], {})},
    }  # fmt: skip
    _name(found, who, visit=visit)
    return found


def version(message: dict[str, Any]) -> dict[str, Any]:
    """The same with an id that names this content: two versions of one instant are two events."""
    return message | {"messageId": f"{message['messageId']}-{digest(message)}"}


def identify(at_ms: int, message_id: str, traits: Mapping[str, Any], who: Mapping[str, Any]) -> dict[str, Any]:
    """An ``identify`` of the tracking API."""
    kept = {name: value for name, value in traits.items() if value not in (None, "", [], {})}
    found: dict[str, Any] = {"type": "identify", "timestamp": iso(at_ms), "messageId": message_id, "traits": kept}
    _name(found, who, visit=False)
    return version(found)


def named(user: Any = None, email: Any = None, phone: Any = None) -> dict[str, str]:
    """Who it was; empty if nobody is named."""
    found = {"user": text(user, 100), "email": text(email, 320), "phone": text(phone, 40)}
    return {kind: value for kind, value in found.items() if value}


def who_ordered(user: str, email: Any, phone: Any) -> dict[str, str]:
    """Who placed an order with these typed addresses.

    Whoever is signed in is named by his account alone, and a guest by the first of e-mail and phone: an address that
    was only typed may be anybody's, and must tie nobody to the person whose it is.
    """
    if user:
        return named(user)
    return named("", email) or named("", None, phone)


def _name(message: dict[str, Any], who: Mapping[str, Any], *, visit: bool) -> None:
    if "user" in who:
        message["userId"] = who["user"]
    context: dict[str, Any] = {} if visit else {"active": False}
    addresses = {kind: who[kind] for kind in ("email", "phone") if kind in who}
    if addresses:
        context["traits"] = addresses
    if context:
        message["context"] = context
