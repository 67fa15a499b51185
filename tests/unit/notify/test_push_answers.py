"""Answers of agents by push: to devices that are the customer's in the moment of sending, once, with the whole text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.adapters.push_pinpoint import ENVELOPE_BYTES, PAYLOAD_BYTES, _configuration, _size
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.conversations.answer import Draft, too_long
from shared.domain.conversations.answer_content import content_of
from shared.domain.conversations.message import Message
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.address import Address, token_key
from shared.domain.messages.message import Reason, State
from shared.domain.messages.push_size import fitted
from shared.domain.messages.request import SendRequest
from shared.domain.privacy.held_rights import Held, Mark
from shared.domain.templates.content import PushContent
from shared.operators.agent_actions import NotReachable
from shared.operators.answer_requests import answer_request
from shared.ports.sender import Accepted, Answer, Outgoing, Unreachable
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import load_tree
from shared.stores.consent_items import consent_items
from shared.stores.right_marks import put_right_marks
from shared.stores.sends import Sends, put_sends
from tests.unit.notify.test_answering import World
from tests.unit.support.world import EMAIL, KEYS, PHONE

pytestmark = pytest.mark.unit

USER = "user:42"


def world_with_phone(*answers: Answer) -> World:
    """Ayşe asked by e-mail; she is user 42, who uses the app on a phone."""
    world = World(*answers)
    world.support.taken(EMAIL, "m1", subject="S-1")
    world.support.link(EMAIL, USER)
    world.support.device(USER, "phone-1")
    return world


def pushed(world: World, text: str = "It is on its way.", key: str = "k1") -> tuple[Message, SendRequest]:
    [(one, _)] = [found for found in world.support.all_messages() if found[1].direction == "in"]
    draft = Draft(one.id, key, "out", "push", text, "deniz")
    message = world.support.agents.write(draft, world.support.seen(one.id), world.support.clock.time)
    return message, answer_request(message, KEYS)


def test_an_answer_goes_to_the_app_and_returns_as_sent() -> None:
    """Under the name of the shop, with the whole text; a tap opens the app. Handed over again, it is not sent again."""
    world = world_with_phone(Accepted("p-1"))
    message, request = pushed(world)
    assert (message.to, message.delivery) == (USER, "pending")
    assert world.handle(request) is State.SENT
    assert world.handle(request) is State.SENT
    [sent] = world.provider.sent
    assert sent.content == PushContent("Kervan Moda", "It is on its way.", "", collapse=message.id)
    assert [token.token for token in sent.address.tokens] == ["phone-1"]
    assert (sent.purpose, sent.headers) == ("service", {})
    world.support.work(*world.told.bodies)
    found = world.support.conversations.message(message.id)
    assert found is not None
    assert found.delivery == "sent"
    assert world.support.shown(message.conversation)[0].state == "waiting"


def test_it_is_offered_only_to_who_has_a_device() -> None:
    """The screen offers it with the others; without a device it is refused with the reason, and nothing is kept."""
    world = World()
    one = world.support.taken(EMAIL, "m1")
    status, shown = world.support.ask("GET", f"/v1/conversations/{one.conversation}")
    assert (status, [channel["channel"] for channel in shown["channels"]]) == (200, ["email"])
    body = {"seen": shown["seen"], "channel": "push", "text": "Hello", "agent": "deniz"}
    status, said = world.support.ask("POST", f"/v1/conversations/{one.conversation}/replies", body)
    assert (status, said["error"]) == (409, "no_address")
    world.support.link(EMAIL, USER)
    world.support.device(USER, "phone-1")
    _, shown = world.support.ask("GET", f"/v1/conversations/{one.conversation}")
    assert shown["channels"][-1]["to"] == USER
    assert [channel["channel"] for channel in shown["channels"]] == ["email", "push"]
    status, said = world.support.ask("POST", f"/v1/conversations/{one.conversation}/replies", body)
    assert (status, said["channel"], said["to"], said["delivery"]) == (200, "push", USER, "pending")


def test_a_sold_phone_tells_its_buyer_nothing() -> None:
    """Another user was seen on it: before the answer it is refused, after it nothing goes out and the agent hears."""
    world = world_with_phone()
    _message, request = pushed(world)
    world.support.later(minutes=1)
    world.support.device("user:buyer", "phone-1")
    assert world.handle(request) is State.SKIPPED
    assert (world.provider.sent, world.became()) == ([], [("failed", "no_address")])
    with pytest.raises(NotReachable):
        pushed(world, key="k2")


def test_a_released_identifier_takes_the_phone_with_it() -> None:
    """The writer of the mail is not user 42: what was answered to the one is not read on the other's phone."""
    world = world_with_phone()
    _message, request = pushed(world)
    world.support.later(minutes=1)
    world.support.release(EMAIL, USER)
    assert world.handle(request) is State.SKIPPED
    assert (world.provider.sent, world.became()) == ([], [("failed", "no_address")])
    world.support.work(*world.told.bodies)
    with pytest.raises(NotReachable):
        pushed(world, key="k2")


