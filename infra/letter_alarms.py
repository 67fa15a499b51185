"""Alarms of dead letters: that there is one, and that it is soon deleted for good."""

from collections.abc import Sequence

from aws_cdk import Duration

from infra.alarm_specs import AlarmSpec
from infra.metrics import Metrics

LETTERS = {
    "messages": "Messages to customers, or what providers reported of them,",
    "work": "Work of a queue",
    "elsewhere": "What registers and platforms must be told",
    "failures": "Single records, by their key,",
    "undelivered": "Batches of the stream",
}
"""Groups of queues of dead letters."""
A_QUARTER_OF_A_DAY = Duration.hours(6)
A_WEEK = 28
"""Periods of a quarter of a day, the longest time that an alarm looks back. A letter lives for 14 days, of which it
may have spent up to four in its first queue."""


def letter_alarm_specs(metrics: Metrics) -> Sequence[AlarmSpec]:
    """Two for each group of queues but those of the stream: of a batch only its place is left after a day."""
    return (
        *(
            AlarmSpec(
                name=f"dead-letters-{group}",
                runbook="dead-letters",
                means=f"{what} could not be worked on",
                metric=metrics.letters(group),
            )
            for group, what in LETTERS.items()
        ),
        *(
            AlarmSpec(
                name=f"dead-letters-{group}-expire",
                runbook="dead-letters",
                means=f"{what} have waited for a person for a week: SQS soon deletes them for good",
                metric=metrics.letters(group, A_QUARTER_OF_A_DAY),
                periods=A_WEEK,
                of=A_WEEK,
            )
            for group, what in LETTERS.items()
            if group != "undelivered"
        ),
    )
