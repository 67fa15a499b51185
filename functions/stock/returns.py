"""``POST /v1/stock/returns``: what was ordered anywhere comes back to a store."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from functions.stock.environment import Environment
from shared.domain.facts.orders import STORE_RETURN
from shared.domain.products.product import ProductRefused, read_amount, read_currency
from shared.domain.stock.request import StockRequest
from shared.http.answers import malformed
from shared.http.identifiers import read_identifier
from shared.operators.stock.customer_events import arm_notice, write_event
from shared.operators.stock.fields import ABOUT_LENGTH, KEY_LENGTH, LOCATION_LENGTH, only, optional_text, text
from shared.operators.stock.lines import check_together, read_lines
from shared.operators.stock.movements import level_json
from shared.operators.stock.problems import problem_of
from shared.stores.stock import KeyReused
from shared.stores.stock_changes import LineRefused
from shared.stores.stock_events import Notice, notice_id

FIELDS = frozenset(
    {"key", "customer", "order_id", "location", "lines", "sku", "quantity", "refund", "refund_id", "currency"}
)  # fmt: skip
MOST_LINES = 50


def take_back(environment: Environment, body: Mapping[str, Any]) -> dict[str, Any]:
    """The pieces are stock of the location again, and the customer's log says what was refunded. Repeating it changes
    nothing.

    Raises
    ------
    Problem
        400 for what cannot be read, 409 for a key that came with another request.
    """
    only(body, FIELDS)
    now, key = environment.clock.now(), text(body, "key", KEY_LENGTH)
    people = environment.people()
    who = read_identifier(text(body, "customer", 300), people.phone)
    order, location = text(body, "order_id", ABOUT_LENGTH), text(body, "location", LOCATION_LENGTH)
    lines = read_lines(body, kind="return")
    if len(lines) > MOST_LINES:
        raise malformed(f"a return has at most {MOST_LINES} lines")
    check_together(lines)
    try:
        refund, currency = read_amount(body.get("refund"), "refund"), read_currency(body.get("currency"))
    except ProductRefused as wrong:
        raise malformed(str(wrong)) from wrong
    refund_id = optional_text(body, "refund_id", ABOUT_LENGTH)
    place = environment.locations.all().get(location)
    notice = Notice(
        notice_id("return", key),
        str(who),
        "Order Refunded",
        now,
        {
            "order_id": order,
            # The shop's platform may report the same money: by the same id, or by its sum (STORE_RETURN).
            "refund_id": refund_id or STORE_RETURN + hashlib.blake2b(key.encode(), digest_size=12).hexdigest(),
            "total": str(refund),
            "currency": currency,
            "location": location,
            "location_name": (place.label if place else "") or location,
            "products": [{"sku": line.sku, "quantity": line.quantity} for line in lines],
        },
    )
    arm_notice(environment, notice, now)
    request = StockRequest(
        key, tuple(lines), now, f"return {order} {refund} {currency} {people.keys(who)} {refund_id}".rstrip()
    )
    try:
        applied = environment.stock.apply(request, environment.locations.rules, [notice.write()])
    except (LineRefused, KeyReused) as refused:
        raise problem_of(refused) from refused
    stored = people.notices.read(notice.id)
    if stored is not None:  # of a repetition that comes after weeks it is gone; it was told long ago
        write_event(environment, stored)
    rows = [
        {"sku": line.sku, "location": line.location, "quantity": line.quantity, "level": level_json(level)}
        for line, level in zip(lines, applied.levels, strict=True)
    ]
    return {"key": key, "order_id": order, "repeated": applied.repeated, "items": rows}
