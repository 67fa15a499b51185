"""Canned answers: filled with what is known of the conversation, sent once like every other answer."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.service.rules import read_rules
from tests.unit.support.world import EMAIL, Support

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
