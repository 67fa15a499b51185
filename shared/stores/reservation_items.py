"""Reservations in the table ``stock``, under the key of the request that made them: ``key#<key>`` / ``mark``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.identity.keys import milliseconds, moment
from shared.domain.stock.movement import Place
from shared.domain.stock.reservation import Promised, Reservation
from shared.stores.stock_items import MARK, mark_key


def reservation_item(reservation: Reservation, print_: str) -> dict[str, Any]:
    """The item of a reservation; ``print_`` is the digest of the request that made it."""
    return {
        "pk": mark_key(reservation.id),
        "sk": MARK,
        "kind": "reservation",
        "print": print_,
        "id": reservation.id,
        "lines": [[line.place.sku, line.place.location, line.quantity] for line in reservation.lines],
        "until": milliseconds(reservation.until),
        "state": reservation.state,
        "about": reservation.about,
        "ended_by": reservation.ended_by,
    }


def read_reservation(item: Mapping[str, Any]) -> Reservation:
    """The reservation of an item."""
    return Reservation(
        item["id"],
        tuple(Promised(Place(sku, location), int(quantity)) for sku, location, quantity in item["lines"]),
        moment(int(item["until"])),
        item["state"],
        item["about"],
        item["ended_by"],
    )
