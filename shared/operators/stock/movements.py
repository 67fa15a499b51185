"""``POST /v1/stock/movements``: one request of one line or many, applied together or line by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.stock.level import Level
from shared.domain.stock.request import Line, StockRequest, fingerprint
from shared.http.answers import malformed
from shared.operators.stock.environment import Environment
from shared.operators.stock.fields import ABOUT_LENGTH, KEY_LENGTH, hold, only, optional_text, text, truth
from shared.operators.stock.lines import LINE_FIELDS, check_together, read_lines
from shared.operators.stock.problems import problem_of
from shared.operators.stock.reservations import check_no_pickup, end, reserve
from shared.ports import Throttled
from shared.stores.stock import Applied, KeyReused
from shared.stores.stock_changes import LineRefused

FIELDS = LINE_FIELDS | {"key", "lines", "order_id", "all_or_nothing", "reservation", "expires_in"}
HOLD = timedelta(minutes=30)
"""How long a reservation lasts whose request does not say."""
ENDS = {"sale": "collected", "release": "released"}

EACH = "\x1f"
"""Between the key of a request and the number of a line: a sign that no key of a caller holds."""


def move(environment: Environment, body: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a request and tell the level of each line after it.

    Raises
    ------
    Problem
        400 for what cannot be read, 409 for what the stock does not allow.
    """
    only(body, FIELDS)
    key = text(body, "key", KEY_LENGTH)
    if body.get("kind") == "release" or body.get("reservation") is not None:
        return _end(environment, body, key)
    lines = read_lines(body)
    now, about = environment.clock.now(), optional_text(body, "order_id", ABOUT_LENGTH)
    if any(line.kind == "reserve" for line in lines):
        if any(line.kind != "reserve" for line in lines) or not truth(body, "all_or_nothing", default=True):
            raise malformed("reserve stands in a request of its own, all lines or none")
        check_together(lines)
        check_no_pickup(environment, key)
        request = StockRequest(key, tuple(lines), now, about)
        return {"key": key, "reservation": reserve(environment, request, hold(body, "expires_in", now, HOLD))}
    if truth(body, "all_or_nothing", default=True):
        check_together(lines)
        try:
            applied = environment.stock.apply(StockRequest(key, tuple(lines), now, about), environment.locations.rules)
        except (LineRefused, KeyReused) as refused:
            raise problem_of(refused) from refused
        return _answer(key, [_applied(*row, applied) for row in zip(lines, applied.levels, strict=True)])
    try:
        environment.stock.claim(key, fingerprint(StockRequest(key, tuple(lines), now, about, "line by line")))
    except KeyReused as refused:
        raise problem_of(refused) from refused
    rows = [
        _one(environment, line, StockRequest(f"{key}{EACH}{n}", (line,), now, about)) for n, line in enumerate(lines)
    ]
    return _answer(key, rows)


def _one(environment: Environment, line: Line, request: StockRequest) -> dict[str, Any]:
    """One line on its own: what becomes of it is no matter of the others."""
    try:
        applied = environment.stock.apply(request, environment.locations.rules)
    except LineRefused as refused:
        return {**_said(line), "state": "refused", "reason": refused.reason, "level": None}
    except KeyReused:
        return {**_said(line), "state": "refused", "reason": "key_reused", "level": None}
    except Throttled:
        return {**_said(line), "state": "refused", "reason": "unavailable", "level": None}
    return _applied(line, applied.levels[0], applied)


def _end(environment: Environment, body: Mapping[str, Any], key: str) -> dict[str, Any]:
    kind = body.get("kind")
    if kind not in ENDS:
        raise malformed("a reservation ends by a sale or a release")
    if body.keys() & {"lines", "sku", "quantity", "location", "to", "arrival", "all_or_nothing"}:
        raise malformed("a reservation knows its lines; send kind, key and reservation")
    id_ = text(body, "reservation", KEY_LENGTH)
    return {"key": key, "reservation": end(environment, id_, ENDS[kind], key)}


def _answer(key: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    done = [item for item in items if item["state"] != "refused"]
    return {"key": key, "applied": len(done), "refused": len(items) - len(done), "items": items}


def _applied(line: Line, level: Level, applied: Applied) -> dict[str, Any]:
    state = "repeated" if applied.repeated else "applied"
    return {**_said(line), "state": state, "reason": None, "level": level_json(level)}


def _said(line: Line) -> dict[str, Any]:
    return {"kind": line.kind, "sku": line.sku, "location": line.location, "quantity": line.quantity}


def level_json(level: Level) -> dict[str, int]:
    """The numbers of a level, as answers show them."""
    return {
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "incoming": level.incoming,
        "available": level.available,
    }
