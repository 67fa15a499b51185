"""What a cell of another tool's file does not say is no consent, and what it denies is no withdrawal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.importing.exports.recognise import export_named
from tests.unit.importing.files import put
from tests.unit.importing.test_exports import imported, statements, table, traits

pytestmark = pytest.mark.unit
AGREED = datetime(2024, 5, 1, tzinfo=UTC)
MAILCHIMP = table(
    ["Email Address", "First Name", "MEMBER_RATING", "OPTIN_TIME", "CONFIRM_TIME", "LAST_CHANGED"],
    ["nur@example.com", "Nur", "2", "2023-01-01 10:00:00", "", "2023-01-01 10:00:00"],
)


@pytest.mark.parametrize("name", ["nonsubscribed_email_audience_export_1.csv", "archived_members.csv"])
@pytest.mark.parametrize("consents_at", [None, AGREED])
def test_contacts_that_never_subscribed_have_no_consent(
    tmp_path: Path, name: str, consents_at: datetime | None
) -> None:
    """Their header is that of subscribed ones; a time of --consents-at does not make them agree."""
    events, refused, plan = imported(put(tmp_path / name, MAILCHIMP), "customers", consents_at=consents_at)
    assert (refused, statements(events), plan.warnings.total()) == ({}, [], 0)
    assert [traits(event)["firstName"] for event in events] == ["Nur"]
    assert plan.export == export_named("mailchimp-nonsubscribed")


@pytest.mark.parametrize(
    ("cell", "event"),
    [(cell, "Consent Granted") for cell in ("", "[]", "FALSE", "no", "None", "0", "-", "{}", "n/a", "hayır")]
    + [(cell, "Consent Withdrawn") for cell in ("['UNSUBSCRIBE']", "true", "HARD_BOUNCE", "2023-04-01", "1")],
)
def test_a_list_of_suppressions_that_is_empty_suppresses_nobody(tmp_path: Path, cell: str, event: str) -> None:
    """Klaviyo writes an empty list or FALSE for those who are not suppressed."""
    text = table(
        ["Email", "Klaviyo ID", "Email Marketing Consent", "Email Marketing Consent Timestamp", "Email Suppressions"],
        ["nur@example.com", "01H", "SUBSCRIBED", "2023-01-01 10:00:00", cell],
    )
    events, refused, _ = imported(put(tmp_path / "k.csv", text), "customers")
    assert refused == {}
    assert [said[0] for said in statements(events)] == [event]


@pytest.mark.parametrize(("status", "number"), [("ACTIVE", 1), ("INACTIVE", 0)])
def test_an_endpoint_that_gets_nothing_today_has_agreed_to_nothing(tmp_path: Path, status: str, number: int) -> None:
    """Pinpoint sends nothing to an inactive endpoint; --consents-at does not change that."""
    text = table(
        ["Id", "ChannelType", "Address", "OptOut", "EndpointStatus", "User.UserId"],
        ["e1", "EMAIL", "nur@example.com", "NONE", status, "u1"],
    )
    events, _, _ = imported(put(tmp_path / "p.csv", text), "customers", consents_at=AGREED)
    assert len(statements(events)) == number
