"""The paths of conversations as agents and other systems ask them; every answer is held against the document."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.conversations.conversation import Channel
from tests.unit.ingest.world import STORE_KEY, WEB_KEY
from tests.unit.support.world import EMAIL, INSTAGRAM, PHONE, Support

pytestmark = pytest.mark.unit
LIST = "/v1/conversations"


def told(support: Support, id_: str = "call-1", **more: Any) -> tuple[int, Any]:
    body = {"channel": "store", "customer": EMAIL, "id": id_, "text": "She wants another size.", **more}
    return support.ask("POST", f"{LIST}/messages", body, STORE_KEY)


def test_a_till_tells_of_a_visit() -> None:
    """A trusted source may; the same message told again is the same one. It reads nothing."""
    support = Support()
    status, first = told(support)
    assert (status, first["state"]) == (200, "taken")
    assert told(support)[1] == {**first, "state": "repeated"}
    assert told(support, "call-2")[1]["conversation"] == first["conversation"]
    assert support.ask("GET", LIST, key=STORE_KEY)[0] == 403
    assert support.ask("POST", f"{LIST}/messages", {}, WEB_KEY)[0] == 403
    assert support.ask("GET", LIST, key="")[0] == 401


def test_the_pool_and_the_desks() -> None:
    """Longest waiting first, page by page; what is assigned lies on its agent's desk until it is closed."""
    support = Support()
    ids = []
    for number in range(5):
        ids.append(told(support, f"c{number}", customer=f"email:p{number}@x.org")[1]["conversation"])
        support.later(minutes=1)
    _, page = support.ask("GET", LIST, query={"limit": "3"})
    assert [one["id"] for one in page["items"]] == ids[:3]
    _, rest = support.ask("GET", LIST, query={"limit": "3", "cursor": page["cursor"]})
    assert ([one["id"] for one in rest["items"]], rest["cursor"]) == (ids[3:], None)
    status, answer = support.ask("POST", f"{LIST}/{ids[1]}/assignment", {"agent": "deniz", "team": "returns"})
    assert (status, answer["assignee"], answer["team"]) == (200, "deniz", "returns")
    assert [one["id"] for one in support.ask("GET", LIST, query={"assignee": "deniz"})[1]["items"]] == [ids[1]]
    assert len(support.ask("GET", LIST, query={"assignee": ""})[1]["items"]) == 4
    support.ask("POST", f"{LIST}/{ids[1]}/state", {"state": "closed"})
    assert support.ask("GET", LIST, query={"assignee": "deniz"})[1]["items"] == []
    assert [one["id"] for one in support.ask("GET", LIST, query={"state": "closed"})[1]["items"]] == [ids[1]]


def test_an_agent_answers_what_was_shown() -> None:
    """By a channel that reaches the customer; a second one who looked before is told what came."""
    support = Support()
    id_ = support.taken(EMAIL, "m1", subject="S-1").conversation
    status, shown = support.ask("GET", f"{LIST}/{id_}")
    assert (status, shown["state"], [one["channel"] for one in shown["channels"]]) == (200, "open", ["email"])
    assert [one["text"] for one in shown["messages"]] == ["Where is S-1?"]
    body = {"seen": shown["seen"], "channel": "email", "text": "On its way.", "agent": "deniz", "key": "k1"}
    status, answer = support.ask("POST", f"{LIST}/{id_}/replies", body)
    assert (status, answer["delivery"], answer["to"], answer["subject"]) == (200, "pending", EMAIL, "Re: S-1")
    assert support.ask("POST", f"{LIST}/{id_}/replies", body) == (200, answer)
    status, refused = support.ask("POST", f"{LIST}/{id_}/replies", {**body, "agent": "ece", "key": "k2"})
    assert (status, refused["error"], refused["newer"]) == (409, "newer_messages", [answer])
    assert [one.author for one in support.handed] == ["deniz"]


@pytest.mark.parametrize(
    ("channel", "error"), [("sms", "no_address"), ("instagram", "window_closed"), ("messenger", "not_connected")]
)
def test_a_channel_that_does_not_reach_says_why(channel: str, error: str) -> None:
    support = Support()
    id_ = support.taken(INSTAGRAM, "i1").conversation
    assert [one["channel"] for one in support.ask("GET", f"{LIST}/{id_}")[1]["channels"]] == ["instagram"]
    support.later(days=2)
    _, shown = support.ask("GET", f"{LIST}/{id_}")
    assert shown["channels"] == []
    body = {"seen": shown["seen"], "channel": channel, "text": "Hello", "agent": "deniz"}
    status, refused = support.ask("POST", f"{LIST}/{id_}/replies", body)
    assert (status, refused["error"]) == (409, error)
    assert support.handed == []


def test_details_notes_and_snoozes() -> None:
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    body = {"kind": "return", "order_id": "S-1", "priority": "high", "tags": ["size", "size", "Ankara"]}
    _, changed = support.ask("POST", f"{LIST}/{id_}/details", body)
    assert [changed[name] for name in body] == ["return", "S-1", "high", ["Ankara", "size"]]
    _, named = support.ask("POST", f"{LIST}/{id_}/details", {"subject": "Jacket too small"})
    assert named == {**changed, "subject": "Jacket too small"}
    _, note = support.ask("POST", f"{LIST}/{id_}/notes", {"text": "Wants M.", "agent": "ece", "key": "n1"})
    assert (note["direction"], note["delivery"]) == ("note", None)
    _, snoozed = support.ask("POST", f"{LIST}/{id_}/state", {"state": "snoozed", "for": "2h"})
    assert snoozed["state"] == "snoozed"
    assert support.tick(minutes=119)["woken"] == 0
    assert support.tick(minutes=1)["woken"] == 1
    assert support.ask("GET", f"{LIST}/{id_}")[1]["state"] == "open"


