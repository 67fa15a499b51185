"""A customer begins on Instagram, goes on by e-mail, and is answered on WhatsApp; marketing waits meanwhile."""

from __future__ import annotations

import base64
import secrets
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from cli.deployment.api import AdminApi
from cli.deployment.secret import deployment_secret
from cli.local.customer_messages import play
from shared.domain.identity.console_link import PATH, ConsoleLinks
from tests.e2e.conftest import Kervan
from tests.e2e.test_cart_recovery import leave_cart, sent

pytestmark = pytest.mark.e2e
ANSWER = "Bugün kapınızda."
SLOW = 60_000
"""Milliseconds: each function starts cold, beside all others on one machine."""


def agents(kervan: Kervan) -> AdminApi:
    """The API of agents; its answers are held against the document where they are made."""
    return AdminApi(kervan.endpoint, kervan.api.key)


def pool_of(kervan: Kervan, ids: set[str]) -> list[str]:
    """Rows of the pool that are one of these conversations."""
    return [one["id"] for one in agents(kervan).items("/v1/conversations", limit=200) if one["id"] in ids]


def of_cart(kervan: Kervan, name: str) -> list[tuple[str, str]]:
    """Step and local time of what the journey of the cart sent."""
    return [(step, at[4:]) for step, _channel, at in sent(kervan, name) if step in ("reminder", "offer", "last")]


def wrote(kervan: Kervan, channel: str, who: str, text: str) -> str:
    conversation = play(kervan.stack, channel, who, text, None)["conversation"]
    kervan.settle()
    return conversation


def post(kervan: Kervan, id_: str, what: str, **body: Any) -> dict[str, Any]:
    found = dict(agents(kervan).post(f"/v1/conversations/{id_}/{what}", body))
    kervan.settle()
    return found


def answer_by_api(kervan: Kervan, id_: str, phone: str) -> None:
    """Where there is no browser; the same answer given twice is one."""
    seen = agents(kervan).get(f"/v1/conversations/{id_}")["seen"]
    reply = {"seen": seen, "channel": "whatsapp", "text": ANSWER, "agent": "deniz", "key": "k1"}
    answered, again = post(kervan, id_, "replies", **reply), post(kervan, id_, "replies", **reply)
    assert (answered["to"], again["id"]) == (f"phone:{phone}", answered["id"])
    assert post(kervan, id_, "state", state="closed")["state"] == "closed"


