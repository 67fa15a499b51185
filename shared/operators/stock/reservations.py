"""``/v1/stock/reservations``: pieces that are promised until an instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from shared.domain.identity.keys import safe_id, time_text
from shared.domain.stock.request import StockRequest
from shared.domain.stock.reservation import Reservation, State
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import ABOUT_LENGTH, KEY_LENGTH, hold, only, optional_text, text
from shared.operators.stock.lines import check_together, read_lines
from shared.operators.stock.problems import StockProblem, problem_of
from shared.stores.stock import KeyReused, ReservationEnded, UnknownReservation
from shared.stores.stock_changes import LineRefused

HOLD = timedelta(minutes=30)
FIELDS = frozenset({"key", "lines", "location", "sku", "quantity", "order_id", "expires_in"})
RESERVATION, PICKUP, WAITING = "reservation", "pickup", "waiting"
"""What a timer ends, or tells of."""


def create(environment: Environment, body: Mapping[str, Any]) -> dict[str, Any]:
    """Reserve the lines of a request, all or none.

    Raises
    ------
    Problem
        400 for what cannot be read, 409 for what the stock does not allow.
    """
    only(body, FIELDS)
    now = environment.clock.now()
    key = text(body, "key", KEY_LENGTH)
    check_no_pickup(environment, key)
    lines = tuple(read_lines(body, kind="reserve"))
    check_together(lines)
    request = StockRequest(key, lines, now, optional_text(body, "order_id", ABOUT_LENGTH))
    return {"reservation": reserve(environment, request, hold(body, "expires_in", now, HOLD))}


def reserve(environment: Environment, request: StockRequest, until: datetime) -> dict[str, Any]:
    """The timer is armed first: a reservation without one would hold its pieces for ever."""
    arm(environment, request.key, until)
    try:
        return reservation_json(environment.stock.reserve(request, until, environment.locations.rules))
    except (LineRefused, KeyReused) as refused:
        raise problem_of(refused) from refused


def arm(environment: Environment, id_: str, until: datetime, ref: str = RESERVATION) -> None:
    """Arm the timer that ends a reservation; ``step`` of the timer holds the id as it was written."""
    environment.timers.arm("stock", until, safe_id(id_), ref, step=id_)


def show(environment: Environment, id_: str) -> dict[str, Any]:
    """Raises Problem (404) if there is none."""
    found = environment.stock.reservation(text({"id": id_}, "id", KEY_LENGTH))
    if found is None:
        raise problem_of(UnknownReservation(id_))
    return {"reservation": reservation_json(found)}


def release(environment: Environment, id_: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Free the pieces of a reservation. Raises Problem (400, 404, 409)."""
    only(body, frozenset({"key"}))
    return {"reservation": end(environment, id_, "released", text(body, "key", KEY_LENGTH))}


def end(environment: Environment, id_: str, state: str, key: str) -> dict[str, Any]:
    """End a reservation: its pieces are sold, or free again. Raises Problem (404, 409)."""
    now, id_ = environment.clock.now(), text({"id": id_}, "id", KEY_LENGTH)
    check_no_pickup(environment, id_)
    try:
        ended = environment.stock.end(id_, cast("State", state), key, now, environment.locations.rules, marked=True)
    except (UnknownReservation, ReservationEnded, LineRefused, KeyReused) as refused:
        raise problem_of(refused) from refused
    return reservation_json(ended)


def check_no_pickup(environment: Environment, id_: str) -> None:
    """Only its code opens a pick-up, so its pieces are neither sold nor freed as those of a reservation.

    Raises
    ------
    Problem
        409 if a pick-up has this id.
    """
    if environment.pickups.read(id_) is not None:
        raise StockProblem(409, "is_a_pickup", "a pick-up has this key; use the paths below /v1/stock/pickups")


def reservation_json(reservation: Reservation) -> dict[str, Any]:
    """A reservation as answers show it."""
    return {
        "id": reservation.id,
        "state": reservation.state,
        "until": time_text(reservation.until),
        "order_id": reservation.about or None,
        "lines": [
            {"sku": line.place.sku, "location": line.place.location, "quantity": line.quantity}
            for line in reservation.lines
        ],
    }
