"""What the recipient of a local message does: through the links that stand in the message."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest

from cli.failure import WrongUse
from cli.local.outbox import joined
from cli.local.recipient import MACHINE, PERSON, click_message, entry_of, open_message, ses_event
from shared.domain.events.ses_reports import read_report
from shared.domain.message_links.message_link import LinkTokens, MessageLink

pytestmark = pytest.mark.unit
TOKENS = LinkTokens(b"s" * 64)
HERE = "http://127.0.0.1:4580"
CART = f"{HERE}/l/{TOKENS.make(MessageLink('m1', 1, 'https://shop.example/cart?utm_source=kervan'))}"
PIXEL = f"{HERE}/o/{TOKENS.pixel('m1')}.gif"
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def outbox() -> list[dict[str, Any]]:
    html = f'<a href="{escape(CART)}">Sepet</a><a href="{escape(CART)}">Sepet</a><img src="{escape(PIXEL)}">'
    mail = {
        "MessageId": "ses-1",
        "To": ["a@example.com"],
        "Subject": "S",
        "BodyText": "t",
        "BodyHtml": html,
        "Timestamp": 1.0,
    }
    sms = {"PhoneNumber": "+905551112233", "MessageId": "sns-1", "Message": f"Sepetin: {HERE}/aB3dE6gH9j"}
    ledger = [
        {"pk": "m1", "provider_id": "ses-1"}, {"pk": "m2", "provider_id": "sns-1"},
        {"pk": "link#aB3dE6gH9j", "url": "https://shop.example/c"},
    ]  # fmt: skip
    return joined([mail], [sms], [], ledger)


def test_the_outbox_says_where_links_lead() -> None:
    """One entry per address, in its order; those of a text message by the table."""
    links = {entry["channel"]: entry["links"] for entry in outbox()}
    assert links == {
        "email": [{"url": CART, "leads_to": "https://shop.example/cart?utm_source=kervan"}],
        "sms": [{"url": f"{HERE}/aB3dE6gH9j", "leads_to": "https://shop.example/c"}],
    }


@pytest.mark.parametrize(("machine", "agent"), [(False, PERSON), (True, MACHINE)])
def test_opening_and_clicking_ask_the_real_addresses(machine: bool, agent: str) -> None:
    asked: list[tuple[str, str]] = []

    def fetch(address: str, user_agent: str) -> str:
        asked.append((address, user_agent))
        return "https://shop.example/cart"

    mail = entry_of(outbox(), "m1")
    assert open_message(mail, fetch, machine=machine) == PIXEL
    assert click_message(mail, 1, fetch, machine=machine) == "https://shop.example/cart"
    assert asked == [(PIXEL, agent), (CART, agent)]


def test_what_is_not_there_is_said() -> None:
    """A message that nobody sent, a link that is not in it, a text message that cannot be opened."""
    with pytest.raises(WrongUse, match="no message m9"):
        entry_of(outbox(), "m9")
    with pytest.raises(WrongUse, match="there is no link 2"):
        click_message(entry_of(outbox(), "m1"), 2, lambda *_: "", machine=False)
    with pytest.raises(WrongUse, match="only an e-mail"):
        open_message(entry_of(outbox(), "m2"), lambda *_: "", machine=False)


@pytest.mark.parametrize(("kind", "origin"), [("bounce", "hard_bounce"), ("complaint", "complaint")])
def test_reports_are_as_ses_writes_them(kind: Any, origin: str) -> None:
    """Kervan reads them as it reads those of SES: the address is not written to any more."""
    report = read_report(ses_event(entry_of(outbox(), "m1"), kind, NOW)["detail"], NOW)
    assert report is not None
    assert (report.message_id, report.withdraws, report.origin) == ("m1", "all", origin)
