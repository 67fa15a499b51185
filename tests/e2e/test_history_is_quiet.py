"""The day on which a shop moves in: an imported history begins no journey, whatever its age, order and links."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e

AGES = {
    "hour": timedelta(hours=1), "quarter": timedelta(hours=6), "day": timedelta(hours=26), "days": timedelta(days=3),
    "month": timedelta(days=29), "lapsed": timedelta(days=91), "season": timedelta(days=120),
    "year": timedelta(days=365), "years": timedelta(days=5 * 365),
}  # fmt: skip
ISTANBUL = timedelta(hours=3)
"""What the shop's clock is ahead of UTC."""
PRODUCT = {"product_id": "dress", "name": "Keten Elbise", "price": 1299.9, "currency": "TRY", "quantity": 1}


def person(who: str, at: datetime, birthday: str) -> Iterator[dict[str, Any]]:
    """Agreed to everything, and did what begins each of the ready journeys; the browser is linked by its last event."""

    def row(event: str, after: float, **properties: Any) -> dict[str, Any]:
        when = at + timedelta(seconds=after)
        said = {"type": "track", "event": event, "userId": who, "timestamp": when.isoformat()}
        return said | {"messageId": f"{who}-{event}-{after}", "properties": properties}

    traits = {"email": f"{who}@example.com", "first_name": "Ece", "birthday": birthday, "language": "tr"}
    said = row("x", 0)
    yield {**{name: said[name] for name in ("userId", "timestamp")}, "type": "identify", "traits": traits}
    for channel in ("email", "sms", "push"):
        yield row("Consent Granted", 1, channel=channel, purpose="marketing") | {"messageId": f"{who}-{channel}"}
    yield row("Signed Up", 2)
    for look in range(4):
        browser = row("Product Viewed", 3 + look, **PRODUCT)
        del browser["userId"]
        yield browser | {"anonymousId": f"browser-{who}"}
    for number in range(7):
        yield row("Order Completed", 10 + number, order_id=f"{who}-{number}", total=1300, currency="TRY",
                  products=[PRODUCT])  # fmt: skip
    for event in ("Product Back in Stock", "Product Price Dropped"):
        yield row(event, 20, **PRODUCT, old_price=1799.9)
    yield row("Offer Started", 21, name="Sale", ends_at=(at + timedelta(days=30)).isoformat())
    yield row("Order Shipped", 22, order_id=f"{who}-0") | {"messageId": f"{who}-shipped"}
    yield row("Product Added to Wishlist", 23, **PRODUCT)
    yield row("Order Delivered", 24, order_id=f"{who}-0", products=[PRODUCT])
    for event in ("Pickup Ready", "Pickup Waiting", "Pickup Expired"):
        yield row(event, 25, pickup_id=f"{who}-p", code="7KQ2MX", location_name="Kadıköy", order_id=f"{who}-0")
    yield row("Product Added", 30, **PRODUCT)
    yield row("Store Nearby", 31, location="kadikoy")
    yield {**row("Signed In", 31), "anonymousId": f"browser-{who}"}


def imported(kervan: Kervan, rows: list[dict[str, Any]], file: Path, *options: str) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    key = kervan.write_keys["server"]
    command = ["import", "events", str(file), "--endpoint", kervan.endpoint, "--write-key", key, "--json", *options]
    assert run(command) == 0
    kervan.settle()


def sent_to(kervan: Kervan, names: set[str]) -> set[str]:
    """Whose address something was sent to."""
    return {name for name, _why in sent(kervan, names)}


def sent(kervan: Kervan, names: set[str]) -> set[tuple[str, str]]:
    """Whose address something was sent to, and by which journey or campaign."""
    return {
        (name, str(item.get("journey")))
        for item in kervan.outbox()
        for name in names
        if f"{name}@example.com" in json.dumps(item)
    }


def test_an_imported_history_begins_nothing(kervan: Kervan, name: str, tmp_path: Path) -> None:
    """Nine people, one hour to five years ago, every ready journey, in any order and in two files; nothing goes out in
    the fifteen hours after it. Segments show since when they are true."""
    now = kervan.now()
    # A day begins for a customer within its first half hour. A birthday of that moment would be greeted, and rightly.
    began = now + ISTANBUL - timedelta(hours=1)
    today = f"1990-{began:%m-%d}"
    people = {f"{word}-{name}": age for word, age in AGES.items()}
    rows = [row for who, age in people.items() for row in person(who, now - age, today)]
    random.Random(name).shuffle(rows)
    for part, half in enumerate((rows[::2], rows[1::2])):
        imported(kervan, half, tmp_path / f"history{part}.ndjson")
    kervan.advance(timedelta(hours=15))
    assert sent(kervan, set(people)) == set()
    assert all(kervan.messages(f"user:{who}") == [] for who in people)
    lapsed = kervan.customer(f"user:season-{name}")
    assert lapsed["orders"]["count"] == 7
    true_since = datetime.fromisoformat(lapsed["segments"]["at-risk"])
    assert abs(true_since - (now - timedelta(days=30))) < timedelta(minutes=1)


def test_a_live_import_begins_journeys(kervan: Kervan, name: str, tmp_path: Path) -> None:
    """With --live a cart of ten minutes ago is reminded of."""
    who = f"live-{name}"
    rows = [row for row in person(who, kervan.now() - timedelta(minutes=10), "1990-01-01")
            if row.get("event") in {None, "Consent Granted", "Product Added"}]  # fmt: skip
    imported(kervan, rows, tmp_path / "live.ndjson", "--live")
    kervan.advance(timedelta(hours=15))
    assert sent_to(kervan, {who}) == {who}


def test_only_who_lapsed_just_now_is_won_back(kervan: Kervan, name: str) -> None:
    """The same history told by the shop's server: whoever lapsed longer ago than the win-back is fresh gets nothing."""
    now, people = kervan.now(), {f"h{days}-{name}": days for days in (300, 200, 120, 95, 91)}
    server = kervan.channel("server")
    told = {None, "Consent Granted", "Order Completed"}
    rows = [row for who, days in people.items() for row in person(who, now - timedelta(days=days), "1990-01-01")]
    server.post("batch", {"batch": [row for row in rows if row.get("event") in told]})
    kervan.settle()
    kervan.advance(timedelta(hours=30))
    assert sent_to(kervan, set(people)) == {f"h91-{name}"}
