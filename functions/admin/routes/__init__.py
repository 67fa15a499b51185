"""The operators' API, one router per resource: each route reads its parameters and calls one service function.

Only ``functions.admin.resolver`` imports it; services are loaded with the first request that needs them.
"""

from functions.admin.routes import (
    audiences,
    campaigns,
    channels,
    controls,
    coupons,
    customers,
    dead_letters,
    iys,
    journeys,
    links,
    privacy,
    rebuilding,
    reports,
    retention,
    segment_drafts,
    segments,
    sources,
    templates,
)

ROUTERS = (
    links.router,
    rebuilding.router,
    privacy.router,
    customers.router,  # behind these three: its last path takes any identifier
    segments.router,
    segment_drafts.router,
    journeys.router,
    campaigns.router,
    channels.router,
    controls.router,
    coupons.router,
    sources.router,
    templates.router,
    dead_letters.router,
    reports.router,
    iys.router,
    audiences.router,
    retention.router,
)
"""In the order in which paths are tried."""
