"""What facts must keep for definitions: read off their nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.domain.definitions.value_test import ValueTest, feature_key
from shared.domain.facts.features import AHEAD, ORDER_ID, ORDER_TIMES, features
from shared.domain.facts.fold import Features, Filtered
from shared.domain.journeys.conditions import LOOKED, LOOKS, LookedAgain, nodes_of
from shared.domain.journeys.conditions import leaves_of as leaves_of_condition
from shared.domain.journeys.definition import EventStart, JourneyDefinition
from shared.domain.segments.counting_rules import Event
from shared.domain.segments.definition import Leaf, SegmentDefinition, leaves_of


def needed_features(segments: Iterable[SegmentDefinition], journeys: Iterable[JourneyDefinition]) -> Features:
    """The least features that answer every ``event``, every ``looked_again`` and every wait, dated ahead or not
    (``AHEAD``).

    The event that begins a journey is remembered once, by its name: its properties are asked when it comes.
    """
    needed = _Needed()
    for segment in segments:
        needed.nodes(leaves_of(segment.who))
    for journey in journeys:
        if isinstance(journey.start, EventStart):
            needed.occurrences(journey.start.event, None, 1)
        for condition in journey.conditions:
            needed.nodes(leaves_of_condition(condition))
            if any(isinstance(node, LookedAgain) for node in nodes_of(condition)):
                needed.occurrences(LOOKED, None, LOOKS + AHEAD)
        for wait in journey.plan.waits:
            rule = wait.wait_for
            if rule.same is None:
                needed.occurrences(rule.event, rule.where, 1 + AHEAD)
            elif not (rule.event in ORDER_TIMES and rule.same == ORDER_ID and _begun_by_order(journey)):
                needed.keyed.setdefault(rule.event, set()).add(rule.same)
    return features(needed.keep, {name: asked.values() for name, asked in needed.filtered.items()}, needed.keyed)


def _begun_by_order(journey: JourneyDefinition) -> bool:
    """Then the order is among the customer's, with what happened to it."""
    return isinstance(journey.start, EventStart) and journey.start.event == "Order Completed"


class _Needed:
    """Collects; the same question asked twice is kept for the larger number."""

    def __init__(self) -> None:
        self.keep: dict[str, int] = {}
        self.filtered: dict[str, dict[str, Filtered]] = {}
        self.keyed: dict[str, set[str]] = {}

    def nodes(self, leaves: Iterator[Leaf]) -> None:
        for leaf in leaves:
            if isinstance(leaf, Event):
                rule = leaf.event
                self.occurrences(rule.name, rule.where, rule.keep + AHEAD)

    def occurrences(self, name: str, where: Mapping[str, ValueTest] | None, count: int) -> None:
        if not where:
            self.keep[name] = max(self.keep.get(name, 0), count)
            return
        key = feature_key(name, where)
        asked = self.filtered.setdefault(name, {})
        known = asked.get(key)
        asked[key] = Filtered(key, where, max(count, known.keep if known else 0))
