"""When memberships change with time alone: walks along ``valid_until`` for a customer as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.evaluate import evaluate_segment
from shared.domain.segments.subject import Subject

MOST_LOOKS = 1_000
"""Instants looked at, however far the horizon is."""


@dataclass(frozen=True, slots=True)
class Flip:
    """From ``at`` on the customer is in (or, if not ``enters``, out)."""

    at: datetime
    enters: bool


def flips(definition: SegmentDefinition, subject: Subject, now: datetime, until: datetime) -> Iterator[Flip]:
    """Every change after ``now`` and up to ``until``, in order, if no event comes before."""
    truth = evaluate_segment(definition, subject, now)
    for _ in range(MOST_LOOKS):
        at = truth.valid_until
        if at is None or at > until:
            return
        then = evaluate_segment(definition, subject, at)
        if then.value != truth.value:
            yield Flip(at, then.value)
        truth = then
