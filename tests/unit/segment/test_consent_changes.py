"""Segment hands on whose consents may have changed, before the work counts as done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from functions.segment.batch import Batch
from functions.segment.consent_changes import ConsentChanges
from functions.segment.service import Segmentation
from shared.domain.audiences.tasks import read_task as audience_homes
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.tasks import read_task
from shared.domain.segments.definition import SegmentDefinition
from tests.support.world import KEYS, NOW, Rules, World, event

pytestmark = pytest.mark.unit
SHOP = Shop.model_validate({"name": "Test", "iys": {"code": 1, "brand": 2}})


class Told:
    def __init__(self) -> None:
        self.homes: list[str] = []

    def send_many(self, bodies: Iterable[str]) -> None:
        self.homes += [home for body in bodies for home in read_task(body).homes]


def folded(*events: Any, shop: Shop = SHOP) -> list[str]:
    world, told = World(), Told()
    segmentation = Segmentation(world.store, world.timers, KEYS, Rules(shop=shop), consent_changes=ConsentChanges(told))
    batches: dict[str, Batch] = {}
    for one in events:
        batches.setdefault(KEYS(one.owner), Batch(KEYS(one.owner))).events.append(one)
    segmentation.fold(batches.values(), NOW + timedelta(hours=1))
    return sorted(told.homes)


class Homes(Told):
    def send_many(self, bodies: Iterable[str]) -> None:
        self.homes += [home for body in bodies for home in audience_homes(body)]


LISTED = Shop.model_validate(
    {"name": "Test", "audiences": {"buyers-at-meta": {"segment": "buyers", "to": "meta", "list": "7"}}}
)
BUYERS = SegmentDefinition.model_validate({"segment": "buyers", "who": {"orders": {"at_least": 1}}})


def handed_to_audiences(*events: Any, shop: Shop = LISTED) -> list[str]:
    world, told = World(), Homes()
    rules = Rules(segments=(BUYERS,), shop=shop)
    segmentation = Segmentation(world.store, world.timers, KEYS, rules, consent_changes=ConsentChanges(None, told))
    for one in events:
        batch = Batch(KEYS(one.owner))
        batch.events.append(one)
        segmentation.fold([batch], NOW + timedelta(hours=1))
    return told.homes


def key(who: str) -> str:
    return KEYS(parse_identifier(who))


def test_who_stated_something_is_handed_on() -> None:
    """Once for several statements; whoever did something else is not."""
    stated = [
        event(name, ["user:42"], id=f"{name}", channel="email")
        for name in ("Consent Granted", "Consent Withdrawn", "Unsubscribed", "Email Marked as Spam")
    ]
    other = event("Product Viewed", ["user:7"], product_id="x")
    assert folded(*stated, other) == [key("user:42")]


def test_an_address_that_is_linked_is_handed_on() -> None:
    """What was said without naming an address holds for it from now on; a browser has none."""
    linked = event("identify", ["user:42", "email:ayse@example.com", "anonymous:a1"], trusted=True)
    assert folded(linked) == [key("email:ayse@example.com")]


def test_without_an_account_nobody_is() -> None:
    assert folded(event("Consent Granted", ["user:42"], channel="email"), shop=Shop(name="Test")) == []


def test_who_enters_a_segment_of_an_audience_is_handed_on() -> None:
    """Once; who is in it already is not, nor anybody without audiences."""
    orders = [
        event(
            "Order Completed", ["user:42"], id=f"o{number}", order_id=str(number), total=5, currency="TRY", trusted=True
        )
        for number in (1, 2)
    ]
    assert handed_to_audiences(*orders) == [key("user:42")]
    assert handed_to_audiences(*orders, shop=Shop(name="Test")) == []


def test_audiences_hear_of_consents_links_and_restrictions() -> None:
    said = event("Consent Withdrawn", ["user:42"], channel="email")
    linked = event("identify", ["user:42", "email:ayse@example.com"], trusted=True)
    held = event("Processing Restricted", ["user:42"], id="r1")
    assert set(handed_to_audiences(said, linked, held)) == {key("user:42"), key("email:ayse@example.com")}
