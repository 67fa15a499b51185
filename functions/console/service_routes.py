"""The paths of conversations, reports, stock, requests of people, and parts of Today."""

from __future__ import annotations

from functions.console.conversation_routes import CONVERSATION_ROUTES
from functions.console.report_routes import REPORT_ROUTES
from functions.console.rights import Right
from functions.console.route import get, post
from functions.console.stock_routes import STOCK_ROUTES

TODAY_ROUTES = (
    get("today/health", "health.health", Right.SEE),
    get("today/numbers", "health.numbers", Right.REPORTS),
)
RIGHTS_ROUTES = (
    get("rights", "people_rights.show", Right.PEOPLE_RIGHTS),
    get("rights/*", "people_rights.one", Right.PEOPLE_RIGHTS),
    post("rights/*", "people_rights.decide", Right.PEOPLE_RIGHTS),
    get("customers/*/rights", "people_rights.of_customer", Right.PEOPLE_RIGHTS),
    post("customers/*/rights", "people_rights.note", Right.PEOPLE_RIGHTS),
)
SERVICE_ROUTES = (*RIGHTS_ROUTES, *TODAY_ROUTES, *CONVERSATION_ROUTES, *REPORT_ROUTES, *STOCK_ROUTES)
