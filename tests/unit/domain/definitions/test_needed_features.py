"""What facts must keep is read off the definitions, and a release that needs something else says so."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.definitions.release import Release, read_release, write_release
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.value_test import ValueTest, feature_key
from shared.domain.facts.features import AHEAD, COMMON
from shared.domain.facts.fold import Filtered
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition

pytestmark = pytest.mark.unit

SHOES = {"category": ValueTest.model_validate({"is": "Shoes"})}


def release(*rules: Any, journeys: tuple[dict[str, Any], ...] = ()) -> Release:
    segments = [SegmentDefinition.model_validate({"segment": f"s{n}", "who": who}) for n, who in enumerate(rules)]
    return Release(
        1, Shop(name="Test"), tuple(segments), tuple(JourneyDefinition.model_validate(one) for one in journeys)
    )


def journey(start: dict[str, Any], *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    send = {"id": "one", "send": "t", "purpose": "marketing", "channels": ["email"]}
    return {"journey": "j", "start": start, "steps": [*steps, send], **more}


def test_nothing_asked_is_nothing_kept() -> None:
    """Without a definition that asks, only the common names are kept, once each."""
    features = release({"orders": {"at_least": 1}}).features
    assert (features.keep, features.filtered, features.keyed) == (COMMON, {}, {})


def test_segments_ask_for_the_largest_number() -> None:
    """One more than the largest threshold, and room for what is dated ahead; deep inside as well; tests apart."""
    views: dict[str, Any] = {"name": "Product Viewed"}
    asked = release(
        {"event": {**views, "at_least": 2, "at_most": 5, "within": "7d"}},
        {"not": {"any": [{"event": {**views, "at_least": 3}}, {"event": {"name": "Quiz", "first": {"within": "3d"}}}]}},
        {"event": {**views, "where": {"category": "Shoes"}, "at_least": 4}},
        {"event": {**views, "where": {"category": {"is": "Shoes"}}, "at_least": 1}},
    ).features
    assert asked.keep["Product Viewed"] == 6 + AHEAD
    assert asked.keep["Quiz"] == 1 + AHEAD
    key = feature_key("Product Viewed", SHOES)
    assert asked.filtered == {"Product Viewed": (Filtered(key, SHOES, 5 + AHEAD),)}


def test_journeys_ask_for_what_they_wait_for() -> None:
    """Starts by name, waits by name, by properties or by the value that must be the same, conditions like segments."""
    asked = release(
        journeys=(
            journey(
                {"event": "Quiz Finished", "where": {"score": 3}, "if": {"event": {"name": "If", "at_least": 2}}},
                {"wait_for": {"event": "Anything", "at_most": "3d"}},
                {"wait_for": {"event": "Call", "where": {"category": "Shoes"}, "at_most": "3d"}},
                {"wait_for": {"event": "Answer", "same": "quiz_id", "at_most": "3d"}},
                {
                    "branch": {
                        "if": {"event": {"name": "Branch", "at_least": 1}},
                        "then": [{"wait_for": {"event": "Deep", "same": "quiz_id", "at_most": "3d"}}],
                    }
                },
                stop_when={"any": [{"ordered": {"since": "clock"}}, {"event": {"name": "Stop", "at_least": 1}}]},
            ),
        )
    ).features
    new = {name: count for name, count in asked.keep.items() if name not in COMMON}
    assert new == {"Quiz Finished": 1, "If": 3 + AHEAD, "Anything": 1 + AHEAD, "Branch": 2 + AHEAD, "Stop": 2 + AHEAD}
    assert asked.filtered == {"Call": (Filtered(feature_key("Call", SHOES), SHOES, 1 + AHEAD),)}
    assert asked.keyed == {"Answer": ("quiz_id",), "Deep": ("quiz_id",)}


def test_orders_answer_for_themselves() -> None:
    """The times of an order are kept with it: waiting for its parcel asks for nothing; by another property it does."""
    wait = {"wait_for": {"event": "Order Shipped", "same": "order_id", "at_most": "9d"}}
    other = {"wait_for": {"event": "Order Shipped", "same": "parcel", "at_most": "9d"}}
    assert release(journeys=(journey({"event": "Order Completed"}, wait),)).features.keyed == {}
    found = release(journeys=(journey({"event": "Order Completed"}, wait, other),)).features
    assert found.keyed == {"Order Shipped": ("parcel",)}


def test_the_fingerprint_is_that_of_what_is_kept() -> None:
    """Other order, other spelling, a stored copy: the same. Another test, number or property: another."""
    shoes = {"event": {"name": "Quiz", "where": {"category": "Shoes"}, "at_least": 4}}
    hats = {"event": {"name": "Quiz", "where": {"category": "Hats"}, "at_least": 4}}
    long = {"event": {"name": "Quiz", "where": {"category": {"is": "Shoes"}}, "at_least": 4, "within": "7d"}}
    wait = journey({"event": "Quiz"}, {"wait_for": {"event": "Answer", "same": "quiz_id", "at_most": "3d"}})
    one = release(shoes, hats, journeys=(wait,))
    assert one.fingerprint == release(hats, long, journeys=(wait,)).fingerprint
    assert one.fingerprint == read_release(write_release(one)).fingerprint
    more = {"event": {"name": "Quiz", "where": {"category": "Hats"}, "at_least": 5}}
    others = [release(shoes, hats), release(shoes, journeys=(wait,)), release(shoes, more, journeys=(wait,)), release()]
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 5


def waiting_for(name: str, **more: Any) -> Release:
    return release(journeys=(journey({"event": "Quiz"}, {"wait_for": {"event": name, "at_most": "3d", **more}}),))


def test_a_release_carries_what_enrollments_of_the_one_before_wait_for() -> None:
    """The new definitions and the earlier ones, each once and three at most; a stored copy says the same."""
    first = waiting_for("Call", where={"category": "Shoes"})
    second = waiting_for("Answer", same="quiz_id").after(first)
    assert second.features.filtered == first.features.filtered
    assert second.features.keyed == {"Answer": ("quiz_id",)}
    stored = read_release(write_release(second))
    assert (stored.carried, stored.features, stored.fingerprint) == (
        second.carried,
        second.features,
        second.fingerprint,
    )
    assert second.after(second).carried == second.carried
    back = first.after(second)
    assert [one.written() for one in back.carried] == [second.needed.written()]
    latest = second
    for name in ("C", "D", "E"):
        latest = waiting_for(name).after(latest)
    assert {"C", "D", "E"} <= latest.features.keep.keys()
    assert (latest.features.filtered, latest.features.keyed) == ({}, {"Answer": ("quiz_id",)})


def test_releases_without_journeys_leave_nothing() -> None:
    """Nobody is under way by the rules of a segment alone; what nobody needs takes no place."""
    asking = release({"event": {"name": "Quiz", "at_least": 4}})
    assert release().after(asking).carried == ()
    plain = release(journeys=(journey({"event": "Order Completed"}),))
    assert waiting_for("Call").after(plain).carried == ()
