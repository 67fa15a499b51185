"""An answer whose recipient is not the customer any more, because a link was released before it was sent."""

from __future__ import annotations

import pytest

from shared.domain.messages.message import State
from shared.operators.answer_requests import answer_request
from tests.unit.notify.test_answering import World
from tests.unit.support.world import EMAIL, INSTAGRAM, KEYS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("released", [False, True])
def test_an_answer_stops_for_who_is_not_the_customer_any_more(released: bool) -> None:
    """What was written on Instagram was shown to the agent. His answer by e-mail lies in the e-mail's own conversation;
    seconds later a link is released."""
    world = World()
    support = world.support
    support.link(INSTAGRAM, EMAIL)
    support.taken(INSTAGRAM, "i1", text="My new address is ...")
    question = support.taken(EMAIL, "m1")
    message = support.answer(question.conversation, channel="email")
    assert message.conversation == question.conversation
    if released:
        support.later(minutes=1)
        support.release(INSTAGRAM, EMAIL)
    assert world.handle(answer_request(message, KEYS)) is (State.SKIPPED if released else State.SENT)
    assert world.became() == ([("failed", "no_address")] if released else [("sent", "")])


def test_who_wrote_under_one_identifier_is_looked_up_no_further() -> None:
    """Nobody can have been shown anything else, so no identifier of him is read."""
    world = World()
    _, request = world.answered()
    tables = world.support.table, world.support.customers_table
    for table in tables:
        table.usage.reset()
    assert world.handle(request) is State.SENT
    operations = [table.usage.by_operation for table in tables]
    assert operations == [{"get": 3}, {"query": 1}]
