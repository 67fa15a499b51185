"""What `make faults` counts: a message twice, an event that is lost, a process that grows."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from benchmarks.trials.beside import beside
from benchmarks.trials.compare import Compared, deliveries
from benchmarks.trials.page import section
from benchmarks.trials.results import read
from benchmarks.trials.shoppers import BATCH, Shoppers
from benchmarks.trials.soak import LIVED, Readings
from benchmarks.trials.stack import Process
from tests.support.world import NOW

pytestmark = pytest.mark.unit


def ledger(**states: str) -> list[dict[str, Any]]:
    return [{"pk": name, "state": state} for name, state in states.items()]


def mail(to: str, message: str = "", subject: str = "s") -> dict[str, Any]:
    return {"channel": "email", "to": to, "subject": subject, "message_id": message}


def test_what_was_sent_once_is_right() -> None:
    found = deliveries([mail("a", "m1"), mail("b", "m2")], ledger(m1="sent", m2="sent", m3="skipped"), ["a", "b"])
    assert found == {
        "delivered": 2, "delivered_twice": 0, "not_delivered": 0, "not_recorded": 0, "no_message": 0, "too_late": 0,
    }  # fmt: skip


def test_a_message_that_came_twice_is_told() -> None:
    """Whatever the ledger says of the second."""
    found = deliveries([mail("a", "m1"), mail("a")], ledger(m1="sent"), ["a"])
    assert (found["delivered_twice"], found["not_recorded"]) == (1, 1)
    other = deliveries([mail("a", "m1"), mail("a", "m2", "another")], ledger(m1="sent", m2="sent"), ["a"])
    assert other["delivered_twice"] == 0


def test_a_message_that_never_came_is_told() -> None:
    """Called sent, and nobody got it; or nobody wrote to somebody."""
    assert deliveries([], ledger(m1="sent"), [])["not_delivered"] == 1
    assert deliveries([], ledger(m1="skipped"), ["a"])["no_message"] == 1


def test_an_unknown_fate_explains_one_message_only() -> None:
    """It may have gone out or not: one mail without a record, or one person without a mail."""
    assert deliveries([mail("a")], ledger(m1="unknown"), ["a"])["not_recorded"] == 0
    assert deliveries([mail("a"), mail("b")], ledger(m1="unknown"), ["a", "b"])["not_recorded"] == 1
    assert deliveries([], ledger(m1="unknown"), ["a"])["no_message"] == 0
    assert deliveries([], ledger(m1="unknown"), ["a", "b"])["no_message"] == 1


def test_what_was_not_fresh_any_more_is_not_lost() -> None:
    """One person per customer, and only if nothing else of that customer went out."""

    def skipped(root: str, reason: str = "stale") -> dict[str, Any]:
        return {"pk": root, "root": root, "state": "skipped", "reason": reason}

    sent = {"pk": "m1", "root": "b", "state": "sent"}
    found = deliveries([mail("b", "m1")], [skipped("a"), skipped("a"), skipped("b"), sent], ["a", "b"])
    assert (found["no_message"], found["too_late"]) == (0, 1)
    found = deliveries([mail("b", "m1")], [skipped("a"), skipped("b"), sent], ["a", "b", "c"])
    assert (found["no_message"], found["too_late"]) == (1, 1)
    assert deliveries([], [skipped("a", "no_consent")], ["a"])["no_message"] == 1


@pytest.mark.parametrize(("people", "events"), [(40, 400), (3, 15), (7, 100)])
def test_every_event_has_an_id_of_its_own(people: int, events: int) -> None:
    """As many events as were asked for, in batches that one request takes."""
    requests = list(Shoppers("x", people, events, lambda: NOW).requests())
    ids = [event["messageId"] for request in requests for event in request.events]
    assert len(ids) == len(set(ids)) == events // people * people
    assert max(len(request.events) for request in requests) <= BATCH
    assert len([one for request in requests for one in request.events if one.get("event") == "Product Added"]) == people


def test_the_largest_process_that_lived_long_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """In MiB: after a quarter of its time, in the end, at most."""
    readings = Readings()
    for number in range(LIVED):
        sizes = {1: 1024 * (50 + number), 2: 1024 * 90}
        monkeypatch.setattr("benchmarks.trials.soak.memory_of", lambda _pids, sizes=sizes: sizes)
        young = [Process("ingest", 2, busy=False)] if number else []
        activity = {"unread": {"a": number}, "queued": {}, "oldest": {"unread": number, "queued": 0}}
        readings.note([Process("ingest", 1, busy=False), *young], activity)
    assert readings.by_function() == {"ingest": [52, 57, 57]}
    assert readings.waiting == readings.ages["unread"] == list(range(LIVED))


def test_a_fault_that_stopped_halfway_is_told() -> None:
    """A killer that could not reach the stack any more would make a trial without kills look good."""
    died = threading.Event()

    def work() -> None:
        died.set()
        raise TimeoutError

    with pytest.raises(TimeoutError), beside(work, lambda: 0.001):
        assert died.wait(10)


def test_the_page_shows_each_trial_and_nothing_was_wrong() -> None:
    """Of the last run that was kept."""
    results = read()
    assert {"kill", "letters"} <= set(results)
    assert {name: found["wrong"] for name, found in results.items()} == dict.fromkeys(results, 0)
    shown = "\n".join(section(results))
    assert shown.count("| lost: 0; twice: 0;") == len(results)
    worse = json.loads(json.dumps(results))
    worse["kill"]["not_stored"], worse["letters"]["delivered_twice"] = 3, 2
    shown = "\n".join(section(worse))
    assert ("| lost: 3; twice: 0;" in shown, "| lost: 0; twice: 2;" in shown) == (True, True)


def test_what_is_wrong_is_counted() -> None:
    good = Compared(5, 0, 0, 4, 1, 4, 0, 0, 0, 0)
    assert good.wrong == 0
    assert Compared(5, 1, 2, 4, 1, 4, 3, 4, 5, 6).wrong == 21
