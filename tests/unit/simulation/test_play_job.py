"""A dry run as a job says what one run over everybody says, however it is cut, and wherever it dies."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.definitions.folder import check_folder
from shared.domain.definitions.release import Release
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.domain.messages.message import Record, Sent, State
from shared.stores.customers import SHARDS, CustomerStore
from shared.stores.dry_runs import DIED, DryRunJob, DryRuns, Totals
from shared.stores.ledger import Ledger, write_record
from shared.stores.releases import Releases
from simulation import play_job
from simulation.dry_run import dry_run
from simulation.needed_segments import needed_segments
from simulation.on_queue import RECEIVES, Environment, respond, task_of
from simulation.play_job import JobPlayer
from simulation.stored import stored_story
from simulation.world import GivenUp, World
from tests.support.cases import UNIT, cases
from tests.unit.admin.test_questions import fold, told
from tests.unit.cli.test_simulate import CART, DEFINITIONS
from tests.unit.ingest.world import World as Shop

pytestmark = UNIT
PEOPLE = 9


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


@cache
def published() -> Release:
    bundle = check_folder(DEFINITIONS).bundle
    assert bundle is not None
    return bundle.release()


class History:
    """Nine people who left carts; every second one agreed, one ordered, and one really got a mail."""

    def __init__(self) -> None:
        self.shop = shop = Shop()
        Releases(shop.catalog).publish(published())
        self.since = shop.clock.now() - timedelta(minutes=1)
        for n in range(PEOPLE):
            who = {"userId": f"u{n}"}
            told(shop, **who, type="identify", traits={"email": f"u{n}@example.com", "firstName": "Ayşe"})
            if n % 2 == 0:
                told(shop, **who, event="Consent Granted", properties={"channel": "email"})
            told(shop, **who, event="Product Added", properties=CART)
        told(shop, userId="u4", event="Order Completed", properties={"order_id": "o", "total": 1, "currency": "TRY"})
        fold(shop)
        self.home = shop.keys(parse_identifier("user:u0"))
        sent = Record(
            message_id="m1", state=State.SENT, home=self.home, root=self.home, enrollment="e", journey="cart-recovery",
            release=1, step="reminder", template="cart-reminder", purpose="marketing", channel="email",
            due_ms=0, clock_ms=0, decided_at=shop.clock.now(), updated_at=shop.clock.now(), revision=1,
            outcome=Sent(shop.clock.now(), "p"), text="Ayşe, sepetin",
        )  # fmt: skip
        shop.messages.put(write_record(sent))
        shop.clock.advance(timedelta(days=6))
        self.runs = DryRuns(shop.catalog)
        self.player = JobPlayer(
            CustomerStore(shop.customers), Ledger(shop.messages), Releases(shop.catalog), self.runs, shop.clock
        )
        self.counted = self.whole()

    def asked(self, **changed: Any) -> DryRunJob:
        journey = published().journey("cart-recovery")
        assert journey is not None
        now = self.shop.clock.now()
        content = json.dumps(journey.model_dump(mode="json", by_alias=True, exclude_unset=True))
        job = DryRunJob(
            id="r1", journey="cart-recovery", content=content, release=1, draft=True,
            since=milliseconds(self.since), until=milliseconds(now), limit=100, agreed=False, sms_price=0.02,
            by="deniz", at=time_text(now),
        )  # fmt: skip
        return self.runs.put(replace(job, **changed), now)

    def whole(self) -> Counter[str]:
        """The command's dry run: everybody in one deployment in memory."""
        journeys = tuple(one for one in published().journeys if one.journey == "cart-recovery")
        release = replace(published(), journeys=journeys, segments=needed_segments(journeys, published().segments))
        world = World(release, self.since)
        story = stored_story(CustomerStore(self.shop.customers), "TR", world.keys, 100)
        done = dry_run(release, story, world, since=self.since, until=self.shop.clock.now())
        return Counter(f"{one.step}|{one.channel}|{one.state}|{one.reason}" for one in done.messages)


@cache
def made_history() -> History:
    return History()


def fresh() -> History:
    for item in made_history().shop.catalog.items():
        if item["pk"].startswith("dryruns"):
            made_history().shop.catalog.delete(item["pk"], item["sk"])
    return made_history()


class Died(Exception):
    """The function was killed."""


@given(
    at_once=st.integers(2, 5),
    deaths=st.lists(st.integers(0, 2), max_size=4),
    times=st.lists(st.integers(1, 6), max_size=6),
)
@cases(3)
def test_slices_say_what_one_run_says(at_once: int, deaths: list[int], times: list[int]) -> None:
    """Any size of parts, any number of them in an invocation, deaths between the part and the progress."""
    history = fresh()
    before, play_job.AT_ONCE = play_job.AT_ONCE, at_once
    put, die_in = history.runs.put, iter(deaths)

    def put_or_die(job: DryRunJob, now: Any) -> DryRunJob:
        if next(die_in, 0) == 1:
            raise Died
        return put(job, now)

    history.asked()
    object.__setattr__(history.runs, "put", put_or_die)
    try:
        left = iter(times)
        more = True
        for _ in range(200):
            budget = iter(range(next(left, 20)))
            try:
                more = history.player.play("r1", lambda: next(budget, None) is not None)  # noqa: B023
            except Died:
                continue
            if not more:
                break
    finally:
        play_job.AT_ONCE = before
        object.__setattr__(history.runs, "put", put)
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.totals.customers, job.share_done(SHARDS)) == ("done", PEOPLE, 1.0)
    assert Counter(job.totals.would) == history.counted
    assert history.counted["reminder|email|sent|"] > 0
    assert job.totals.was == {"reminder|email|sent|": 1}
    people = [one for part in history.runs.parts("r1", limit=100).items for one in part["people"]]
    assert sum(len(one["would"]) for one in people) == sum(history.counted.values())
    assert [one["customer"] for one in people if one["was"]] == [history.home]


