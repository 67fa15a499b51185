"""``/v1/reports``: what the lake says."""

from __future__ import annotations

from functions.admin.call import Reply, call_of, given, new_router, reply
from functions.admin.models.reports import ReportAnswer, ReportHeads
from functions.admin.operation import operation
from functions.admin.parameters import Compare, FirstDay, InSegment, LastDay, ReportName

router = new_router()
TAG = "reports"


@router.get("/v1/reports", **operation("reports", "Which reports there are", TAG, {200: ReportHeads}, 404))
def list_reports() -> Reply:
    from shared.operators import reports

    return reply(reports.reports(call_of(router).environment.reports()))


@router.get(
    "/v1/reports/<name>",
    **operation("report", "A report with its rows", TAG, {200: ReportAnswer}, 400, 404, 413),
)
def show_report(
    name: ReportName, from_: FirstDay = None, to: LastDay = None, segment: InSegment = None, compare: Compare = None
) -> Reply:
    from shared.operators import reports

    environment = call_of(router).environment
    asked = given(from_=from_, to=to, segment=segment, compare=compare)
    return reply(reports.report(environment.catalog, environment.clock, environment.reports(), name, asked))
