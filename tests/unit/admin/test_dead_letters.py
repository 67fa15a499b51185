"""Dead letters over the API: looking changes nothing, and a redrive loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.admin.dead_letter_environment import DeadLetterEnvironment
from shared.adapters.attribute_values import write_item
from shared.adapters.memory_letters import MemoryLetterQueue
from shared.domain.deadletters.letter import QUEUES
from shared.domain.deadletters.repair import RepairTask
from shared.domain.identity.keys import milliseconds
from shared.ports import Throttled
from shared.ports.dead_letters import StreamChange, StreamGone, StreamPage
from tests.unit.domain.deadletters.test_letter import BATCH, CUSTOMER, EVENT, KEY, REPORT, STREAM, TIMER, given_up
from tests.unit.ingest.world import ADMIN_KEY, NOW, STORE_KEY, World, http_event

pytestmark = pytest.mark.unit
NOW_MS = milliseconds(NOW)


class Target:
    """A queue that breaks as often as ``breaks`` says."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.breaks = 0

    def send_many(self, bodies: Iterable[str]) -> None:
        for body in bodies:
            if self.breaks:
                self.breaks -= 1
                raise Throttled("busy")
            self.bodies.append(json.loads(body))


class Stream:
    """Two pages of records, or none any more."""

    pages: tuple[list[StreamChange], ...] = ()

    def read(self, _shard: str, _first: str, _last: str, cursor: str | None = None) -> StreamPage:
        if not self.pages:
            raise StreamGone
        place = int(cursor or 0)
        return StreamPage(self.pages[place], str(place + 1) if place + 1 < len(self.pages) else None)


class DeadLetterStack:
    """A deployment whose queues of dead letters are in memory."""

    def __init__(self) -> None:
        self.world = World()
        self.letters = {name: MemoryLetterQueue() for name in QUEUES}
        self.targets = {
            name: Target()
            for name in (
                "email",
                "sms",
                "push",
                "segment-work",
                "schedule-work",
                "privacy-work",
                "measure-work",
                "stock-work",
                "support-work",
                "feedback-work",
            )
        }
        self.stream = Stream()
        stack = DeadLetterEnvironment(self.letters, self.targets, self.stream, self.world.clock.now)
        self.world.admin = replace(self.world.admin, letters=lambda: stack)

    def redrive(self, queue: str, **wanted: Any) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        return self.world.send(http_event("POST", f"/v1/deadletters/{queue}/redrive", wanted, headers))


def test_without_letters_the_list_is_empty() -> None:
    """Empty queues are not named, unless one is asked for by its name."""
    stack = DeadLetterStack()
    assert stack.world.get("/v1/deadletters") == (200, {"items": [], "queues": [], "cursor": None})
    named = stack.world.get("/v1/deadletters/email")[1]
    assert named["queues"] == [{"name": "email", "waiting": 0}]


def test_a_deployment_without_a_lake_or_a_webhook_lacks_queues() -> None:
    """They are in no list, and asked by name there is no such queue."""
    stack = DeadLetterStack()
    for name in ("hook-work", "measure-work"):
        del stack.letters[name]
        assert stack.world.get("/v1/deadletters") == (200, {"items": [], "queues": [], "cursor": None})
        assert stack.world.get(f"/v1/deadletters/{name}")[0] == 404
        assert stack.redrive(name)[0] == 404


def test_letters_are_shown_with_age_reason_and_ids() -> None:
    """The oldest first; looking leaves them where they are, for the next look and for the redrive."""
    stack = DeadLetterStack()
    stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS - 60_000)
    stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS - 3_600_000)
    stack.letters["sms"].add("not a request", NOW_MS)
    for receives in (1, 2):
        status, found = stack.world.get("/v1/deadletters")
        assert status == 200
        shown = [(one["queue"], one["kind"], one["age_seconds"], one["receives"]) for one in found["items"]]
        assert shown == [
            ("sms", "unreadable", 0, receives),
            ("segment-on-events", "event", 3_600, receives),
            ("segment-on-events", "event", 60, receives),
        ]
    assert found["items"][1]["reason"] == "ValueError"
    assert found["items"][1]["about"]["customer"] == KEY
    assert found["queues"] == [{"name": "sms", "waiting": 1}, {"name": "segment-on-events", "waiting": 2}]


