"""Canned answers: filled with what is known of the conversation, sent once like every other answer."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.conversations.answer_content import content_of
from shared.domain.service.rules import read_rules
from shared.domain.templates.content import SmsContent
from tests.unit.support.world import EMAIL, PHONE, Support

pytestmark = pytest.mark.unit
TEXT = {"tr": "Merhaba {{ customer.first_name }}, {{ order.id }} yolda. {{ agent }}, {{ shop.name }}", "en": "Hello!"}


@pytest.fixture
def support() -> Support:
    made = Support()
    answers = [
        {"canned_answer": "on-its-way", "label": {"en": "On its way"}, "text": TEXT},
        {"canned_answer": "short", "channels": ["sms"], "text": {"en": "Soon."}},
    ]
    made.rules = read_rules({"shop": {"name": "Kervan", "languages": ["tr", "en"]}, "canned_answers": answers})
    return made


def test_they_are_filled_for_the_conversation(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    support.ask("POST", f"/v1/conversations/{one}/details", {"order_id": "S-1"})
    status, said = support.ask("GET", f"/v1/conversations/{one}/canned-answers", query={"agent": "Deniz"})
    assert status == 200
    assert [(item["name"], item["language"], item["text"]) for item in said["items"]] == [
        ("on-its-way", "tr", "Merhaba , S-1 yolda. Deniz, Kervan"),
        ("short", "en", "Soon."),
    ]


def test_an_answer_may_name_one(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    body: dict[str, Any] = {"seen": support.seen(one), "channel": "email", "agent": "Deniz", "key": "k1"}
    status, said = support.ask("POST", f"/v1/conversations/{one}/replies", {**body, "canned": "on-its-way"})
    assert (status, said["text"]) == (200, "Merhaba ,  yolda. Deniz, Kervan")
    again = support.ask("POST", f"/v1/conversations/{one}/replies", {**body, "canned": "on-its-way"})[1]
    assert again["id"] == said["id"]
    assert len(support.handed) == 1


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"canned": "nobody"}, 404), ({"canned": "short"}, 409), ({"canned": ""}, 400), ({}, 400),
        ({"canned": "on-its-way", "text": "x"}, 400), ({"canned": 5}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_and_nothing_goes_out(
    support: Support, more: dict[str, Any], status: int
) -> None:
    one = support.taken(EMAIL, "m1").conversation
    body = {"seen": support.seen(one), "channel": "email", "agent": "Deniz", **more}
    assert support.ask("POST", f"/v1/conversations/{one}/replies", body)[0] == status
    assert support.handed == []


def test_there_are_none_of_a_conversation_that_nobody_knows(support: Support) -> None:
    assert support.ask("GET", "/v1/conversations/aaaaaaaaaaaaa/canned-answers")[0] == 404
    assert support.ask("POST", "/v1/conversations/aaaaaaaaaaaaa/canned-answers", {})[0] == 405


def test_what_a_customer_wrote_into_his_name_is_never_liquid(support: Support) -> None:
    one = support.taken(EMAIL, "m1").conversation
    support.ask("POST", f"/v1/conversations/{one}/details", {"order_id": "{{ shop.name }}{% if"})
    said = support.ask("GET", f"/v1/conversations/{one}/canned-answers", query={"agent": "{{ agent }}"})[1]
    assert said["items"][0]["text"] == "Merhaba , {{ shop.name }}{% if yolda. {{ agent }}, Kervan"


def with_template(support: Support) -> str:
    """A customer of WhatsApp who wrote two days ago; the shop has an approved template."""
    values = ["{{ customer.first_name }}", "{{ order.id }}"]
    approved = {"template": "on_its_way", "languages": {"tr": "tr"}, "values": values}
    answers = [{"canned_answer": "on-its-way", "text": {"tr": "{{ order.id }} yolda."}, "whatsapp": approved}]
    support.rules = read_rules({"shop": {"name": "Kervan", "languages": ["tr", "en"]}, "canned_answers": answers})
    one = support.taken(PHONE, "w1", channel="whatsapp").conversation
    support.ask("POST", f"/v1/conversations/{one}/details", {"order_id": "S-1"})
    support.later(days=2)
    return one


def test_after_the_window_an_approved_template_goes_out(support: Support) -> None:
    one = with_template(support)
    shown = support.ask("GET", f"/v1/conversations/{one}")[1]
    (whatsapp,) = [channel for channel in shown["channels"] if channel["channel"] == "whatsapp"]
    assert (whatsapp["templates_only"], whatsapp["free_text_seconds_left"]) == (True, 0)
    body: dict[str, Any] = {"seen": support.seen(one), "channel": "whatsapp", "agent": "Deniz", "key": "k1"}
    refused = support.ask("POST", f"/v1/conversations/{one}/replies", {**body, "text": "Merhaba"})
    assert (refused[0], refused[1]["error"]) == (409, "window_closed")
    assert support.handed == []
    status, said = support.ask("POST", f"/v1/conversations/{one}/replies", {**body, "canned": "on-its-way"})
    assert (status, said["text"]) == (200, "S-1 yolda.")
    stored = support.conversations.message(said["id"])
    assert stored is not None
    assert stored.template == ("on_its_way", "tr", "-", "S-1")
    assert content_of(stored) == SmsContent("S-1 yolda.", ("on_its_way", "tr", "-", "S-1"))


def test_an_answer_to_another_channel_is_no_template(support: Support) -> None:
    one = with_template(support)
    support.taken(PHONE, "s1", channel="sms")
    body = {"seen": support.seen(one), "channel": "sms", "agent": "Deniz", "canned": "on-its-way"}
    said = support.ask("POST", f"/v1/conversations/{one}/replies", body)[1]
    stored = support.conversations.message(said["id"])
    assert stored is not None
    assert stored.template == ()
