"""The chat of the shop's page: who wrote reads his own, nobody floods, an agent answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.conversations.answer import Draft
from shared.domain.conversations.chat_token import LIFETIME, ChatTokens, InvalidChatToken
from shared.domain.conversations.conversation import State
from shared.domain.identity.customer_token import TokenKeys, sign
from shared.domain.identity.identifiers import parse_identifier
from shared.stores.chat_limits import BEGUN, BEGUN_BY_KEY, MESSAGES, ChatLimits
from shared.stores.token_issuers import allow
from tests.unit.ingest.world import NOW, WEB_KEY
from tests.unit.support.world import SECRET, Support

pytestmark = pytest.mark.unit
CHAT = "/v1/chat"


def write(support: Support, text: str = "Merhaba", id_: str = "1", **more: Any) -> tuple[int, Any]:
    return support.ask("POST", CHAT, {"id": id_, "text": text, **more}, WEB_KEY)


def read(support: Support, token: str, after: str = "") -> Any:
    status, body = support.ask("GET", CHAT, key=token, query={"after": after} if after else {})
    assert status == 200
    return body


def signed(support: Support, subject: str) -> str:
    generation = allow(support.catalog, "shop", NOW)
    secret = TokenKeys(SECRET).signing_secret("shop", generation)
    return sign("shop", secret, subject, support.clock.time, timedelta(hours=1))


def test_a_visitor_writes_and_is_answered() -> None:
    """The page asks behind what it has; a note and another channel's words are not shown, nor who the agent is."""
    support = Support()
    status, begun = write(support)
    assert status == 200
    [(one, message)] = support.all_messages()
    assert (one.who.partition("-")[0], one.channel, message.verified) == ("anonymous:chat", "chat", None)
    first = read(support, begun["token"])
    assert [(item["from"], item["text"]) for item in first["items"]] == [("visitor", "Merhaba")]
    assert read(support, begun["token"], first["after"]) == {"items": [], "after": first["after"]}
    support.ask("POST", f"/v1/conversations/{one.id}/notes", {"text": "secret", "agent": "deniz"})
    support.answer(one.id, channel="chat")
    found = read(support, begun["token"], first["after"])
    assert [(item["from"], item["text"]) for item in found["items"]] == [("shop", "It is on its way.")]
    assert "deniz" not in str(found)
    assert support.handed == []
    assert support.shown(one.id)[0].state is State.WAITING
    assert write(support, "Thanks", "2", token=begun["token"])[0] == 200
    assert len({owner.id for owner, _ in support.all_messages()}) == 1


def test_the_same_id_is_the_same_message() -> None:
    """Of one chat; another visitor may use it too."""
    support = Support()
    token = write(support)[1]["token"]
    assert write(support, token=token)[0] == 200
    assert len(support.all_messages()) == 1
    write(support)
    assert len(support.all_messages()) == 2


def test_a_customer_whom_the_shop_vouches_for_is_himself() -> None:
    """His chat is the one of his user, on each device, and shown with what he wrote elsewhere."""
    support = Support()
    status, said = write(support, customer_token=signed(support, "user:42"))
    assert status == 200
    [(one, message)] = support.all_messages()
    assert (one.who, message.verified) == ("user:42", True)
    write(support, "From the phone", "2", customer_token=signed(support, "user:42"))
    assert [item["text"] for item in read(support, said["token"])["items"]] == ["Merhaba", "From the phone"]


def test_nobody_reads_or_writes_with_a_token_that_is_none() -> None:
    """A write key reads nothing; a token of another deployment, a changed one and an old one open nothing."""
    support = Support()
    token = write(support)[1]["token"]
    other = ChatTokens(b"t" * 64).make(parse_identifier("user:42"), support.clock.time)
    for wrong in ("", WEB_KEY, other, token[:-1], "x" + token, token + ".x", "é." + token, "a" * 5_000):
        assert support.ask("GET", CHAT, key=wrong)[0] == 401
        if wrong:
            assert write(support, token=wrong)[0] == 401
            assert write(support, customer_token=wrong)[0] == 401
    assert support.ask("POST", CHAT, {"id": "1", "text": "x"}, key="")[0] == 401
    support.clock.time += LIFETIME
    assert support.ask("GET", CHAT, key=token)[0] == 401
    assert len(support.all_messages()) == 1


