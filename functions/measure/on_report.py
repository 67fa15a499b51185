"""The Lambda function that answers reports. Only ``admin`` and ``console`` may call it, after they checked who asks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from functions.measure.report_environment import ReportEnvironment, environment
from shared.adapters.handler_errors import without_values
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.measure")
log.setLevel(logging.INFO)

MOST_BYTES = 5_000_000
"""Of an answer as JSON; Lambda gives at most 6 MB back."""
MARGIN_MS = 3_000
"""For the answer itself."""


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> dict[str, Any]:
    """``{"list": true}``, ``{"sql": name}``, or a question as ``answer_report`` takes it."""
    return respond(event, context, environment)


def respond(event: Mapping[str, Any], context: TimeLeft, compose: Any) -> dict[str, Any]:
    if event.get("list"):
        from functions.measure.report_files import listed

        return {"status": 200, "answer": {"items": listed()}}
    if "sql" in event:
        return _written(str(event["sql"]))
    composed: ReportEnvironment = compose()
    return answered(event, context, composed)


def _written(name: str) -> dict[str, Any]:
    from functions.measure.report_files import report_names, sql_json

    if name not in report_names():
        return {"status": 404, "message": f"there is no such report; there are: {', '.join(report_names())}"}
    return {"status": 200, "answer": sql_json(name)}


def answered(event: Mapping[str, Any], context: TimeLeft, composed: ReportEnvironment) -> dict[str, Any]:
    """A report that takes too long or is too large is refused with what to do; nothing of it is kept."""
    import orjson

    from functions.measure.answer_report import RefusedReport, answer_report

    seconds = (context.get_remaining_time_in_millis() - MARGIN_MS) / 1_000
    try:
        found = answer_report(
            composed.objects, event, scratch=composed.scratch, memory_mb=composed.memory_mb, seconds=seconds
        )
    except RefusedReport as refused:
        return {"status": refused.status, "message": str(refused)}
    if len(orjson.dumps(found)) > MOST_BYTES:
        return {"status": 413, "message": "the report has too many rows for one answer: name fewer days"}
    return {"status": 200, "answer": found}
