"""The two functions of audiences, what operators see of them, and what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from functions.audiences import on_due, on_queue
from functions.audiences.environment import Environment
from functions.privacy.erase_at_register import RegisterErasure
from shared.domain.audiences.tasks import DUE, UnreadableTask, read_task, tasks
from shared.domain.deadletters.letter import read_letter
from shared.domain.definitions.audience import Audience
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.privacy.data_map import unmapped
from shared.stores.audience_entries import AudienceState
from shared.stores.releases import Releases
from tests.support.world import SEGMENTS
from tests.unit.audiences.world import World, audience, key_of, row
from tests.unit.console.console_world import ConsoleWorld

AYSE, PHONE = "email:ayse@example.com", "phone:+905321112233"
CONTEXT: Any = SimpleNamespace(aws_request_id="one", get_remaining_time_in_millis=lambda: 300_000)


@dataclass
class Clock:
    world: World

    def now(self) -> Any:
        return self.world.moment


def environment(world: World) -> Environment:
    return Environment(Clock(world), world.entries, world.customers, world.membership, world.platform)


def deliver(world: World, *bodies: str) -> list[str]:
    records = [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]
    return [
        one["itemIdentifier"]
        for one in on_queue.respond({"Records": records}, CONTEXT, environment(world))["batchItemFailures"]
    ]


def test_from_a_message_to_the_list(capsys: Any) -> None:
    """One bad message holds up no other; what stands is counted for the alarms."""
    world = World()
    world.person(AYSE, inside=True)
    world.agree(AYSE)
    bad = ("", "[]", "{}", '{"homes": ["?"]}', '{"homes": 7}')
    assert deliver(world, *bad, *tasks([key_of(AYSE)])) == [str(place) for place in range(len(bad))]
    assert deliver(world, DUE) == []
    assert world.held() == {row("meta", AYSE)}
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "audiences_hours_due" in line]
    assert [one["audiences_hours_due"] for one in told] == [[0.0]]


def test_what_waits_is_counted_in_hours(capsys: Any) -> None:
    world = World()
    world.person(AYSE, inside=True)
    world.agree(AYSE)
    world.refresh(AYSE)
    world.ads.outage = "down"
    on_due.respond(CONTEXT, environment(world))
    world.moment += timedelta(hours=5)
    capsys.readouterr()
    on_due.respond(CONTEXT, environment(world))
    [told] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "audiences_hours_due" in line]
    assert (told["audiences_hours_due"], told["audiences_hours_failing"]) == ([5.0], [5.0])


def test_without_audiences_and_beside_another_run_nothing_is_done() -> None:
    world = World()
    assert world.entries.lease("other", world.moment, world.moment + timedelta(minutes=5))
    assert on_due.respond(CONTEXT, environment(world)) == {}
    world.audiences = {}
    world.moment += timedelta(hours=1)
    assert on_due.respond(CONTEXT, environment(world)) == {}
    assert world.ads.requests == 0


@pytest.mark.parametrize("body", ["", "7", "[]", '{"homes": [7]}', '{"homes": ["?x"]}', "[" * 100_000])
def test_what_is_no_task(body: str) -> None:
    with pytest.raises(UnreadableTask):
        read_task(body)


def test_a_dead_letter_can_be_handed_out_again() -> None:
    (body,) = tasks([key_of(AYSE), key_of(PHONE)])
    letter = read_letter("audiences-work", body)
    assert letter.about == {"customers": "2"}
    assert letter.repair is not None


def test_an_erasure_tells_the_lists() -> None:
    """Of the addresses that it erases."""
    world, told = World(), []
    queue: Any = SimpleNamespace(send_many=lambda bodies: told.extend(bodies))
    world.person(AYSE, inside=True)
    erasure = RegisterErasure(None, queue, world.customers)
    erasure.erase(key_of(AYSE), world.customers.control(key_of(AYSE)))
    assert [read_task(body) for body in told] == [[key_of(AYSE)]]


def test_everything_that_is_stored_is_in_the_data_map() -> None:
    world = World(audiences={"a": audience("meta"), "b": audience("google")}, most=2, steps=30)
    for number in range(4):
        world.person(f"email:u{number}@example.com", inside=True)
        world.agree(f"email:u{number}@example.com")
    world.cut = ["before"]
    world.run()
    world.entries.lease("run", world.moment, world.moment)
    assert unmapped("audiences", world.audiences_table.items()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"segment": "vip", "to": "google", "list": "7"},
        {"segment": "vip", "to": "meta", "list": "act_7"},
        {"segment": "vip", "to": "tiktok", "list": "7"},
        {"segment": "", "to": "meta", "list": "7"},
    ],
)
def test_what_is_no_audience(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Audience.model_validate(wrong)


def test_operators_see_the_size() -> None:
    """By the API and at the segment in the console; with the problem, if there is one."""
    made = ConsoleWorld()
    shop = Shop(name="Moda", audiences={"buyers-at-meta": audience("meta", SEGMENTS[0].segment)})
    Releases(made.catalog).publish(Release(0, shop, segments=SEGMENTS))
    now = made.clock.now()
    settings = shop.audiences["buyers-at-meta"]
    made.admin.audiences.put_state(
        AudienceState("buyers-at-meta", settings, 1_234, walked=now, failing=now, problem="http_400")
    )
    [one] = made.get("/v1/audiences")[1]["items"]
    assert (one["size"], one["problem"], one["complete"], one["closing"]) == (1_234, "http_400", True, False)
    page = made.browser("marketer").get(f"/console/segments/{SEGMENTS[0].segment}").text
    assert "1,234 addresses" in page
    assert "http_400" in page
