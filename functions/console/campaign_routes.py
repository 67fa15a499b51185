"""Paths of campaigns."""

from __future__ import annotations

from functions.console.rights import Right
from functions.console.route import get, post

CAMPAIGN_ROUTES = (
    get("campaigns", "campaigns.show", Right.SEE),
    get("campaigns/*", "campaigns.one", Right.SEE),
    get("campaigns/*/progress", "campaigns.progress", Right.SEE),
    get("campaigns/*/cancel", "campaigns.confirm", Right.CAMPAIGN),
    post("campaigns/*/cancel", "campaigns.cancel_one", Right.CAMPAIGN),
    get("new-campaign", "campaign_form.new", Right.CAMPAIGN),
    post("new-campaign", "campaign_form.submit", Right.CAMPAIGN),
    post("campaign-check", "campaign_form.preview", Right.CAMPAIGN),
)