@pytest.mark.parametrize(("released", "became"), [(True, ("failed", "no_address")), (False, ("sent", ""))])
def test_an_answer_by_another_channel_than_the_question_asks_too(released: bool, became: tuple[str, str]) -> None:
    """A mail is answered by SMS, and waits for an hour: if the number is another person's by then, he reads nothing."""
    world = World()
    question = world.support.taken(EMAIL, "m1")
    world.support.link(EMAIL, USER)
    world.support.link(PHONE, USER)
    message = world.support.answer(question.conversation, channel="sms")
    world.support.later(hours=1)
    if released:
        world.support.release(EMAIL, USER)
    world.handle(answer_request(message, KEYS))
    assert world.became() == [became]
    assert len(world.provider.sent) == (0 if released else 1)


def test_dead_devices_return_to_the_agent_and_are_skipped_from_then_on() -> None:
    """With the reason; the customer's log hears of it, and journeys skip them too. A newer sighting revives one."""
    world = world_with_phone(Unreachable(Reason.DEAD_TOKEN, ("phone-1",)))
    message, request = pushed(world)
    world.support.later(minutes=1)
    assert world.handle(request) is State.FAILED
    assert world.became() == [("failed", "dead_token")]
    world.support.work(*world.told.bodies)
    one = world.support.shown(message.conversation)[0]
    assert (one.state, one.failed) == ("open", True)
    assert [event.name for event in world.support.events(USER)][-1:] == ["Push Notification Bounced"]
    tree = load_tree(world.support.customers, KEYS(parse_identifier(USER)))
    assert len(sends_of(tree).dead) == 1
    with pytest.raises(NotReachable):
        pushed(world, key="k2")
    world.support.later(days=1)
    world.support.device(USER, "phone-1")
    assert world.handle(pushed(world, key="k3")[1]) is State.SENT


def test_an_answer_that_waited_while_its_device_died_says_so() -> None:
    """Another message found it dead: the agent hears that, and nobody calls."""
    world = world_with_phone()
    _message, request = pushed(world)
    key = KEYS(parse_identifier(USER))
    died = Sends(dead={token_key("phone-1", KEYS): world.support.later(minutes=1)})
    put_sends(world.support.customers, key, died)
    assert world.handle(request) is State.SKIPPED
    assert (world.provider.sent, world.became()) == ([], [("failed", "dead_token")])


def test_a_device_that_died_on_the_way_is_remembered_although_another_took_it() -> None:
    world = world_with_phone(Accepted("p-1", ("phone-2",)))
    world.support.later(minutes=1)
    world.support.device(USER, "phone-2")
    _, request = pushed(world)
    assert world.handle(request) is State.SENT
    tree = load_tree(world.support.customers, KEYS(parse_identifier(USER)))
    assert len(sends_of(tree).dead) == 1


@pytest.mark.parametrize(("purpose", "sends"), [("all", False), ("marketing", True)])
def test_who_wants_no_push_messages_at_all_gets_none_from_agents(purpose: str, sends: bool) -> None:
    world = world_with_phone()
    _, request = pushed(world)
    now = world.support.clock.time
    said = Consent(
        channel="push", purpose=purpose, granted=False, time=now, received_at=now, may_grant=False, source="app",
        message_id="x",
    )  # fmt: skip
    key = KEYS(parse_identifier(USER))
    world.support.customers_table.put_many(consent_items(ConsentRecord((key,), said), trusted=True))
    assert world.handle(request) is (State.SENT if sends else State.SKIPPED)
    assert world.became() == [("sent", "")] if sends else [("failed", "suppressed")]


