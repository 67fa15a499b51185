"""Who enters because a definition is new has done nothing: schedule is told, and greets nobody for it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.profile.customer_item import Customer, read_customer
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.rule_changes import ruled_since
from tests.support.backfills import BUYERS, NEW, REGULARS, Shop16
from tests.support.world import event

pytestmark = pytest.mark.unit
OF_BUYERS = {"segment": "not-buyers", "who": {"not": {"in_segment": "buyers"}}}


def ordered(number: str, who: str = "user:ada") -> Any:
    return event("Order Completed", [who], id=number, trusted=True, order_id=number, total=1)


def customer(world: Shop16) -> Customer:
    found = [item for item in world.tables["customers"].memory.items() if item["sk"] == "customer"]
    assert len(found) == 1
    return read_customer(found[0])


def test_a_new_rule_is_no_news_of_the_customer_and_an_order_is() -> None:
    """Entered by the backfill; later entered by an order."""
    world = Shop16()
    world.publish(BUYERS)
    world.send(ordered("1"))
    assert (customer(world).entered, customer(world).backfilled) == (("buyers",), ())
    world.publish(BUYERS, NEW, REGULARS)
    world.pump()
    assert (customer(world).entered, customer(world).backfilled) == (("new",), ("new",))
    world.send(ordered("2"))
    assert (customer(world).entered, customer(world).backfilled) == (("regulars",), ())


def test_who_leaves_because_the_segment_is_gone_has_not_left() -> None:
    """The same for a segment that is taken out of the definitions."""
    world = Shop16()
    world.publish(BUYERS)
    world.send(ordered("1"))
    world.publish(NEW)
    world.pump()
    assert (customer(world).left, set(customer(world).backfilled)) == (("buyers",), {"buyers", "new"})


@pytest.mark.parametrize(
    ("segments", "shop", "since"),
    [
        ((BUYERS, OF_BUYERS), {}, {"buyers": 1, "not-buyers": 1}),
        ((BUYERS | {"label": {"en": "Buyers"}}, OF_BUYERS), {"name": "Another"}, {"buyers": 1, "not-buyers": 1}),
        ((BUYERS, OF_BUYERS, NEW), {}, {"buyers": 1, "not-buyers": 1, "new": 2}),
        ((BUYERS | {"who": REGULARS["who"]}, OF_BUYERS), {}, {"buyers": 2, "not-buyers": 2}),
        ((BUYERS, OF_BUYERS), {"orders_ignore": []}, {"buyers": 2, "not-buyers": 2}),
    ],
)
def test_a_rule_is_what_decides(segments: Any, shop: dict[str, Any], since: dict[str, int]) -> None:
    """Labels and addresses decide nothing; segments that are asked about, and the shop's answers, do."""

    def release(number: int, parts: Any, **answers: Any) -> Release:
        asked = Shop(**{"name": "Kervan", **answers})
        return Release(number, asked, tuple(SegmentDefinition.model_validate(part) for part in parts))

    first = release(1, (BUYERS, OF_BUYERS))
    first = Release(1, first.shop, first.segments, ruled_since=ruled_since(first, Release(0, first.shop)))
    assert ruled_since(release(2, segments, **shop), first) == since
