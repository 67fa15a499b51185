"""A shop's history as NDJSON, as `kervan import events` reads it: people who browse unknown, sign in, and buy.

``python -m tests.support.history FILE EVENTS PEOPLE`` writes one; the same numbers give the same file, byte for byte.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN = datetime(2026, 3, 1, 6, tzinfo=UTC)
DAYS = 200
BROWSERS = 2


def history(events: int, people: int, *, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Rows in the order of time. Everybody has an account with an address and two browsers; a third of what people do
    is done signed out."""
    pick = random.Random(seed)
    step = timedelta(days=DAYS) / events
    for number in range(events):
        person, browser = pick.randrange(people), pick.randrange(BROWSERS)
        at = (BEGIN + number * step).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        row: dict[str, Any] = {"messageId": f"h-{number}", "timestamp": at, "anonymousId": f"b{person}-{browser}"}
        if pick.randrange(3):
            row["userId"] = f"u{person}"
        yield row | _deed(pick, number, person)


def _deed(pick: random.Random, number: int, person: int) -> dict[str, Any]:
    product = {
        "product_id": f"p{pick.randrange(500)}",
        "name": f"Keten gömlek {pick.randrange(500)}",
        "category": f"c{pick.randrange(12)}",
        "price": pick.randrange(50, 3000),
        "quantity": pick.randrange(1, 3),
        "currency": "TRY",
    }
    match pick.randrange(10):
        case 0:
            traits = {"email": f"u{person}@example.com", "city": pick.choice(("İzmir", "Iğdır", "Şırnak"))}
            return {"type": "identify", "userId": f"u{person}", "traits": traits}
        case 1:
            order = {"order_id": f"o-{number}", "total": product["price"], "currency": "TRY", "products": [product]}
            return {"type": "track", "event": "Order Completed", "properties": order}
        case 2 | 3:
            return {"type": "track", "event": "Product Added", "properties": product}
        case 4:
            return {"type": "page", "name": "Home"}
        case _:
            return {"type": "track", "event": "Product Viewed", "properties": product}


def write(file: Path, events: int, people: int) -> None:
    """One row a line."""
    with file.open("w", encoding="utf-8") as lines:
        for row in history(events, people):
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