def test_who_restricted_his_data_is_answered_by_agents_only() -> None:
    """What the shop says by itself is held by the same gate as on the other channels."""
    world = world_with_phone()
    message, request = pushed(world)
    key = KEYS(parse_identifier(USER))
    put_right_marks(world.support.customers_table, [key], Mark(Held.RESTRICT, "case1", key, message.at))
    own = replace(message, id="b" * 26, place=message.place + 1, author="", automatic=True)
    world.support.conversations.put([], own)
    assert world.handle(answer_request(own, KEYS)) is State.SKIPPED
    assert world.became() == [("failed", "restricted")]
    assert world.handle(request) is State.SENT


def test_a_forged_sender_gets_no_push_message_of_the_customer() -> None:
    """A mail that is kept apart reaches nobody but its own address."""
    world = World()
    world.support.link(EMAIL, USER)
    world.support.device(USER, "phone-1")
    one = world.support.taken(EMAIL, "m1", verified=False)
    with pytest.raises(NotReachable):
        pushed(world)
    assert world.support.agents.show(one.conversation).reached_by("push") is None


def test_the_app_s_chat_holds_what_was_pushed_to_its_customer() -> None:
    """A notification is gone after a tap. Nobody else's chat has it."""
    world = World()
    chat = world.support.taken(USER, "c1")
    world.support.device(USER, "phone-1")
    other = world.support.taken("anonymous:chat-1", "c2")
    draft = Draft(chat.conversation, "k1", "out", "push", "It is here.", "deniz")
    world.support.agents.write(draft, world.support.seen(chat.conversation), world.support.clock.time)

    def texts(who: str) -> list[str]:
        token = world.support.environment.chat_tokens.make(parse_identifier(who), world.support.clock.time)
        status, said = world.support.ask("GET", "/v1/chat", key=token)
        assert status == 200
        return [item["text"] for item in said["items"]]

    assert texts(USER) == ["Where is S-1?", "It is here."]
    assert texts("anonymous:chat-1") == ["Where is S-1?"]
    assert other.conversation != chat.conversation


def test_a_visitor_s_chat_shows_no_push_message_to_somebody_it_was_linked_with() -> None:
    """It lies in that chat's conversation, because the customer has none of his own; who holds the token may be another
    person at the same browser."""
    world = World()
    visitor = "anonymous:chat-1"
    chat = world.support.taken(visitor, "c1")
    world.support.link(visitor, USER)
    world.support.device(USER, "phone-1")
    draft = Draft(chat.conversation, "k1", "out", "push", "It is here.", "deniz")
    message = world.support.agents.write(draft, world.support.seen(chat.conversation), world.support.clock.time)
    assert (message.conversation, message.to) == (chat.conversation, USER)
    token = world.support.environment.chat_tokens.make(parse_identifier(visitor), world.support.clock.time)
    assert [item["text"] for item in world.support.ask("GET", "/v1/chat", key=token)[1]["items"]] == ["Where is S-1?"]


@given(st.text(max_size=2_100), st.text(max_size=80))
def test_what_is_not_too_long_is_never_cut(text: str, shop: str) -> None:
    """However its letters are written and whatever the shop is called: half an answer would say something else."""
    message = Message("a" * 26, "c", 1, datetime(2026, 11, 30, tzinfo=UTC), "out", "push", text)
    content = content_of(message, shop=shop)
    assert isinstance(content, PushContent)
    if not too_long("push", text):
        assert fitted(content, _size, PAYLOAD_BYTES - ENVELOPE_BYTES) == content


@pytest.mark.parametrize(("text", "refused"), [("a" * 1_998, False), ("a" * 1_999, True), ("ş" * 334, True)])
def test_a_longer_text_is_refused(text: str, refused: bool) -> None:
    assert too_long("push", text) is refused


@pytest.mark.parametrize("platform", ["android", "ios"])
def test_a_tap_on_an_answer_opens_the_app(platform: str) -> None:
    """It leads nowhere else; Pinpoint takes no empty address."""
    content = PushContent("Kervan Moda", "Hello", "", collapse="c")
    outgoing = Outgoing("m" * 26, Address("push", "k"), content, "Kervan Moda", "service", {}, {})
    [body] = _configuration(outgoing, content, platform).values()
    assert body["Action"] == "OPEN_APP"
    assert "Url" not in body
