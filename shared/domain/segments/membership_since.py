"""When the truth of a segment last turned, given all facts: the time that a membership has of its own.

It is a function of the facts, so the order in which events arrive does not matter. Where facts are bounded, what was
forgotten may have turned it earlier.
"""

from __future__ import annotations

from datetime import UTC, datetime

from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluate import evaluate_segment
from shared.domain.segments.subject import Subject

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Before this instant nothing can have happened that a shop reports."""
MOST_TURNS = 5_000
"""The most instants that are looked at; a customer's facts have far fewer."""


def last_change(definition: SegmentDefinition, past: Subject, now: datetime) -> datetime | None:
    """The latest instant up to ``now`` at which the segment's truth became what it is.

    Walks from the beginning of time along the instants at which the truth may change.

    Parameters
    ----------
    past
        The customer with ``looking_back`` set: what is known only as it is now begins when it was said.

    Returns
    -------
    datetime or None
        None if it was always so as far as the facts know.
    """
    truth = evaluate_segment(definition, past, BEGINNING)
    turned: datetime | None = None
    for _ in range(MOST_TURNS):
        at = truth.valid_until
        if at is None or at > now:
            return turned
        then = evaluate_segment(definition, past, at)
        if then.value != truth.value:
            turned = at
        truth = then
    return None
