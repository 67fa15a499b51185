"""The outbox: what the senders delivered, joined with what the ledger knows."""

from __future__ import annotations

import pytest

from cli.local.outbox import joined

pytestmark = pytest.mark.unit

LEDGER = {
    "pk": "m1", "provider_id": "ses-1", "template": "cart-reminder", "journey": "cart-recovery", "step": "reminder",
    "root": "u.x", "sent_ms": 1_795_000_000_000, "state": "sent",
}  # fmt: skip


def test_an_email_carries_what_the_ledger_knows() -> None:
    """Message id, journey, step, customer and the local clock's time come from the ledger, by the provider's id."""
    mail = {
        "MessageId": "ses-1",
        "To": ["a@example.com"],
        "Subject": "Sepet",
        "BodyText": "t",
        "BodyHtml": None,
        "Timestamp": 1.0,
    }
    (entry,) = joined([mail], [], [], [LEDGER])
    assert entry == {
        "channel": "email", "to": "a@example.com", "message_id": "m1", "template": "cart-reminder",
        "journey": "cart-recovery", "step": "reminder", "customer": "u.x", "sent_at": "2026-11-18T11:06:40.000Z",
        "subject": "Sepet", "text": "t", "html": "", "links": [],
    }  # fmt: skip


def test_what_the_ledger_does_not_know_is_listed_too() -> None:
    """A message that went out past the ledger must not be hidden."""
    sms = {"PhoneNumber": "+905551112233", "MessageId": "s", "Message": "selam"}
    push = {"to": "t", "message_id": "p", "title": "Sepet", "body": "b", "time": 0.0}
    found = joined([], [sms], [push], [])
    assert [(entry["channel"], entry["message_id"], entry["text"]) for entry in found] == [
        ("sms", "", "selam"),
        ("push", "", "b"),
    ]