def test_one_letter_is_found_by_its_id() -> None:
    """Behind many others too; an id that nobody has, and a queue that is none, are 404."""
    stack = DeadLetterStack()
    for _ in range(35):
        last = stack.letters["email"].add("{}", NOW_MS)
    assert stack.world.get(f"/v1/deadletters/email/{last}")[1]["id"] == last
    assert stack.world.get("/v1/deadletters/email/nobody")[0] == 404
    assert stack.world.get("/v1/deadletters/nowhere")[0] == 404
    assert stack.redrive("nowhere")[0] == 404
    assert len(stack.letters["email"].receive(10)) == 10  # all of them were put back


def test_each_kind_of_letter_goes_back_to_its_work() -> None:
    """Work to its queue, reports to ingest, records of the stream to who folds or schedules."""
    stack = DeadLetterStack()
    stack.stream.pages = (
        [StreamChange("INSERT", KEY, "t#1"), StreamChange("MODIFY", KEY, "t#2")],
        [StreamChange("INSERT", KEY, "t#3"), StreamChange("INSERT", KEY, "facts")],
    )
    stack.letters["segment-on-events"].add(given_up(**EVENT))
    stack.letters["segment-on-events-undelivered"].add(json.dumps(STREAM))
    stack.letters["feedback-work"].add(json.dumps(REPORT))
    stack.letters["schedule-work"].add(json.dumps(BATCH))
    for queue in ("segment-on-events", "segment-on-events-undelivered", "feedback-work", "schedule-work"):
        assert stack.redrive(queue)[1]["redriven"] == 1
        assert stack.letters[queue].waiting() == 0
    folded = [RepairTask(events=((KEY, EVENT["sk"]),)), RepairTask(events=((KEY, "t#1"),))]
    folded += [RepairTask(events=((KEY, "t#3"),))]
    assert stack.targets["segment-work"].bodies == [json.loads(task.body()) for task in folded]
    assert stack.targets["feedback-work"].bodies == [REPORT]
    assert stack.targets["schedule-work"].bodies == [{**BATCH, "again": True}]


def test_changed_customers_of_the_stream_go_to_schedule() -> None:
    """With their images; what is no customer is none of its business."""
    stack = DeadLetterStack()
    stack.stream.pages = (
        [StreamChange("MODIFY", KEY, "customer", CUSTOMER, CUSTOMER), StreamChange("INSERT", KEY, "t#1")],
    )
    stack.letters["schedule-on-customer-undelivered"].add(json.dumps(STREAM))
    assert stack.redrive("schedule-on-customer-undelivered")[1]["redriven"] == 1
    assert stack.targets["schedule-work"].bodies == [{"change": 1, "new": CUSTOMER, "old": CUSTOMER}]


def test_a_change_whose_images_were_not_kept_is_told_as_it_stands_now() -> None:
    """Letters of an earlier version hold the key alone. Nobody is told of a customer that was erased."""
    stack = DeadLetterStack()
    stack.letters["schedule-on-customer"].add(given_up(pk=KEY, sk="customer"))
    assert stack.redrive("schedule-on-customer")[1]["redriven"] == 1
    assert stack.targets["schedule-work"].bodies == []
    item = {"pk": KEY, "sk": "customer", "version": 4}
    stack.world.customers.put(item)
    stack.letters["schedule-on-customer"].add(given_up(pk=KEY, sk="customer"))
    assert stack.redrive("schedule-on-customer")[1]["redriven"] == 1
    assert stack.targets["schedule-work"].bodies == [{"change": 1, "new": write_item(item)}]


