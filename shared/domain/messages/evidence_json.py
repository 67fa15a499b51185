"""The evidence of a decision as JSON: the rule in both languages, and what made it true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe_outcome import asks_definition, describe_outcome
from shared.domain.messages.evidence import Evidence

FindJourney = Callable[[int, str], JourneyDefinition | None]
"""The journey of a release, by number and name; None if it is not there."""


def no_journey(_release: int, _journey: str) -> None:
    """Where no definitions are at hand: the general sentences are said."""


def evidence_json(
    reason: str, found: Evidence, release: int, journey: str, step: str, find: FindJourney
) -> dict[str, Any]:
    """``rule``: the sentence in ``tr`` and ``en``; ``found``: items with ``kind`` and, where they exist, ``id``,
    ``at``."""
    definition = find(release, journey) if asks_definition(reason) else None
    said = describe_outcome(reason, definition, step)
    return {"rule": {"tr": said.tr, "en": said.en}, "found": [dict(one) for one in found]}
