"""The webhook ``conversation.due``: the shop's system hears of a warning and of a delay, at least once, signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from functions.support.on_due import WorkLeft
from shared.adapters.webhook_calls import WebhookEnvironment, respond
from shared.domain.deadletters.letter import UNREADABLE, read_letter
from shared.domain.service.due_webhook import TYPE, told
from shared.domain.webhooks.standard_webhook import UnreadableTask
from shared.ports import Throttled
from tests.support.certificates import contexts
from tests.support.crashes import Crash, CrashesAt
from tests.support.https_sender_cases import guarded
from tests.support.provider_wire import Wire, WireAnswer, provider_wire
from tests.unit.stock.test_hook import SECRET, URL, Receipts, queued, verifier
from tests.unit.stock.test_stock_store import NOW
from tests.unit.support.test_team_warnings import shop
from tests.unit.support.world import EMAIL, Invoked, Support

pytestmark = pytest.mark.unit


@pytest.fixture
def wire() -> Iterator[Wire]:
    with provider_wire(tls=contexts()[0]) as made:
        yield made


def bodies(support: Support) -> list[dict[str, Any]]:
    return [json.loads(told(task).body) for task in support.due_hook.bodies]


def test_a_warning_and_a_delay_are_told_once_each() -> None:
    """With the conversation, its team and the times; nothing of the customer and nothing that he wrote."""
    support = shop(tell=[])
    one = support.taken(EMAIL, "m1", text="my secret").conversation
    support.tick(minutes=89)
    assert support.due_hook.bodies == []
    for _ in range(40):
        support.tick(minutes=1)
    warned, late = bodies(support)
    assert warned["type"] == TYPE
    assert warned["data"] == {
        "conversation": one, "mark": "warned", "team": "support", "assignee": None, "channel": "email",
        "priority": "normal", "waiting_since": warned["data"]["waiting_since"], "due_at": warned["data"]["due_at"],
    }  # fmt: skip
    assert (late["data"]["conversation"], late["data"]["mark"]) == (one, "late")
    assert len({told(task).id for task in support.due_hook.bodies}) == 2
    for hidden in ("ayse", "secret", "example.com"):
        assert hidden not in "".join(support.due_hook.bodies).lower()


def test_an_answer_in_time_is_told_to_nobody_and_the_next_wait_anew() -> None:
    support = shop(tell=[])
    one = support.taken(EMAIL, "m1").conversation
    support.answer(one)
    support.tick(hours=5)
    assert support.due_hook.bodies == []
    support.taken(EMAIL, "m2")
    support.tick(minutes=100)
    assert [said["data"]["mark"] for said in bodies(support)] == []  # this team promises the first answer only
    again = shop(tell=[], answer={"first": "2h", "next": "2h", "warn_before": "30m"})
    first = again.taken(EMAIL, "m1").conversation
    again.tick(minutes=91)
    again.answer(first)
    again.taken(EMAIL, "m2")
    again.tick(minutes=91)
    assert [said["data"]["mark"] for said in bodies(again)] == ["warned", "warned"]
    assert len({told(task).id for task in again.due_hook.bodies}) == 2


def test_a_forged_mail_alarms_nobody() -> None:
    support = shop(tell=[])
    support.taken(EMAIL, "m1", verified=False)
    for _ in range(5):
        support.tick(hours=1)
    assert support.due_hook.bodies == []


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_loses_no_warning(after: bool) -> None:
    """It is told again under the same id, so the receiver counts one."""
    for at in range(1, 100):
        crash = CrashesAt(10_000, after=after)
        support = shop(crash, tell=[])
        support.taken(EMAIL, "m1")
        support.later(minutes=90)
        crash.at = next(crash.numbers) + at
        with suppress(Crash, WorkLeft):
            support.tick()
        crash.at = 0
        for _ in range(3):
            support.tick(minutes=1)
        assert len({told(task).id for task in support.due_hook.bodies}) == 1, at
        assert bodies(support)[0]["data"]["mark"] == "warned"
        if not crash.met:
            return
    raise AssertionError("every call was tried to crash")


def test_a_queue_that_takes_nothing_is_asked_again() -> None:
    support = shop(tell=[])
    support.taken(EMAIL, "m1")
    kept, support.due_hook.send_many = support.due_hook.send_many, _full  # type: ignore[method-assign, assignment]
    with pytest.raises(WorkLeft):
        support.tick(minutes=91)
    support.due_hook.send_many = kept  # type: ignore[method-assign]
    support.tick(minutes=1)
    assert [said["data"]["mark"] for said in bodies(support)] == ["warned"]


def _full(_bodies: object) -> None:
    raise Throttled("full")


def test_it_arrives_signed_as_that_of_stock(wire: Wire) -> None:
    """The documentation's own function knows it; refused, it comes again later under the same id."""
    support = shop(tell=[])
    support.taken(EMAIL, "m1")
    support.tick(minutes=91)
    [task] = support.due_hook.bodies
    receipts = Receipts()
    composed = WebhookEnvironment(
        URL, lambda: SECRET, guarded(wire.url), receipts.hide, lambda: NOW, told, "service-on-hook"
    )
    wire.answer = WireAnswer(503)
    assert respond(queued(task), Invoked(), composed)["batchItemFailures"]
    wire.answer = WireAnswer(204)
    assert respond(queued(task), Invoked(), composed) == {"batchItemFailures": []}
    assert len(receipts.hidden) == 1
    assert {one.headers["webhook-id"] for one in wire.requests} == {told(task).id}
    assert verifier()["is_ours"](SECRET, dict(wire.requests[-1].headers), wire.requests[-1].body)


def test_a_dead_letter_is_shown_and_redriven() -> None:
    support = shop(tell=[])
    one = support.taken(EMAIL, "m1").conversation
    support.tick(minutes=91)
    letter = read_letter("due-hook-work", support.due_hook.bodies[0])
    assert letter.about == {"webhook": "conversation.due", "conversation": one}
    assert letter.repair is not None
    assert read_letter("due-hook-work", '{"hook": "stock.changed"}') == UNREADABLE


@pytest.mark.parametrize(
    "task", ["", "[]", "7", "{}", '{"hook":"stock.changed"}', '{"hook":"conversation.due","mark":"x"}']
)
def test_a_task_that_is_none(task: str) -> None:
    with pytest.raises(UnreadableTask):
        told(task)
