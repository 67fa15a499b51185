"""The line of the log that leads from an event to the enrollment that it began."""

from __future__ import annotations

import logging

from shared.domain.events.event_trace import event_trace
from shared.domain.journeys.enrollment import Enrollment

log = logging.getLogger("kervan.schedule")


def log_begun(enrollment: Enrollment) -> None:
    """Ids only. A trigger that is no event, such as a segment, has a trace that no other line names."""
    trace = event_trace(enrollment.trigger.pk, enrollment.trigger.sk)
    log.info("event %s began enrollment %s of %s", trace, enrollment.id, enrollment.journey)
