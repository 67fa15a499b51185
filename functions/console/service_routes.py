"""The paths of conversations, reports, stock, and parts of Today."""

from __future__ import annotations

from functions.console.conversation_routes import CONVERSATION_ROUTES
from functions.console.report_routes import REPORT_ROUTES
from functions.console.rights import Right
from functions.console.route import get
from functions.console.stock_routes import STOCK_ROUTES

TODAY_ROUTES = (
    get("today/health", "health.health", Right.SEE),
    get("today/numbers", "health.numbers", Right.REPORTS),
)
SERVICE_ROUTES = (*TODAY_ROUTES, *CONVERSATION_ROUTES, *REPORT_ROUTES, *STOCK_ROUTES)
