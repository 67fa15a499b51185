"""The paths of conversations and reports."""

from __future__ import annotations

from functions.console.conversation_routes import CONVERSATION_ROUTES
from functions.console.report_routes import REPORT_ROUTES

SERVICE_ROUTES = (*CONVERSATION_ROUTES, *REPORT_ROUTES)
