"""``/v1/stock/pickups``: what was ordered waits at a location and is handed out once, by its code."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.stock.location import Location
from shared.domain.stock.pickup import EVENTS, WAITING_EVENT, Pickup, PickupLine, PickupState, State, new_code
from shared.domain.stock.request import StockRequest
from shared.domain.stock.reservation import State as ReservationState
from shared.http.answers import Problem, forbidden, malformed, not_found
from shared.http.identifiers import read_identifier
from shared.operators.stock.customer_events import arm_notice, write_event
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import (
    ABOUT_LENGTH,
    KEY_LENGTH,
    LOCATION_LENGTH,
    hold,
    instant,
    only,
    optional_text,
    text,
    truth,
)
from shared.operators.stock.lines import check_together, read_lines
from shared.operators.stock.problems import StockProblem, problem_of
from shared.operators.stock.reservations import PICKUP, WAITING, arm
from shared.ports import Conflict, Throttled, Write
from shared.stores.pickups import pickup_write
from shared.stores.stock import KeyReused, ReservationEnded, UnknownReservation
from shared.stores.stock_changes import LineRefused
from shared.stores.stock_events import Notice, notice_id

HOLD = timedelta(days=3)
ORDERED_BEFORE = timedelta(minutes=5)
"""How long before its pick-up an order may have been placed, where that is not said."""
MOST_LINES = 50
FIELDS = frozenset(
    {"key", "customer", "order_id", "ordered_at", "location", "lines", "sku", "quantity", "expires_in"}
)  # fmt: skip
ON_A_PAGE, MOST_ASKED = 50, 1_000
TRIES = 8
ENDS: dict[State, ReservationState] = {"picked_up": "collected", "expired": "expired", "cancelled": "released"}
STATES: dict[ReservationState, State] = {how: state for state, how in ENDS.items()}
SENTENCES: dict[State, str] = {
    "requested": "the pick-up is not ready yet",
    "ready": "the pick-up is ready",
    "picked_up": "it was picked up already",
    "expired": "its time is over; the pieces are free again",
    "cancelled": "the pick-up was cancelled; the pieces are free again",
}


def create(environment: Environment, body: Mapping[str, Any]) -> dict[str, Any]:
    """Hold the pieces of an order at a location. Repeating it gives the same pick-up with the same code.

    Raises
    ------
    Problem
        400 for what cannot be read, 409 for a location without pick-up, or too few pieces.
    """
    only(body, FIELDS)
    now, key = environment.clock.now(), text(body, "key", KEY_LENGTH)
    customer = read_identifier(text(body, "customer", 300), environment.people().phone)
    who = str(customer)
    location = text(body, "location", LOCATION_LENGTH)
    lines = read_lines(body, kind="reserve")
    if len(lines) > MOST_LINES or any(line.location != location for line in lines):
        raise malformed(f"a pick-up has at most {MOST_LINES} lines, all at its location")
    check_together(lines)
    place = environment.locations.all().get(location)
    if place is None or not place.pickup:
        raise Problem(409, "no_pickup", "this location serves no pick-up; PUT it to /v1/locations with pickup: true")
    until, order = hold(body, "expires_in", now, HOLD), optional_text(body, "order_id", ABOUT_LENGTH)
    wanted = tuple(PickupLine(line.sku, line.quantity) for line in lines)
    made = Pickup(key, who, location, wanted, new_code(secrets.randbelow), "requested", now, until, order)
    notice = _notice(made, place, place.ready_by(now, environment.zone()))
    ordered = _ordered_at(body, order, now)
    about, of = f"pickup {order}".strip(), environment.people().keys(customer)
    request = StockRequest(key, tuple(lines), now, about, of, ordered)
    arm(environment, key, until, PICKUP)
    arm_notice(environment, notice, now)
    try:
        environment.stock.reserve(request, until, environment.locations.rules, [pickup_write(made), notice.write()])
    except (LineRefused, KeyReused) as refused:
        raise problem_of(refused) from refused
    return _told(environment, key, "requested")


def _ordered_at(body: Mapping[str, Any], order: str, now: datetime) -> datetime | None:
    """Since when the order's shop has taken the pieces off itself; None for a pick-up of no order."""
    said = instant(body, "ordered_at", now)
    if not order:
        return None
    return said or now - ORDERED_BEFORE


