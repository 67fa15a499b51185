"""Paths of templates."""

from __future__ import annotations

from functions.console.rights import Right
from functions.console.route import get, post

TEMPLATE_ROUTES = (
    get("templates", "template_pages.show", Right.SEE),
    get("templates/*", "template_pages.one", Right.SEE),
    get("templates/*/email", "template_pages.email", Right.SEE),
    post("templates/*/for", "template_pages.find", Right.SEE_CUSTOMERS),
    post("templates/*/test", "template_pages.test", Right.CAMPAIGN),
)
