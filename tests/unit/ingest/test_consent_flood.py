"""What a flood of statements of consent with a public key costs, counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.adapters.memory import MemoryTable
from shared.domain.consent.folding import BOUNDS
from shared.domain.identity.identifiers import parse_identifier
from shared.stores.customers import CustomerStore
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit

MANY = 2_000
MAILBOX = "ayse@example.com"
LONG = "x" * 200


def withdrawal(number: int, **properties: Any) -> dict[str, Any]:
    said = {"channel": "email", **properties}
    return {
        "type": "track", "userId": "42", "event": "Consent Withdrawn", "messageId": f"m-{number}", "properties": said,
    }  # fmt: skip


def purposes(number: int) -> dict[str, Any]:
    return withdrawal(number, channel=("email", "sms", "push")[number % 3], purpose=f"p{number}")


def addresses(number: int) -> dict[str, Any]:
    return withdrawal(number, address=f"a{number}@example.com")


def everything(number: int) -> dict[str, Any]:
    """As long as they may be, and always another purpose, address and origin."""
    said = withdrawal(number, purpose=f"p{number:031}", address=f"a{number}@example.com")
    said["properties"] |= {"text_version": LONG, "source": f"{number}{LONG}"}
    return said | {"messageId": f"{number:0100}"}


def grants(number: int) -> dict[str, Any]:
    return purposes(number) | {"event": "Consent Granted"}


def customers(number: int) -> dict[str, Any]:
    """Thousands of customers name one address."""
    return withdrawal(number, address=MAILBOX) | {"userId": f"u-{number}"}


def flood(world: World, statement: Callable[[int], dict[str, Any]], many: int = MANY, key: str = WEB_KEY) -> None:
    for first in range(0, many, 250):
        batch = [statement(number) for number in range(first, min(first + 250, many))]
        status, answer = world.post("/v1/batch", {"batch": batch}, key)
        assert (status, answer["rejected"]) == (200, [])


def read(world: World, identifier: str) -> tuple[int, float]:
    """Items of consent and read units of one read of the customer, or of an address."""
    key = world.keys(parse_identifier(identifier))
    world.customers.usage.reset()
    control = CustomerStore(world.customers).control(key)
    return len(control.consents), world.customers.usage.read_units


@pytest.mark.parametrize(
    ("statement", "identifier", "most_items", "most_units"),
    [
        (purposes, "user:42", BOUNDS.most, 3),
        (addresses, "user:42", BOUNDS.most, 3),
        (grants, "user:42", BOUNDS.powerless, 1),
        (everything, "user:42", BOUNDS.most, 9),
        (customers, f"email:{MAILBOX}", BOUNDS.places + 1, 2),
    ],
)
def test_a_read_is_bounded(
    statement: Callable[[int], dict[str, Any]], identifier: str, most_items: int, most_units: float
) -> None:
    """Whatever a public key sends: ten times as many cost the same."""
    world = World()
    flood(world, statement, MANY // 4)
    _, before = read(world, identifier)
    flood(world, statement)
    items, units = read(world, identifier)
    assert items <= most_items
    assert units <= most_units
    assert units <= before + 1


def test_an_ordinary_statement_costs_what_it_did() -> None:
    """One request for each partition, and no read. What is sent again costs one more, the ordinary event none."""
    world = World()
    usage = world.customers.usage
    usage.reset()
    world.post("/v1/track", {**withdrawal(1, address=MAILBOX), "type": "track"}, WEB_KEY)
    assert usage.by_operation == {"put": 2, "put_many": 1}
    usage.reset()
    world.post("/v1/track", {"type": "track", "userId": "42", "event": "Product Viewed", "properties": {}}, WEB_KEY)
    assert usage.by_operation == {"put_many": 1}
    usage.reset()
    world.post("/v1/batch", {"batch": [withdrawal(n) | {"userId": f"u-{n}"} for n in range(25)]}, STORE_KEY)
    assert usage.by_operation == {"put": 25, "put_many": 1}


def test_a_folded_statement_costs_three_requests_more() -> None:
    """In one batch forty of them share those; the requests are counted where a batch of 200 meets a full customer."""
    world = World()
    flood(world, purposes, 300)
    table: MemoryTable = world.customers
    table.usage.reset()
    flood(world, lambda number: purposes(number + 1_000), 1)
    assert table.usage.by_operation == {"conflict": 1, "get_many": 1, "query": 1, "transact": 1, "put_many": 1}
    table.usage.reset()
    flood(world, lambda number: purposes(number + 2_000), 200)
    assert table.usage.by_operation["transact"] == 5
