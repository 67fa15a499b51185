"""The paths of reports."""

from __future__ import annotations

from functions.console.rights import Right
from functions.console.route import get

REPORT_ROUTES = (
    get("reports", "reports.show", Right.REPORTS),
    get("reports/*", "reports.one", Right.REPORTS),
    get("reports/*/answer", "reports.answer", Right.REPORTS),
    get("reports/*/sql", "reports.sql", Right.REPORTS),
    get("reports/*/file", "reports.file", Right.REPORTS),
)
