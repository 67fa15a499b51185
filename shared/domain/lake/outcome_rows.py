"""Rows of the lake about what became of messages and enrollments."""

from __future__ import annotations

from typing import Any, assert_never

from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.enrollment import (
    ChosenBranch,
    ChosenChannels,
    Enrollment,
    HandedOver,
    Progress,
    SkippedStep,
)
from shared.domain.lake.tables import Row
from shared.domain.messages.message import Record, Sent
from shared.domain.messages.request import CAMPAIGN_RUN, TEST_RUN


def message_row(record: Record) -> Row:
    """The row of a message as its record says."""
    test = record.test or record.enrollment.startswith(TEST_RUN)
    campaign = record.enrollment == CAMPAIGN_RUN or record.enrollment.startswith(TEST_RUN)
    outcome = record.outcome
    row: dict[str, Any] = {
        "kind": "message",
        "id": record.message_id,
        "version": record.revision,
        "day_at": record.due_ms,
        "changed_at": milliseconds(record.updated_at),
        "home": record.home,
        "root": record.root,
        "journey": "" if campaign else record.journey,
        "campaign": record.journey if campaign else "",
        "enrollment": record.enrollment,
        "release": record.release,
        "step": record.step,
        "template": record.template,
        "channel": record.channel,
        "purpose": record.purpose,
        "language": record.language,
        "state": record.state.value,
        "reason": getattr(outcome, "reason", ""),
        "planned_at": record.due_ms,
        "ended_at": milliseconds(outcome.at) if isinstance(outcome, Sent) else None,
        "coupon": bool(record.coupon),
        "parts": record.parts or None,
        "test": test,
    }
    return {name: value for name, value in row.items() if value not in (None, "", False)}


def enrollment_row(enrollment: Enrollment) -> Row:
    """The row of an enrollment. Its customer is that of its home."""
    began = milliseconds(enrollment.began)
    row: dict[str, Any] = {
        "kind": "enrollment",
        "id": f"{enrollment.home} {enrollment.ref}",
        "version": enrollment.version,
        "day_at": began,
        "changed_at": _changed(enrollment),
        "home": enrollment.home,
        "journey": enrollment.journey,
        "enrollment": enrollment.id,
        "release": enrollment.release,
        "state": "live" if enrollment.end is None else "ended",
        "reason": enrollment.end.reason if enrollment.end else "",
        "planned_at": began,
        "ended_at": milliseconds(enrollment.end.at) if enrollment.end else None,
        "trigger": enrollment.trigger.name,
        "steps": [_step(name, progress) for name, progress in enrollment.steps.items()],
    }
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def _changed(enrollment: Enrollment) -> int:
    """When the newest of what is written in it happened."""
    times = [enrollment.began, *(progress.at for progress in enrollment.steps.values())]
    if enrollment.end is not None:
        times.append(enrollment.end.at)
    return milliseconds(max(times))


def _step(name: str, progress: Progress) -> dict[str, Any]:
    at = milliseconds(progress.at)
    match progress:
        case HandedOver(channels):
            return {"step": name, "became": "handed_over", "which": " ".join(channels), "at": at}
        case ChosenChannels(channels):
            return {"step": name, "became": "chosen", "which": " ".join(channels), "at": at}
        case SkippedStep(reason):
            return {"step": name, "became": "skipped", "which": reason, "at": at}
        case ChosenBranch(choice, by=by):
            return {"step": name, "became": "decided", "which": choice, "at": at, **({"by": by} if by else {})}
        case _:
            assert_never(progress)
