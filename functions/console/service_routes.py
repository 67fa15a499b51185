"""The paths of conversations, reports and stock."""

from __future__ import annotations

from functions.console.conversation_routes import CONVERSATION_ROUTES
from functions.console.report_routes import REPORT_ROUTES
from functions.console.stock_routes import STOCK_ROUTES

SERVICE_ROUTES = (*CONVERSATION_ROUTES, *REPORT_ROUTES, *STOCK_ROUTES)
