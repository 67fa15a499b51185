"""The item ``sends`` on a root: reservations for the caps, coupons given, messages of campaigns, push tokens that are
dead. Written by notify only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from shared.domain.coupons.given import Gifts, Given
from shared.domain.identity.keys import milliseconds, moment
from shared.domain.messages.campaign_deduplication import Noted, Notes
from shared.domain.messages.caps import Place, Reservations
from shared.stores.customers import CustomerStore

DEAD_KEPT = 50


class Sends(Struct, frozen=True):
    """``places``: reservations; ``dead``: keyed digest of a token to when the provider gave it up; ``given``: coupons
    by unit; ``noted``: the messages of campaigns."""

    places: Reservations = frozenset()
    dead: Mapping[str, datetime] = field(default_factory=dict)
    version: int = 0
    given: Gifts = field(default_factory=dict)
    noted: Notes = frozenset()


def put_sends(store: CustomerStore, root: str, sends: Sends) -> Sends:
    """Store on condition of the version that it was read at; returns it as stored.

    Raises
    ------
    Conflict
        If another message of this customer wrote meanwhile: read and decide again.
    """
    newest = sorted(sends.dead.items(), key=lambda entry: entry[1], reverse=True)[:DEAD_KEPT]
    attributes = {
        "version": sends.version + 1,
        "places": [
            [place.unit, place.tag, milliseconds(place.at), place.channel, *([place.message] if place.message else [])]
            for place in sorted(sends.places, key=lambda one: (one.at, one.unit, one.tag, one.channel, one.message))
        ],
        "dead": {token: milliseconds(at) for token, at in newest},
        **({"given": [_row(sends.given[unit]) for unit in sorted(sends.given)]} if sends.given else {}),
        **(
            {"noted": sorted([one.unit, one.message, milliseconds(one.until)] for one in sends.noted)}
            if sends.noted
            else {}
        ),
    }
    store.put_sends(root, attributes, expect={"version": sends.version or None})
    return replace(sends, version=sends.version + 1)


def read_sends(item: Mapping[str, Any] | None) -> Sends:
    if item is None:
        return Sends()
    return Sends(
        places=_places(item.get("places", ())),
        dead={token: moment(at) for token, at in item.get("dead", {}).items()},
        version=item["version"],
        given={given.unit: given for given in map(_given, item.get("given", ()))},
        noted=frozenset(Noted(unit, message, moment(until)) for unit, message, until in item.get("noted", ())),
    )


def _places(rows: Iterable[Any]) -> Reservations:
    return frozenset(Place(unit, tag, moment(at), channel, *message) for unit, tag, at, channel, *message in rows)


def _row(given: Given) -> list[Any]:
    row = [given.unit, given.coupon, given.code, milliseconds(given.at), milliseconds(given.until)]
    return row if given.mark is None else [*row, given.mark]


def _given(row: Any) -> Given:
    unit, coupon, code, at, until, *mark = row
    return Given(unit, coupon, code, moment(at), moment(until), *map(int, mark))
