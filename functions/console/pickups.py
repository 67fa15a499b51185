"""Pick-ups at a store, for the till: enter the code, see what is meant, hand it out. Made for a phone."""

from __future__ import annotations

from typing import Any

from functions.console.changes import noted
from functions.console.page import ROOT, page, redirect
from functions.console.shop import shop_of
from functions.console.visit import Visit
from shared.http.answers import Answer, Problem, malformed
from shared.operators.stock import pickups
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import KEY_LENGTH, LOCATION_LENGTH
from shared.operators.stock.pickups import of_code, waiting_at
from shared.stores.releases import Releases

CODE_LENGTH = 40
NO_CODE = "no_code"
SAID = frozenset({"wrong_code", "locked", "pickup_state", "reservation_ended", "not_found", NO_CODE})
"""Refusals that the page explains."""


def show(visit: Visit) -> Answer:
    """Where to work, or what waits there. ``done`` names what was just handed out or made ready."""
    return _shown(visit, visit.request.query.get("location", ""), done=visit.request.query.get("done", ""))


def find(visit: Visit) -> Answer:
    """The pick-up of a code. The code comes in a form, so that it is in no address."""
    location, code = _location(visit), visit.form.get("code", "").strip()[:CODE_LENGTH]
    found = of_code(visit.environment.stock(), location, code) if code else None
    return _shown(visit, location, found=found, code=code, problem="" if found else NO_CODE)


def hand_out(visit: Visit) -> Answer:
    """The pieces leave the stock, once; a wrong code is counted."""
    desk, location, id_ = visit.environment.stock(), _location(visit), _id(visit)
    code = visit.form.get("code", "").strip()[:CODE_LENGTH]
    if not code:
        return _shown(visit, location, problem=NO_CODE)
    try:
        with noted(visit, "pickup.handed_out", {"pickup": id_}):
            pickups.collect(desk, id_, {"code": code}, admin=False)
    except Problem as refused:
        return _explained(visit, location, refused)
    return _done(visit, location, id_)


def make_ready(visit: Visit) -> Answer:
    """The pieces lie ready: the customer is told, with the code."""
    desk, location, id_ = visit.environment.stock(), _location(visit), _id(visit)
    try:
        with noted(visit, "pickup.ready", {"pickup": id_}):
            pickups.ready(desk, id_, {})
    except Problem as refused:
        return _explained(visit, location, refused)
    return _done(visit, location, id_)


def _shown(
    visit: Visit,
    location: str,
    *,
    found: dict[str, Any] | None = None,
    code: str = "",
    problem: str = "",
    done: str = "",
) -> Answer:
    desk = visit.environment.stock()
    places = {place.name: place for place in desk.locations.all().values() if place.pickup}
    store = places.get(location)
    waiting = waiting_at(desk, location, visit.request.query.get("cursor") or None) if store else None
    handed = _handed(desk, done) if done else None
    listed = [*(waiting["items"] if waiting else ()), *(one for one in (found, handed) if one)]
    return page(
        visit,
        "pickups.html",
        409 if problem and problem != NO_CODE else 200,
        shop=shop_of(Releases(visit.environment.catalog).current()),
        places=sorted(places.values(), key=lambda place: place.label or place.name),
        store=store,
        waiting=waiting,
        found=found,
        code=code,
        problem=problem,
        done=handed,
        names=_names(desk, listed),
    )


def _handed(desk: Environment, id_: str) -> dict[str, Any] | None:
    try:
        shown: dict[str, Any] = pickups.show(desk, id_[:KEY_LENGTH])["pickup"]
    except Problem:
        return None
    return shown if shown["state"] in ("picked_up", "ready") else None


def _names(desk: Environment, listed: list[dict[str, Any]]) -> dict[str, str]:
    """What the skus are called, as far as products are known; one request for a hundred."""
    known = desk.products.read(line["sku"] for one in listed for line in one["lines"])
    return {sku: stored.product.name for sku, stored in known.items()}


def _explained(visit: Visit, location: str, refused: Problem) -> Answer:
    if refused.code not in SAID:
        raise refused
    return _shown(visit, location, problem=refused.code)


def _done(visit: Visit, location: str, id_: str) -> Answer:
    from urllib.parse import urlencode

    return redirect(visit, f"{ROOT}/pickups?{urlencode({'location': location, 'done': id_})}")


def _location(visit: Visit) -> str:
    location = visit.form.get("location", "")
    if not 1 <= len(location) <= LOCATION_LENGTH:
        raise malformed("the form names no location")
    return location


def _id(visit: Visit) -> str:
    id_ = visit.form.get("id", "")
    if not 1 <= len(id_) <= KEY_LENGTH:
        raise malformed("the form names no pick-up")
    return id_
