"""The two functions of the exchange: what a message and a quarter of an hour do, and what they leave for later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from functions.iys import on_due, on_queue
from functions.iys.environment import Environment
from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.iys.statement import Change
from shared.domain.iys.tasks import again_tasks, changes_tasks, erased_tasks, homes_tasks
from tests.unit.iys.world import KEYS, SHOP, World

AYSE, PHONE = "email:ayse@example.com", "phone:+905321112233"
CONTEXT: Any = SimpleNamespace(aws_request_id="one", get_remaining_time_in_millis=lambda: 300_000)


@dataclass
class Clock:
    world: World

    def now(self) -> Any:
        return self.world.moment


def environment(world: World, shop: Shop = SHOP) -> Environment:
    return Environment(
        Clock(world),
        world.records,
        world.intake,
        lambda: shop,
        lambda _account: world.api,
        elapsed=lambda: world.moment.timestamp(),
        sleep=lambda _seconds: None,
    )


def deliver(world: World, *bodies: str, shop: Shop = SHOP) -> list[str]:
    """The messages that the queue has to offer again."""
    records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
    answer = on_queue.respond({"Records": records}, environment(world, shop))
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_a_message_plans_and_a_quarter_of_an_hour_tells() -> None:
    """From a statement to IYS; the second run hears the answer."""
    world = World(works_after=timedelta(), most=10)
    world.say(AYSE, granted=True)
    assert deliver(world, *homes_tasks([KEYS(parse_identifier(AYSE))])) == []
    done = on_due.respond(CONTEXT, environment(world))
    assert (done["iys_told"], done["iys_accepted"], done["iys_requests"]) == (1, 1, 2)
    assert world.told(AYSE) == ["ONAY"]


def test_one_bad_message_does_not_hold_the_others() -> None:
    """It is offered again, and becomes a dead letter."""
    world = World()
    change = Change("+905321112233", "BIREYSEL", "MESAJ", "ONAY", world.moment, "IYS_WEB", "t-1")
    bad = ("", "[]", "{}", '{"homes": ["x"]}', '{"again": [["e.abc", "KIM"]]}', '{"changes": [{"status": "ONAY"}]}')
    assert deliver(world, *bad, *changes_tasks([change])) == [str(place) for place in range(len(bad))]
    assert world.granted(PHONE)


def test_what_a_file_says_is_no_news() -> None:
    """What holds here anyway is noted as known, without another statement; what differs is stated, as history."""
    world = World()
    world.say(AYSE, granted=True)
    rows = [
        Change("ayse@example.com", "BIREYSEL", "EPOSTA", "ONAY", world.moment, "HS_WEB"),
        Change("+905321112233", "BIREYSEL", "MESAJ", "ONAY", world.moment, "HS_WEB"),
    ]
    assert deliver(world, *changes_tasks(rows, from_file=True)) == []
    assert len(world.seen.control(KEYS(parse_identifier(AYSE))).consents) == 1
    assert world.granted(PHONE)
    events = list(world.seen.events(KEYS(parse_identifier(PHONE))))
    assert [event.history for event in events] == [True]
    on_due.respond(CONTEXT, environment(world))
    assert world.told(AYSE) == []
    record = world.record(AYSE)
    assert record is not None
    assert record.approved


def test_erased_and_told_again() -> None:
    """The tasks of an erasure and of an operator's retry."""
    world = World(works_after=timedelta())
    key = KEYS(parse_identifier(AYSE))
    world.say(AYSE, granted=True)
    deliver(world, *homes_tasks([key]))
    on_due.respond(CONTEXT, environment(world))
    assert deliver(world, *erased_tasks([key])) == []
    world.moment += timedelta(minutes=15)
    on_due.respond(CONTEXT, environment(world))
    assert world.told(AYSE) == ["ONAY", "RET"]
    assert deliver(world, *again_tasks([(key, "BIREYSEL")])) == []


def test_without_an_account_nothing_is_done() -> None:
    """The shop took it out of its answers; what was queued before is no work any more."""
    world, shop = World(), Shop(name="Test")
    world.say(AYSE, granted=True)
    assert deliver(world, *homes_tasks([KEYS(parse_identifier(AYSE))]), shop=shop) == []
    assert world.record(AYSE) is None
    assert on_due.respond(CONTEXT, environment(world, shop)) == {}
    assert world.iys.asked == 0


def test_two_runs_never_work_at_once() -> None:
    """The second finds the lease; one that died leaves it for as long as it could have lived."""
    world = World()
    assert world.records.lease("dead", world.moment, world.moment + timedelta(minutes=5))
    assert on_due.respond(CONTEXT, environment(world)) == {}
    world.moment += timedelta(minutes=5)
    assert on_due.respond(CONTEXT, environment(world)) != {}
    assert on_due.respond(CONTEXT, environment(world)) != {}


def test_an_outage_is_counted_and_the_lease_given_back(capsys: Any) -> None:
    """The metrics say what is near its time also while IYS is out."""
    world = World()
    world.say(AYSE, granted=True)
    deliver(world, *homes_tasks([KEYS(parse_identifier(AYSE))]))
    world.iys.outage = "down"
    assert on_due.respond(CONTEXT, environment(world))["iys_down"] == 1
    world.moment += timedelta(days=2, hours=1)
    capsys.readouterr()
    on_due.respond(CONTEXT, environment(world))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "iys_near_deadline" in line]
    assert [one["iys_near_deadline"] for one in told] == [[1.0]]


def test_no_request_begins_when_time_is_nearly_over() -> None:
    """Nothing is marked as on its way that could not be noted any more."""
    world = World()
    world.say(AYSE, granted=True)
    deliver(world, *homes_tasks([KEYS(parse_identifier(AYSE))]))
    late: Any = SimpleNamespace(aws_request_id="late", get_remaining_time_in_millis=lambda: 40_000)
    assert on_due.respond(late, environment(world))["iys_requests"] == 0
    record = world.record(AYSE)
    assert record is not None
    assert record.statements[0].state == "due"