def test_what_is_kept_names_nobody() -> None:
    """Customers by their keys: no address, no name, no text of a message."""
    history = fresh()
    history.asked()
    assert not history.player.play("r1", lambda: True)
    stored = json.dumps(
        [item for item in history.shop.catalog.items() if item["pk"].startswith("dryruns")], default=str
    )
    assert history.home in stored
    assert not any(word in stored for word in ("example.com", "Ayşe", "user:u", "sepet"))
    assert all("expires" in item for item in history.shop.catalog.items() if item["pk"].startswith("dryruns"))


def test_everybody_agreed_and_a_limit() -> None:
    """``agreed`` sends to more; ``limit`` takes so many customers and no more."""
    history = fresh()
    history.asked(agreed=True)
    history.player.play("r1", lambda: True)
    job = history.runs.get("r1")
    assert job is not None
    assert Counter(job.totals.would)["reminder|email|sent|"] > history.counted["reminder|email|sent|"]
    history = fresh()
    history.asked(limit=3)
    history.player.play("r1", lambda: True)
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.totals.customers) == ("done", 3)


def test_a_customer_with_too_many_events_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_job, "MOST_EVENTS", 3)
    history = fresh()
    history.asked()
    history.player.play("r1", lambda: True)
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.totals.left_out) == ("done", 1)
    assert job.totals.customers == PEOPLE - 1


def test_customers_whose_records_a_function_gives_up_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are played; the run ends, and says how many are missing."""
    monkeypatch.setattr(play_job, "AT_ONCE", 1)
    calls: list[int] = []

    def gives_up_once(*given: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise GivenUp("broken")
        return dry_run(*given, **options)

    monkeypatch.setattr(play_job, "dry_run", gives_up_once)
    history = fresh()
    history.asked()
    assert not history.player.play("r1", lambda: True)
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.totals.left_out, job.totals.customers) == ("done", 1, PEOPLE - 1)


def test_one_that_was_stopped_or_does_not_fit_any_more_ends() -> None:
    history = fresh()
    history.asked()
    stopped = history.runs.stop("r1", history.shop.clock.now())
    assert stopped is not None
    assert not history.player.play("r1", lambda: True)
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.totals) == ("stopped", Totals())
    history = fresh()
    history.asked(content=json.dumps({"journey": "cart-recovery", "steps": []}))
    assert not history.player.play("r1", lambda: True)
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.error) == ("failed", "invalid")
    assert not history.player.play("no-such", lambda: True)


class Queue:
    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_many(self, bodies: Any) -> None:
        self.bodies.extend(bodies)


class Context:
    """An invocation with this much time left, in milliseconds, each time that it is asked."""

    def __init__(self, *left: int) -> None:
        self.left = list(left)

    def get_remaining_time_in_millis(self) -> int:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def test_the_rest_is_a_message_of_its_own_and_a_failure_comes_again() -> None:
    """Time for one part only; then all the time there is; a body that cannot be read is given back."""
    history, queue = fresh(), Queue()
    history.asked()
    composed = Environment(history.player, queue)
    event = {"Records": [{"messageId": "1", "body": task_of("r1")}]}
    assert respond(event, Context(300_000, 1), composed) == {"batchItemFailures": []}
    assert queue.bodies == [task_of("r1")]
    respond(event, Context(300_000), composed)
    job = history.runs.get("r1")
    assert job is not None
    assert job.state == "done"
    assert queue.bodies == [task_of("r1")]
    broken = {"Records": [{"messageId": "2", "body": "{}"}]}
    assert respond(broken, Context(1), composed) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert moment(job.touched) == history.shop.clock.now()


class Broken:
    """The ledger of a day on which nothing of it can be read."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_one_whose_last_try_fails_says_that_it_died_and_goes_on_if_it_is_sent_again() -> None:
    """Not at the tries before it. What was played stays, and a message that an operator sends again plays the rest."""
    history, queue = fresh(), Queue()
    history.asked()
    broken = Environment(replace(history.player, ledger=cast("Any", Broken())), queue)
    for count, state in ((1, "waiting"), (RECEIVES - 1, "waiting"), (RECEIVES, "failed")):
        record = {"messageId": "1", "body": task_of("r1"), "attributes": {"ApproximateReceiveCount": str(count)}}
        assert respond({"Records": [record]}, Context(300_000), broken) == {
            "batchItemFailures": [{"itemIdentifier": "1"}]
        }
        job = history.runs.get("r1")
        assert job is not None
        assert (job.state, job.error) == (state, DIED if state == "failed" else "")
    again = {"Records": [{"messageId": "2", "body": task_of("r1")}]}
    assert respond(again, Context(300_000), Environment(history.player, queue)) == {"batchItemFailures": []}
    job = history.runs.get("r1")
    assert job is not None
    assert (job.state, job.error, job.totals.customers) == ("done", "", PEOPLE)
