"""Releases and the switches beside them, on the fake and on DynamoDB (moto)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from shared.domain.definitions.release import NOTHING, Release, read_release, write_release
from shared.domain.definitions.shop import Shop
from shared.domain.journeys.definition import EventStart, JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.templates.definition import Action, Template
from shared.ports import Conflict, Table
from shared.stores.journey_controls import JourneyControls
from shared.stores.releases import Releases
from tests.contract.plain_table import KINDS, plain_table

pytestmark = pytest.mark.contract


def read(path: str) -> object:
    return yaml.safe_load(Path("definitions", path).read_text("utf-8"))


JOURNEY = JourneyDefinition.model_validate(read("journeys/cart-recovery.yaml"))
DEFINITIONS = Release(
    0,
    Shop.model_validate(read("shop.yaml")),
    (SegmentDefinition.model_validate(read("segments/at-risk.yaml")),),
    (JOURNEY,),
    (
        Template(
            template="a", purpose="marketing", action=Action(text={"tr": "ş"}, url="u"), html={"tr": "ğüş" * 150_000}
        ),
    ),
)


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=KINDS)
def catalog(request: pytest.FixtureRequest) -> Iterator[Table]:
    yield from plain_table(request.param)


def test_a_release_is_read_as_it_was_published(catalog: Table) -> None:
    """Larger than an item, split between two halves of a letter, and equal again in another environment."""
    published = Releases(catalog).publish(DEFINITIONS)
    assert published.number == 1
    assert len(catalog.query("release#1").items) > 1
    assert Releases(catalog).current() == published


def test_before_the_first_release_there_is_an_empty_one(catalog: Table) -> None:
    """Events may come before anything is published."""
    assert Releases(catalog).current() is NOTHING


def test_the_pointer_is_believed_for_fifteen_seconds(catalog: Table) -> None:
    """An environment sees a new release after 15 s, or at once if it asks."""
    clock = Seconds()
    mine, other = Releases(catalog, monotonic=clock), Releases(catalog)
    other.publish(DEFINITIONS)
    assert mine.current().number == 1
    other.publish(DEFINITIONS)
    clock.now = 14.9
    assert mine.current().number == 1
    assert mine.current(refresh=True).number == 2
    other.publish(DEFINITIONS)
    clock.now = 30.0
    assert mine.current().number == 3


def test_rolling_back_is_a_new_number(catalog: Table) -> None:
    """The old release stays what it was, for the runs that pin it."""
    store = Releases(catalog)
    store.publish(DEFINITIONS)
    store.publish(replace(DEFINITIONS, journeys=()))
    back = store.publish(store.get(1) or NOTHING)
    assert back.number == 3
    assert store.current().journeys == DEFINITIONS.journeys
    assert (store.get(2) or DEFINITIONS).journeys == ()


def test_a_publication_that_crashed_is_never_current_and_burns_its_number(catalog: Table) -> None:
    """Half of release 1 is there, the pointer is not: the next publication is number 2."""
    catalog.put({"pk": "release#1", "sk": "part#000", "parts": 2, "data": b"{"})
    store = Releases(catalog)
    assert store.current() is NOTHING
    assert store.publish(DEFINITIONS).number == 2
    assert store.get(1) is None


def test_two_who_publish_at_once_do_not_overwrite_each_other(catalog: Table) -> None:
    """The pointer flips on condition of what was read: the slower one hears of it."""
    slow = Releases(catalog)
    reserve = slow._reserve

    def overtaken(release: Release) -> bool:
        slow._reserve = reserve  # type: ignore[method-assign]
        Releases(catalog).publish(DEFINITIONS)
        return reserve(release)

    slow._reserve = overtaken  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        slow.publish(DEFINITIONS)


def test_facts_are_raised_only_when_features_change(catalog: Table) -> None:
    """The same features keep ``folded_since``; a journey that starts with an event of its own raises it."""
    store = Releases(catalog)
    store.publish(DEFINITIONS)
    assert store.publish(replace(DEFINITIONS, segments=())).folded_since == 1
    start = EventStart(event="Warranty Registered")
    other = JourneyDefinition(journey="other", start=start, steps=JOURNEY.steps)
    changed = store.publish(replace(DEFINITIONS, journeys=(JOURNEY, other)))
    assert changed.folded_since == 3
    assert changed.features.keep["Warranty Registered"] == 1


def test_a_release_is_plain_json() -> None:
    """Definitions in it look as a marketer wrote them: durations, aliases, nothing that was left out."""
    text = write_release(DEFINITIONS)
    assert '"no_reaction":{"after":"4h","then":"next_channel"}' in text
    assert '"start":{"when":"cart_changed","if":{"cart":{"items":{"at_least":1}}}}' in text
    assert read_release(text) == DEFINITIONS


def test_switches_act_within_seconds(catalog: Table) -> None:
    """A journey that nobody touched runs; a pause is seen at once by who set it, and within 5 s by others."""
    clock = Seconds()
    mine, other = JourneyControls(catalog, monotonic=clock), JourneyControls(catalog)
    assert mine.of("cart-recovery") == "running"
    other.set("cart-recovery", "paused", datetime(2026, 11, 22, tzinfo=UTC))
    assert other.of("cart-recovery") == "paused"
    assert mine.of("cart-recovery") == "running"
    clock.now = 5.0
    assert mine.of("cart-recovery") == "paused"
