"""What a customer takes back ("unsend") loses its words and files, whoever else asks, in any order, repeated."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from functions.support.removals import MAY_COME
from shared.domain.conversations.files import place_of
from shared.domain.conversations.jobs import Removal, read_job, removal_job
from shared.domain.conversations.message import Attachment
from shared.domain.deadletters.letter import read_letter
from tests.support.crashes import Crash, CrashesAt
from tests.unit.ingest.test_meta_hooks import payload, post, told, world
from tests.unit.support.world import INSTAGRAM, KEYS, Support

pytestmark = pytest.mark.unit


def test_an_unsent_message_loses_its_words() -> None:
    """By Meta's own form; the agent sees that there was one. A repetition of the message does not bring it back."""
    made, support = world(), Support()
    post(made, payload("instagram-text"))
    [message] = made.told.bodies
    support.work(message)
    post(made, payload("instagram-unsent"))
    removal = made.told.bodies[-1]
    assert len(told(made)) == 1
    assert support.work(removal) == []
    [(one, kept)] = support.all_messages()
    assert (kept.text, kept.reason, one.messages) == ("", "removed", 1)
    shown = support.ask("GET", f"/v1/conversations/{one.id}")[1]["messages"][0]
    assert (shown["text"], shown["reason"]) == ("", "removed")
    assert support.work(message, removal) == []
    assert [found.text for _, found in support.all_messages()] == [""]


def test_nobody_takes_back_what_another_wrote() -> None:
    """Another account names the message; and an answer of the shop is not taken back by its customer."""
    made, support = world(), Support()
    post(made, payload("instagram-text"))
    support.work(*made.told.bodies)
    post(made, payload("instagram-unsent").replace(b"7781234567890123", b"999"))
    support.work(made.told.bodies[-1])
    assert [kept.text for _, kept in support.all_messages()] == ["S-1 nerede?"]
    own = support.taken(INSTAGRAM, "m1")
    answer = support.answer(own.conversation, channel="instagram")
    job = Removal(answer.id, support.shown(own.conversation)[0].home, support.clock.time)
    assert support.work(removal_job(job)) == []
    found = support.conversations.message(answer.id)
    assert found is not None
    assert found.text == "It is on its way."


def test_it_may_come_before_its_message() -> None:
    """The queue offers it again; after half an hour there is nothing to wait for."""
    support = Support()
    inbound = support.inbound(INSTAGRAM, "m1")
    job = removal_job(Removal(inbound.id, inbound.home, support.clock.time))
    assert support.work(job) == [{"itemIdentifier": "0"}]
    support.taken(INSTAGRAM, "m1")
    assert support.work(job) == []
    assert [kept.text for _, kept in support.all_messages()] == [""]
    other = removal_job(Removal("b" * 26, inbound.home, support.clock.time))
    support.clock.time += MAY_COME
    assert support.work(other) == []


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_leaves_no_file(after: bool) -> None:
    for at in range(1, 20):
        crash = CrashesAt(10_000, after=after)
        support = Support(crash)
        inbound = support.inbound(INSTAGRAM, "m1")
        file = Attachment("photo", "image/png", 3, place_of(inbound.id, 1))
        support.taken(INSTAGRAM, "m1", attachments=(file,))
        support.bucket.kept[file.place] = b"png"
        job = removal_job(Removal(inbound.id, inbound.home, support.clock.time))
        crash.at = next(crash.numbers) + at
        with suppress(Crash):
            support.work(job)
        crash.at = 0
        support.work(job)
        assert support.bucket.kept == {}
        assert [(kept.text, kept.attachments) for _, kept in support.all_messages()] == [("", ())]
        if not crash.met:
            return
    raise AssertionError("every call was tried to crash")


def test_a_job_names_nobody_and_can_be_redriven() -> None:
    support = Support()
    job = removal_job(Removal("b" * 26, KEYS_HOME, support.clock.time))
    assert read_job(job, KEYS) == Removal("b" * 26, KEYS_HOME, support.clock.time)
    assert set(json.loads(job)) == {"kind", "message", "home", "at"}
    letter = read_letter("support-work", job)
    assert (letter.about, letter.repair is not None) == ({"message": "b" * 26}, True)


KEYS_HOME = "e." + "A" * 22