def test_what_is_too_much_is_refused_with_a_time() -> None:
    """Of one chat by the minute, and of chats that begin at one address by the hour; other addresses go on."""
    support = Support()
    token = write(support)[1]["token"]
    found = [write(support, id_=f"m{n}", token=token)[0] for n in range(MESSAGES[0].most)]
    assert found == [200] * (MESSAGES[0].most - 1) + [429]
    support.later(minutes=1)
    assert write(support, id_="later", token=token)[0] == 200
    other = Support()
    statuses = [write(other, id_=f"c{n}")[0] for n in range(BEGUN[0].most + 1)]
    assert statuses == [200] * BEGUN[0].most + [429]
    other.ip = "192.0.2.2"
    assert write(other)[0] == 200
    other.ip = "192.0.2.1"
    other.later(hours=1)
    assert write(other, id_="again")[0] == 200
    assert "192.0.2" not in str(other.table._items)


def test_a_flood_from_many_addresses_ends() -> None:
    """By the key of the page; who has a chat, and customers, go on."""
    support = Support()
    token = write(support)[1]["token"]
    limits = ChatLimits(support.table)
    for _ in range(BEGUN_BY_KEY[0].most - 1):
        limits.spend(ChatTokens(SECRET).digest(WEB_KEY), BEGUN_BY_KEY, support.clock.time)
    support.ip = "198.51.100.9"
    assert write(support, id_="2")[0] == 429
    assert write(support, id_="3", token=token)[0] == 200
    assert write(support, id_="4", customer_token=signed(support, "user:42"))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {}, {"id": "1"}, {"text": "x"}, {"id": "", "text": "x"}, {"id": "a b", "text": "x"}, {"id": "1", "text": " "},
        {"id": "1", "text": "x" * 4_001}, {"id": "1", "text": "x", "token": 7}, [], "x",
        {"id": "1", "text": "x", "who": "user:1"}, {"id": "1", "text": "x", "customer_token": ["a.b.c"]},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(body: Any) -> None:
    """And nothing is kept."""
    support = Support()
    assert support.ask("POST", CHAT, body, WEB_KEY)[0] == 400
    assert support.all_messages() == []


def test_an_empty_token_is_none() -> None:
    """A page that has not written before may send what it has."""
    assert write(Support(), token="", customer_token=None)[0] == 200


def test_paths_methods_and_marks() -> None:
    support = Support()
    token = write(support)[1]["token"]
    assert support.ask("GET", CHAT, key=token, query={"after": "x"})[0] == 400
    assert support.ask("PUT", CHAT, {})[0] == 405
    assert support.ask("GET", f"{CHAT}/x", key=token)[0] == 404
    assert support.ask("OPTIONS", CHAT, key="")[0] == 204


@given(st.text(st.characters(), max_size=60))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(InvalidChatToken):
        ChatTokens(SECRET).read(text, NOW)


def test_what_was_said_elsewhere_is_not_the_chat_s() -> None:
    """A till told of a visit of the same customer, and an agent left a note on the chat."""
    support = Support()
    _, said = write(support, customer_token=signed(support, "user:42"))
    [(one, _)] = support.all_messages()
    support.taken("user:42", "visit", channel="store", text="He was in the store.")
    note = Draft(one.id, "n1", "note", "chat", "Careful with him.", "deniz")
    support.agents.write(note, None, support.clock.time)
    assert len(support.all_messages()) == 3
    assert [item["text"] for item in read(support, said["token"])["items"]] == ["Merhaba"]
