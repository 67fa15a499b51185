"""What a cell of another tool's file does not say is no consent, and what it denies is no withdrawal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.importing.exports.cells import birthday_of_cell
from cli.importing.exports.recognise import export_named
from tests.unit.importing.exports import imported, statements, table, traits
from tests.unit.importing.files import put

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


@pytest.mark.parametrize(
    ("cell", "purpose"),
    [
        ("UNSUBSCRIBE", "marketing"), ("['UNSUBSCRIBE']", "marketing"), ('["UNSUBSCRIBED"]', "marketing"),
        ('[{"reason": "UNSUBSCRIBE", "timestamp": "2024-05-05T00:00:00+00:00"}]', "marketing"),
        ("HARD_BOUNCE", "all"), ("['UNSUBSCRIBE', 'SPAM_COMPLAINT']", "all"), ("true", "all"), ("1", "all"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("consent", ["SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"])
@pytest.mark.parametrize("first", [True, False])
def test_who_unsubscribed_still_gets_confirmations(
    tmp_path: Path, cell: str, purpose: str, consent: str, first: bool
) -> None:
    """A suppression because of that takes back marketing; one because of a bounce or a complaint everything. The time
    of the consent's column is that of the withdrawal only if the column says that it is one."""
    said, suppressed = ("Email Marketing Consent", consent), ("Email Suppressions", cell)
    columns = [
        ("Email", "nur@example.com"),
        ("Klaviyo ID", "01H"),
        *([suppressed, said] if first else [said, suppressed]),
    ]
    columns.append(("Email Marketing Consent Timestamp", "2023-01-01 10:00:00"))
    text = table([name for name, _ in columns], [cell for _, cell in columns])
    events, refused, _ = imported(put(tmp_path / "k.csv", text), "customers")
    assert refused == {}
    [found] = [event["properties"] for event in events if event.get("event") == "Consent Withdrawn"]
    assert found["purpose"] == purpose
    of_the_column = (consent, purpose) == ("UNSUBSCRIBED", "marketing")
    assert [one[3] for one in statements(events)] == ["2023-01-01" if of_the_column else "2026-11-21"]


@pytest.mark.parametrize("consent", ["SUPPRESSED", "CLEANED", "BOUNCED"])
@pytest.mark.parametrize("first", [True, False])
def test_who_unsubscribed_from_a_dead_address_gets_nothing(tmp_path: Path, consent: str, first: bool) -> None:
    """The column says that the address takes no mail; the list says less, and does not weaken that."""
    said, suppressed = ("Email Marketing Consent", consent), ("Email Suppressions", "['UNSUBSCRIBE']")
    columns = [
        ("Email", "nur@example.com"),
        ("Klaviyo ID", "01H"),
        *([suppressed, said] if first else [said, suppressed]),
    ]
    text = table([name for name, _ in columns], [cell for _, cell in columns])
    events, refused, _ = imported(put(tmp_path / "k.csv", text), "customers")
    assert refused == {}
    withdrawn = [event["properties"] for event in events if event.get("event") == "Consent Withdrawn"]
    assert [one["purpose"] for one in withdrawn] == ["all"]


@pytest.mark.parametrize(("status", "number"), [("ACTIVE", 1), ("INACTIVE", 0)])
def test_an_endpoint_that_gets_nothing_today_has_agreed_to_nothing(tmp_path: Path, status: str, number: int) -> None:
    """Pinpoint sends nothing to an inactive endpoint; --consents-at does not change that."""
    text = table(
        ["Id", "ChannelType", "Address", "OptOut", "EndpointStatus", "User.UserId"],
        ["e1", "EMAIL", "nur@example.com", "NONE", status, "u1"],
    )
    events, _, _ = imported(put(tmp_path / "p.csv", text), "customers", consents_at=AGREED)
    assert len(statements(events)) == number


SHOPIFY = table(
    ["First Name", "Last Name", "Email", "Accepts Email Marketing", "Total Spent"],
    ["Nur", "Er", "nur@example.com", "no", "10.00"],
)


