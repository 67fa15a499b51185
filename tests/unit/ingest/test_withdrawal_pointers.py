"""Each withdrawal with a public key leaves a pointer, before it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.identity.identifiers import parse_identifier
from shared.ports import Throttled
from shared.stores.withdrawal_pointers import SHARDS, Pointers, first_mark
from tests.unit.ingest.test_withdrawals_counted import withdrawal
from tests.unit.ingest.world import NOW, STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit


def pointers(world: World) -> set[tuple[str, str]]:
    kept = Pointers(world.metrics)
    pages = [kept.page("web", NOW, NOW, behind=first_mark(shard), most=100)[0] for shard in range(SHARDS)]
    return {(one.owner, one.address) for page in pages for one in page}


def test_a_withdrawal_is_found_by_its_source_and_hour() -> None:
    """Both events that withdraw; a grant, another event and a trusted source leave nothing."""
    world = World()
    other = {"type": "track", "event": "Product Viewed", "userId": "7", "properties": {"product_id": "p"}}
    whole = {"type": "track", "event": "Consent Withdrawn", "userId": "8", "properties": {"channel": "push"}}
    grant = withdrawal(3, "Consent Granted")
    batch = [withdrawal(1), withdrawal(2, "Unsubscribed"), grant, other, whole]
    assert world.post("/v1/batch", {"batch": batch}, key=WEB_KEY)[0] == 200
    assert world.post("/v1/batch", {"batch": [withdrawal(4)]}, key=STORE_KEY)[0] == 200
    ayse, can = (world.keys(parse_identifier(f"user:{user}")) for user in (42, 8))
    named = {world.keys(parse_identifier(f"email:a{number}@example.com")) for number in (1, 2)}
    assert pointers(world) == {(can, ""), *((ayse, address) for address in named)}


def test_a_withdrawal_without_a_pointer_is_not_stored() -> None:
    """The sender is told to send it again, as with every table that does not answer."""
    world = World()
    put = world.metrics.put_many

    def throttled(items: Any) -> None:
        raise Throttled

    world.metrics.put_many = throttled  # type: ignore[method-assign]
    with pytest.raises(Throttled):
        world.post("/v1/batch", {"batch": [withdrawal(1)]}, key=WEB_KEY)
    assert world.customers.items() == []
    world.metrics.put_many = put  # type: ignore[method-assign]
    assert world.post("/v1/batch", {"batch": [withdrawal(1)]}, key=WEB_KEY)[0] == 200
    assert len(pointers(world)) == 1


def test_other_events_cost_no_request_more() -> None:
    """Whoever withdraws nothing writes no pointer, whatever the key."""
    world = World()
    asked: list[Any] = []
    world.metrics.put_many = asked.append  # type: ignore[method-assign,assignment]
    view = {"type": "track", "event": "Product Viewed", "userId": "7", "properties": {"product_id": "p"}}
    for key in (WEB_KEY, STORE_KEY):
        assert world.post("/v1/batch", {"batch": [view, withdrawal(3, "Consent Granted")]}, key=key)[0] == 200
    assert asked == []