def answer_at_the_screen(kervan: Kervan, id_: str, order: str, chromium: Browser) -> None:
    """An agent in the console: sees what came on each channel and the purchase in the store on one screen, chooses
    WhatsApp, answers and closes by the keyboard."""
    link = ConsoleLinks(deployment_secret("local")).make("deniz", "agent", datetime.now(UTC))
    page = chromium.new_context(locale="en-US", viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(SLOW)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(kervan.endpoint + PATH + link)
    page.goto(f"{kervan.endpoint}/console/conversations/{id_}")
    thread = page.locator("#thread")
    for text in ("S-1 nerede?", "S-1 hâlâ gelmedi.", "WhatsApp'tan yazabilirsiniz."):
        expect(thread.get_by_text(text)).to_be_visible(timeout=SLOW)
    expect(page.locator(".desk-customer").get_by_text(order, exact=True)).to_be_visible(timeout=SLOW)
    page.locator("#channel").select_option("whatsapp")
    page.keyboard.press("Escape")
    page.locator("h1").first.click()
    page.keyboard.press("r")
    page.keyboard.type(ANSWER)
    page.keyboard.press("Control+Enter")
    expect(thread.get_by_text(ANSWER)).to_be_visible(timeout=SLOW)
    kervan.settle()
    expect(thread.locator(".said-out", has_text=ANSWER).get_by_text("sent")).to_be_visible(timeout=SLOW)
    page.locator("h1").first.click()
    page.keyboard.press("e")
    page.get_by_text("The conversation is closed.").wait_for()
    page.context.close()
    kervan.settle()
    assert complaints == []


def test_one_conversation_over_three_channels_holds_the_cart_reminder(
    kervan: Kervan, name: str, installed_chromium: Browser | None
) -> None:
    """Ayşe writes about S-1 on Instagram, goes on by e-mail, is answered by WhatsApp; the offer that is due meanwhile
    is held with the conversation's number, and goes out at nine after it is closed."""
    kervan.advance_until("10:00")
    account, phone = f"77{secrets.randbelow(10**8):08}", f"+90532{secrets.randbelow(10**7):07}"
    server, store = kervan.channel("server"), kervan.channel("store")
    external = {"externalIds": [{"id": account, "type": "instagram"}]}
    server.send("identify", userId=name, traits={"phone": phone}, context=external)
    order = {"order_id": f"old-{name}", "total": 10, "currency": "TRY"}
    store.send("track", userId=name, event="Order Completed", properties=order)
    kervan.settle()
    leave_cart(kervan, name)
    kervan.advance(timedelta(hours=2))
    assert [step for step, _at in of_cart(kervan, name)] == ["reminder"]

    first = wrote(kervan, "instagram", account, "S-1 nerede?")
    kervan.advance(timedelta(minutes=5))
    second = wrote(kervan, "email", f"{name}@example.com", "Instagram'dan da yazdım, S-1 hâlâ gelmedi.")
    third = wrote(kervan, "whatsapp", phone, "WhatsApp'tan yazabilirsiniz.")
    shown = agents(kervan).get(f"/v1/conversations/{second}")
    assert [one["text"] for one in shown["messages"] if one["direction"] == "in"] == [
        "S-1 nerede?", "Instagram'dan da yazdım, S-1 hâlâ gelmedi.", "WhatsApp'tan yazabilirsiniz.",
    ]  # fmt: skip
    assert (shown["id"], {one["id"] for one in shown["members"]}) == (first, {first, second, third})
    assert pool_of(kervan, {first, second, third}) == [first]
    assert "Order Completed" in {one["event"] for one in kervan.timeline(f"user:{name}")}

    post(kervan, first, "details", kind="complaint", order_id="S-1")
    kervan.advance(timedelta(hours=23))
    [held] = [one for one in kervan.messages(f"user:{name}") if one["step"] == "offer"]
    assert (held["state"], held["reason"]) == ("deferred", "open_case")
    assert first in str(held["evidence"])

    if installed_chromium is None:
        answer_by_api(kervan, first, phone)
    else:
        answer_at_the_screen(kervan, first, f"old-{name}", installed_chromium)
    told = [one for one in kervan.outbox() if one["channel"] == "whatsapp" and one["to"] == phone.removeprefix("+")]
    assert [one["text"] for one in told].count(ANSWER) == 1
    shown = agents(kervan).get(f"/v1/conversations/{first}")
    [answered] = [one for one in shown["messages"] if one["text"] == ANSWER]
    assert (shown["state"], answered["to"], answered["delivery"]) == ("closed", f"phone:{phone}", "sent")
    assert [step for step, _at in of_cart(kervan, name)] == ["reminder"]
    kervan.advance_until("09:30")
    assert of_cart(kervan, name) == [("reminder", "11:00"), ("offer", "09:00")]


def test_a_picture_comes_and_an_invoice_goes(kervan: Kervan, tmp_path: Path) -> None:
    """By the forms of Meta, through the bucket of files."""
    content, phone = b"\x89PNG\r\n\x1a\n picture", f"+90532{secrets.randbelow(10**7):07}"
    picture = tmp_path / "jacket.png"
    picture.write_bytes(content)
    one = play(kervan.stack, "whatsapp", phone, "Bozuk geldi.", None, picture)["conversation"]
    kervan.settle()
    shown = agents(kervan).get(f"/v1/conversations/{one}")
    [message] = [one for one in shown["messages"] if one.get("attachments")]  # outside hours there is an auto-answer
    [file] = message["attachments"]
    assert (file["type"], file["refused"], file["number"]) == ("image/png", None, 1)
    link = agents(kervan).get(f"/v1/conversations/{one}/files/{message['id']}/1")
    with urllib.request.urlopen(link["url"], timeout=30) as found:  # noqa: S310 - loopback
        assert found.read() == content
    invoice = {"name": "fatura.pdf", "content": base64.b64encode(b"%PDF-1.7 fatura").decode()}
    said = {"seen": shown["seen"], "channel": "whatsapp", "text": "Faturanız.", "agent": "deniz", "files": [invoice]}
    answer = post(kervan, one, "replies", **said)
    [sent_one] = [m for m in agents(kervan).get(f"/v1/conversations/{one}")["messages"] if m["id"] == answer["id"]]
    assert (sent_one["delivery"], sent_one["reason"]) == ("sent", None)
    told = [one["text"] for one in kervan.outbox() if one["channel"] == "whatsapp" and one["to"] == phone[1:]]
    [told] = [text for text in told if text.startswith("[document ")]
    assert told.endswith("] Faturanız.")