def test_a_no_withdraws_nothing_and_is_told(tmp_path: Path) -> None:
    """Most people who say no never said yes."""
    events, _, plan = imported(put(tmp_path / "c.csv", SHOPIFY), "customers")
    assert statements(events) == []
    assert [(name, "--withdraw" in reason) for name, reason in plan.warnings] == [("consent email", True)]


def test_a_no_of_a_newer_file_withdraws(tmp_path: Path) -> None:
    """--withdraw: the shop was imported before, so a no is a withdrawal, now."""
    events, _, plan = imported(put(tmp_path / "c.csv", SHOPIFY), "customers", withdraw=True)
    assert [said[:3] for said in statements(events)] == [("Consent Withdrawn", "email", "nur@example.com")]
    assert plan.warnings.total() == 0


@pytest.mark.parametrize("state", ["UNSUBSCRIBED", "NEVER_SUBSCRIBED"])
def test_a_withdrawal_has_the_time_that_its_row_tells(tmp_path: Path, state: str) -> None:
    """Klaviyo's time is that of the last change, whatever it was."""
    text = table(
        ["Email", "Klaviyo ID", "Email Marketing Consent", "Email Marketing Consent Timestamp"],
        ["nur@example.com", "01H", state, "2023-01-01 10:00:00"],
    )
    events, _, _ = imported(put(tmp_path / "k.csv", text), "customers")
    never = state == "NEVER_SUBSCRIBED"
    assert statements(events) == ([] if never else [("Consent Withdrawn", "email", "nur@example.com", "2023-01-01")])


def test_the_time_of_a_first_yes_is_not_that_of_a_withdrawal(tmp_path: Path) -> None:
    """Mailchimp tells both times, each in its own column; a cleaned contact without one has the file's time."""
    text = table(
        ["Email Address", "MEMBER_RATING", "OPTIN_TIME", "CLEAN_TIME"],
        ["nur@example.com", "2", "2019-01-01 10:00:00", ""],
    )
    events, _, _ = imported(put(tmp_path / "cleaned_1.csv", text), "customers")
    assert [said[3] for said in statements(events)] == ["2026-11-21"]


@pytest.mark.parametrize("address", ["n/a", "noemail@example.com", "Misafir"])
def test_nobodys_address_agrees_to_nothing(tmp_path: Path, address: str) -> None:
    """A yes beside an address that many people share belongs to nobody."""
    text = SHOPIFY.replace(",no,", ",yes,").replace("First Name", "Customer ID,First Name").replace("Nur,", "7,Nur,")
    events, _, _ = imported(put(tmp_path / "c.csv", text.replace("nur@example.com", address)), "customers")
    assert [event["userId"] for event in events] == ["7"]
    assert statements(events) == []


@pytest.mark.parametrize(
    ("user", "named"), [('"u1"', "u1"), ("7", "7"), ('["u1"]', "u1"), ('["u1", "u2"]', None), ('{"id": 1}', None)]
)
def test_a_users_number_is_text_or_a_number(tmp_path: Path, user: str, named: str | None) -> None:
    """A list of one is its element; of anything else no text is made that would be a customer's number."""
    line = f'{{"Id": "e1", "ChannelType": "EMAIL", "Address": "nur@example.com", "User": {{"UserId": {user}}}}}\n'
    events, _, plan = imported(put(tmp_path / "p.json", line), "customers", "ndjson")
    assert [event.get("userId") for event in events] == [named]
    assert plan.warnings.total() == (named is None)


@pytest.mark.parametrize(
    ("cell", "day"), [("02/29", "--02-29"), ("02/30", None), ("2023-02-29", None), ("31.04.1990", None), ("0/1", None)]
)
def test_a_birthday_is_a_day_of_the_calendar(cell: str, day: str | None) -> None:
    """A day that no year has is left out; without a year the 29th of February is one."""
    assert birthday_of_cell(cell, month_first=cell.startswith("02/")) == day
