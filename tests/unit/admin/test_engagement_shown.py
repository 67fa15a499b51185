"""From SES's reports to what the admin key shows: the whole way of a reaction."""

from __future__ import annotations

import itertools

import pytest

from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.test_feedback import Mail
from tests.unit.ingest.world import NOW

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("order", list(itertools.permutations(["send", "delivery", "open", "click"])))
def test_reports_become_engagement(order: tuple[str, ...]) -> None:
    """In whatever order SES reports: one mail received, opened by Apple's proxy, clicked by a person."""
    mail = Mail()
    told(mail.world, event="Product Viewed", properties={"product_id": "p1"})
    for name in order:
        changed = {"userAgent": "Mozilla/5.0"} if name == "open" else {}
        mail.feedback.record(mail.report(name, **changed), NOW)
    fold(mail.world)
    status, found = mail.world.get("/v1/customers/user:42")
    assert status == 200
    assert found["profile"]["engagement"]["channels"]["email"] == {
        "received": 1, "answered": 1, "rate": 1.0, "opened": 0, "clicked": 1, "tapped": 0, "visited": 0,
        "machine_opened": 1, "machine_clicked": 0, "last_reaction_at": "2026-11-22T09:06:00.000Z", "at_least": False,
    }  # fmt: skip
    assert found["preferred_channel_because"]["by"] == "too_little"
    assert found["profile"]["behavioural"]["viewed_products"][0]["product_id"] == "p1"
