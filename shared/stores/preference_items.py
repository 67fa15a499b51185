"""Statements of preferences as items: one per link that was used, under the customer and under the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.consent.preferences import Preference
from shared.domain.identity.keys import PREFERENCE, milliseconds, moment, safe_id


class UnreadablePreference(ValueError):
    """The item is no statement of preferences."""


def preference_items(partitions: Iterable[str], said: Preference) -> list[dict[str, Any]]:
    """The items of one statement. A later one by the same link takes its place: it says everything anew."""
    content: dict[str, Any] = {
        "at": milliseconds(said.time),
        "id": said.message_id,
        "one_in": said.one_in_days,
        "paused": None if said.paused_until is None else milliseconds(said.paused_until),
        "language": said.language,
        "source": said.source,
        "origin": said.origin,
        "text": said.text_version,
        "link": said.link,
    }
    kept = {name: value for name, value in content.items() if value}
    sort_key = PREFERENCE + safe_id(said.link)
    return [{"pk": partition, "sk": sort_key, **kept} for partition in dict.fromkeys(partitions) if partition]


def read_preference(item: Mapping[str, Any]) -> Preference:
    """The statement of an item.

    Raises
    ------
    UnreadablePreference
        If the item does not hold what ``preference_items`` writes.
    """
    try:
        return Preference(
            time=moment(item["at"]),
            message_id=item["id"],
            one_in_days=int(item.get("one_in", 0)),
            paused_until=moment(item["paused"]) if "paused" in item else None,
            language=item.get("language", ""),
            source=item.get("source", ""),
            origin=item.get("origin", ""),
            text_version=item.get("text", ""),
            link=item.get("link", ""),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as broken:
        raise UnreadablePreference("an item holds no statement of preferences") from broken