def test_an_old_conversation_is_shown_with_a_new_one() -> None:
    """Of the same customer only: two people are never shown to each other."""
    support = Support()
    old = support.taken(EMAIL, "m1").conversation
    support.ask("POST", f"{LIST}/{old}/state", {"state": "closed"})
    support.later(days=20)
    new = support.taken(EMAIL, "m2").conversation
    assert new != old
    status, shown = support.ask("POST", f"{LIST}/{new}/merge", {"with": old})
    assert (status, [one["id"] for one in shown["members"]]) == (200, [new, old])
    assert support.ask("POST", f"{LIST}/{new}/merge", {"with": old})[1] == shown
    stranger = support.taken("email:fatma@x.org", "f1").conversation
    assert support.ask("POST", f"{LIST}/{new}/merge", {"with": stranger})[1]["error"] == "two_customers"
    assert support.ask("POST", f"{LIST}/{new}/merge", {"with": "aaaaaaaaaaaaa"})[0] == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("replies", {"channel": "email", "text": "x", "agent": "a"}),
        ("replies", {"seen": "all", "channel": "email", "text": "x", "agent": "a"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "fax", "text": "x", "agent": "a"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "email", "text": " ", "agent": "a"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "email", "text": "x" * 20_001, "agent": "a"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "email", "text": "x", "agent": "a\r\nBcc: b"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "email", "text": "x", "agent": "a", "subject": "a\nb"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "email", "text": "x", "agent": "a", "key": "ç"}),
        ("replies", {"seen": "aaaaaaaaaaaaa:1", "channel": "email", "text": "x", "agent": "a", "more": 1}),
        ("notes", {"text": 7, "agent": "a"}),
        ("notes", {"text": "x"}),
        ("assignment", {}),
        ("assignment", {"agent": 7}),
        ("assignment", {"agent": "x" * 65}),
        ("state", {"state": "waiting"}),
        ("state", {"state": "snoozed"}),
        ("state", {"state": "snoozed", "for": "1 month"}),
        ("state", {"state": "snoozed", "for": "400d"}),
        ("state", {"state": "closed", "for": "3h"}),
        ("details", {"kind": "praise"}),
        ("details", {"tags": "x"}),
        ("details", {"tags": [""]}),
        ("details", {"priority": None}),
        ("merge", {}),
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(path: str, body: Any) -> None:
    """With 400 and a sentence that repeats nothing of what was sent."""
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    before = support.shown(id_)
    status, answer = support.ask("POST", f"{LIST}/{id_}/{path}", body)
    assert (status, answer["error"]) == (400, "malformed")
    assert support.shown(id_) == before
    assert support.handed == []


@pytest.mark.parametrize("customer", ["nobody", "email:not-an-address", "phone:12", "email:no-reply@x.org", ""])
def test_a_message_of_nobody_is_refused(customer: str) -> None:
    support = Support()
    assert told(support, customer=customer)[0] == 400
    assert support.pool() == []


def test_paths_that_are_not_there() -> None:
    support = Support()
    id_ = support.taken(EMAIL, "m1").conversation
    assert support.ask("POST", LIST, {})[0] == 405
    assert support.ask("DELETE", f"{LIST}/{id_}")[0] == 405
    assert support.ask("GET", f"{LIST}/messages")[0] == 405
    assert support.ask("GET", f"{LIST}/{id_}/replies")[0] == 405
    assert support.ask("POST", f"{LIST}/{id_}/wishes", {})[0] == 404
    assert support.ask("GET", f"{LIST}/aaaaaaaaaaaaa")[0] == 404
    assert support.ask("POST", f"{LIST}/aaaaaaaaaaaaa/state", {"state": "closed"})[0] == 404
    for query in ({"state": "lost"}, {"limit": "0"}, {"cursor": "?"}, {"assignee": "x" * 65}):
        assert support.ask("GET", LIST, query=query)[0] == 400, query
    assert support.ask("POST", f"{LIST}/{id_}/state", "[]")[0] == 400
    assert support.ask("OPTIONS", LIST)[0] == 204


@pytest.mark.parametrize(
    ("channel", "who", "text", "status"),
    [
        ("whatsapp", PHONE, "x" * 4_096, 200), ("whatsapp", PHONE, "x" * 4_097, 409),
        ("instagram", INSTAGRAM, "ş" * 500, 200), ("instagram", INSTAGRAM, "ş" * 501, 409),
    ],
)  # fmt: skip
def test_what_a_channel_would_refuse_for_its_length_is_told_at_once(
    channel: Channel, who: str, text: str, status: int
) -> None:
    """Before it is kept: an agent who is told later has written in vain."""
    support = Support()
    one = support.taken(who, "m1", channel=channel)
    body = {"seen": support.seen(one.conversation), "channel": channel, "text": text, "agent": "deniz"}
    found, answer = support.ask("POST", f"/v1/conversations/{one.conversation}/replies", body)
    assert (found, answer.get("error")) == (status, None if status == 200 else "too_long")