def waiting_at(environment: Environment, location: str, cursor: str | None = None) -> dict[str, Any]:
    """A page of the open pick-ups of a location, who has the least time left first."""
    found, following = environment.pickups.open_at(location, limit=ON_A_PAGE, cursor=cursor)
    return {"items": [pickup_json(one) for one in found], "cursor": following}


def of_code(environment: Environment, location: str, code: str) -> dict[str, Any] | None:
    """The open pick-up of a location that has this code; None if there is none among the first ``MOST_ASKED``.

    Whoever guesses has one chance in 887 million for each that waits; so this counts no wrong tries.
    """
    asked, cursor = 0, None
    while asked < MOST_ASKED:
        found, cursor = environment.pickups.open_at(location, limit=ON_A_PAGE, cursor=cursor)
        for one in found:
            if one.matches(code):
                return pickup_json(one)
        asked += ON_A_PAGE
        if cursor is None:
            return None
    return None


def show(environment: Environment, id_: str) -> dict[str, Any]:
    """Raises Problem (404)."""
    return {"pickup": pickup_json(_read(environment, id_))}


def ready(environment: Environment, id_: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The pieces lie ready; from now on they wait for ``expires_in``. Raises Problem (400, 404, 409)."""
    only(body, frozenset({"expires_in"}))
    now = environment.clock.now()
    until = hold(body, "expires_in", now, HOLD)
    for attempt in range(TRIES):
        pickup = _read(environment, id_)
        if pickup.state == "ready":
            return _told(environment, pickup.id, "ready")
        after = _moved(pickup, "ready", now, until)
        notice = _notice(after, environment.locations.all().get(after.location))
        arm(environment, after.id, until, PICKUP)
        arm(environment, after.id, after.waits_since, WAITING)
        arm_notice(environment, notice, now)
        try:
            environment.stock.prolong(after.id, until, [pickup_write(after), notice.write()])
        except ReservationEnded:
            _close(environment, pickup, now)  # the next attempt finds it over, and says so
            continue
        except Conflict:
            environment.pause(attempt)
            continue
        return _told(environment, pickup.id, "ready")
    raise Throttled("others keep changing the same pick-up")


def remind(environment: Environment, id_: str, now: datetime) -> bool:
    """For the timer: tell that a pick-up has been waiting for a day, or half of its time. False if it does not wait."""
    pickup = environment.pickups.read(id_)
    if pickup is None or pickup.state != "ready" or not pickup.waits_since <= now < pickup.until:
        return False
    place = environment.locations.all().get(pickup.location)
    told = _notice(pickup, place)
    id_ = notice_id("pickup", pickup.id, "waiting")
    write_event(environment, replace(told, id=id_, name=WAITING_EVENT, at=pickup.waits_since))
    return True


def collect(environment: Environment, id_: str, body: Mapping[str, Any], *, admin: bool) -> dict[str, Any]:
    """Hand it out for the right code. A wrong one is counted before it is answered; with the admin key
    ``without_code`` hands it out to somebody who was recognised otherwise.

    Raises
    ------
    Problem
        400, 404; 403 for a wrong code, 409 if it is over, or too many codes were wrong.
    """
    only(body, frozenset({"code", "without_code"}))
    recognised = truth(body, "without_code", default=False)
    if recognised and not admin:
        raise forbidden("to hand out without the code takes the admin key")
    code = "" if recognised else text(body, "code", 40)
    for attempt in range(TRIES):
        pickup = _read(environment, id_)
        if not recognised and pickup.locked:
            raise StockProblem(409, "locked", "too many wrong codes; it takes the admin key", state=pickup.state)
        if not recognised and not pickup.matches(code):
            try:
                environment.pickups.put(pickup.tried())
            except Conflict:
                environment.pause(attempt)
                continue
            raise StockProblem(403, "wrong_code", "the code is not that of this pick-up", state=pickup.state)
        if pickup.state == "picked_up":
            return _told(environment, pickup.id, "picked_up")
        if _end(environment, pickup, "picked_up", environment.clock.now()):
            return _told(environment, pickup.id, "picked_up")
        environment.pause(attempt)
    raise Throttled("others keep changing the same pick-up")


def cancel(environment: Environment, id_: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Free the pieces. Raises Problem (400, 404, 409)."""
    only(body, frozenset())
    for attempt in range(TRIES):
        pickup = _read(environment, id_)
        if pickup.state == "cancelled" or _end(environment, pickup, "cancelled", environment.clock.now()):
            return _told(environment, pickup.id, "cancelled")
        environment.pause(attempt)
    raise Throttled("others keep changing the same pick-up")


def expire(environment: Environment, id_: str, now: datetime) -> bool:
    """For the timer: end a pick-up whose time is over. False if there is nothing to end.

    Raises
    ------
    Throttled
        If others keep changing it; the timer stays.
    """
    for attempt in range(TRIES):
        pickup = environment.pickups.read(id_)
        if pickup is None or pickup.over or now < pickup.until:
            return False
        if _end(environment, pickup, "expired", now):
            _told(environment, id_, "expired")
            return True
        environment.pause(attempt)
    raise Throttled("others keep changing the same pick-up")


def _end(environment: Environment, pickup: Pickup, state: State, now: datetime) -> bool:
    """One transaction: the levels, the reservation, the pick-up, the notice. False if another change came first.

    Raises
    ------
    Problem
        409 if the state does not allow it.
    """
    after = _moved(pickup, state, now)
    notice = _notice(after, environment.locations.all().get(after.location))
    arm_notice(environment, notice, now)
    extra: Sequence[Write] = [pickup_write(after), notice.write()]
    how = ENDS[state]
    try:
        environment.stock.end(pickup.id, how, state, now, environment.locations.rules, extra)
    except ReservationEnded:
        return _close(environment, pickup, now) == state
    except Conflict:
        return False
    except (LineRefused, UnknownReservation) as refused:
        raise problem_of(refused) from refused
    return True


def _close(environment: Environment, pickup: Pickup, now: datetime) -> State | None:
    """Moves a pick-up to how its reservation ended, if that was without it; else its timer would come again for ever.
    The customer is told. Returns the new state; None if the reservation is still open, or another change came first."""
    held = environment.stock.reservation(pickup.id)
    if held is None or held.state == "open":
        return None
    after = replace(pickup, state=STATES[held.state], since=now, version=pickup.version + 1)
    notice = _notice(after, environment.locations.all().get(after.location))
    try:
        environment.pickups.put(after, notice.write())
    except Conflict:
        return None
    write_event(environment, notice)
    return after.state


def _moved(pickup: Pickup, state: State, now: datetime, until: datetime | None = None) -> Pickup:
    try:
        return pickup.moved(state, now, until)
    except PickupState as wrong:
        raise StockProblem(409, "pickup_state", SENTENCES[wrong.state], state=wrong.state) from wrong


def _read(environment: Environment, id_: str) -> Pickup:
    found = environment.pickups.read(text({"id": id_}, "id", KEY_LENGTH))
    if found is None:
        raise not_found("there is no such pick-up; its id is the key that it was made with")
    return found


def _told(environment: Environment, id_: str, state: State) -> dict[str, Any]:
    """The answer, after the event of the state is written; a repetition writes it again, which changes nothing."""
    notice = environment.people().notices.read(_notice_id(id_, state))
    if notice is not None:
        write_event(environment, notice)
    return {"pickup": pickup_json(_read(environment, id_))}


def _notice_id(id_: str, state: State) -> str:
    return notice_id("pickup", id_, state)


def _notice(pickup: Pickup, place: Location | None, promised: datetime | None = None) -> Notice:
    code = {"code": pickup.code} if pickup.state == "ready" else {}
    properties = {
        "pickup_id": pickup.id,
        "location": pickup.location,
        "location_name": place.shown if place else pickup.location,
        **({"location_address": place.address} if place and place.address else {}),
        **({"ready_by": time_text(promised)} if promised else {}),
        "until": time_text(pickup.until),
        **({"order_id": pickup.order_id} if pickup.order_id else {}),
        **code,
        "products": [{"sku": line.sku, "quantity": line.quantity} for line in pickup.lines],
    }
    return Notice(_notice_id(pickup.id, pickup.state), pickup.who, EVENTS[pickup.state], pickup.since, properties)


def pickup_json(pickup: Pickup) -> dict[str, Any]:
    """A pick-up as answers show it: without the code and without the customer."""
    return {
        "id": pickup.id,
        "state": pickup.state,
        "since": time_text(pickup.since),
        "until": time_text(pickup.until),
        "location": pickup.location,
        "order_id": pickup.order_id or None,
        "locked": pickup.locked,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in pickup.lines],
    }