def test_a_timer_is_armed_again() -> None:
    """It is due at once."""
    stack = DeadLetterStack()
    stack.letters["schedule-on-due"].add(given_up(**TIMER, revision=3, step="reminder"))
    assert stack.redrive("schedule-on-due")[1]["redriven"] == 1
    [timer] = stack.world.timers.items()
    assert timer["sk"] == f"2026-11-22T10:00:00.000Z#{KEY}#cart-recovery#abc"
    assert (timer["revision"], timer["step"]) == (3, "reminder")


def test_what_cannot_be_done_again_stays_with_its_reason() -> None:
    """A letter that nobody can read, and records that are older than the stream."""
    stack = DeadLetterStack()
    letter = stack.letters["email"].add("broken")
    assert stack.redrive("email")[1]["kept"] == [{"id": letter, "reason": "unreadable"}]
    gone = stack.letters["segment-on-events-undelivered"].add(json.dumps(STREAM))
    assert stack.redrive("segment-on-events-undelivered")[1]["kept"] == [{"id": gone, "reason": "stream_gone"}]
    assert len(stack.letters["email"].receive(10)) == 1


def test_letters_that_came_after_the_beginning_stay() -> None:
    """A cause that is not mended makes new letters; they are not redriven in a circle."""
    stack = DeadLetterStack()
    stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS - 1)
    begun = stack.redrive("segment-on-events", limit=10)[1]["before"]
    assert begun == NOW_MS
    stack.world.clock.advance(timedelta(seconds=5))
    stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS + 2_000)
    assert stack.redrive("segment-on-events", limit=10, before=begun)[1]["redriven"] == 0
    assert stack.letters["segment-on-events"].waiting() == 1


def test_one_letter_alone_is_redriven() -> None:
    """By its id; the others stay."""
    stack = DeadLetterStack()
    names = [stack.letters["segment-on-events"].add(given_up(**EVENT)) for _ in range(15)]
    answer = stack.redrive("segment-on-events", id=names[12])[1]
    assert (answer["redriven"], answer["waiting"]) == (1, 14)
    assert stack.redrive("segment-on-events", id=names[12])[1]["redriven"] == 0


@pytest.mark.parametrize(
    "wanted", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"before": -1}, {"id": ""}, {"id": 7}]
)
def test_a_request_that_cannot_be_meant_is_refused(wanted: dict[str, Any]) -> None:
    """With what to write instead, and nothing is redriven."""
    stack = DeadLetterStack()
    stack.letters["segment-on-events"].add(given_up(**EVENT))
    status, answer = stack.redrive("segment-on-events", **wanted)
    assert status == 400
    assert "limit is 1 to 100" in answer["message"]
    assert stack.targets["segment-work"].bodies == []


def test_a_write_key_sees_no_letter() -> None:
    """Letters are for operators."""
    assert DeadLetterStack().world.get("/v1/deadletters", key=STORE_KEY)[0] == 403


LETTERS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), max_size=40)
"""Whether a letter can be read, and how long before or after now it came."""


@given(LETTERS, st.integers(1, 30), st.lists(st.integers(1, 5), max_size=4))
def test_a_redrive_loses_nothing_and_ends(letters: list[tuple[bool, int]], limit: int, crashes: list[int]) -> None:
    """However it is cut into requests and whichever of them break: every letter that can be read and came before is
    worked on once; every other one is still there."""
    stack = DeadLetterStack()
    queue, target = stack.letters["segment-on-events"], stack.targets["segment-work"]
    for number, (readable, when) in enumerate(letters):
        key = "u." + f"{number:022}"
        queue.add(given_up(pk=key, sk="t#1") if readable else f"broken {number}", NOW_MS + when * 1_000)
    wanted = {f"u.{number:022}" for number, (readable, when) in enumerate(letters) if readable and when <= 0}
    breaks = list(crashes)
    for _ in range(200):
        target.breaks = breaks.pop() if breaks else 0
        try:
            answer = stack.redrive("segment-on-events", limit=limit, before=NOW_MS)[1]
        except Throttled:
            continue
        if not answer["redriven"]:
            break
    done = [body["events"][0][0] for body in target.bodies]
    assert set(done) == wanted
    assert len(done) == len(wanted)
    assert queue.waiting() == len(letters) - len(wanted)
