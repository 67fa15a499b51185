"""The webhook ``stock.changed``: told at least once, signed, in an order that the receiver can keep."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.stock import on_level
from shared.adapters.attribute_values import write_item
from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.kept_secret import KeptSecret
from shared.adapters.memory import Change, MemoryTable
from shared.adapters.webhook_calls import MARGIN_MS, Https, WebhookEnvironment, respond
from shared.domain.deadletters.letter import UNREADABLE, read_letter
from shared.domain.stock.hook import (
    MOST_LEVELS,
    ChangedLevel,
    read_task,
    task_of,
    told,
)
from shared.domain.stock.level import NO_RULES, Level
from shared.domain.webhooks.standard_webhook import UnreadableTask, key_of, pause_after, signed_headers
from shared.ports import Throttled
from shared.stores.stock import StockStore
from shared.stores.stock_changes import LineRefused
from tests.support.certificates import contexts
from tests.support.https_sender_cases import guarded
from tests.support.provider_wire import Wire, WireAnswer, provider_wire
from tests.unit.ingest.world import ListQueue
from tests.unit.stock.stock_world import Invoked
from tests.unit.stock.test_stock_store import NOW, line, request

pytestmark = pytest.mark.unit
URL = "https://sms.example.com/hooks/stock"
SECRET = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2"
DOCS = Path(__file__).parents[3] / "docs" / "stock.md"
PRIVATE = ("127.0.0.1", "10.0.0.7", "169.254.169.254", "::1")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with provider_wire(tls=contexts()[0]) as made:
        yield made


class Receipts:
    """What was hidden, and for how long."""

    def __init__(self) -> None:
        self.hidden: list[tuple[str, timedelta]] = []

    def hide(self, receipt: str, length: timedelta) -> None:
        self.hidden.append((receipt, length))


def environment(https: Https, receipts: Receipts, secret: str = SECRET) -> WebhookEnvironment:
    return WebhookEnvironment(URL, lambda: secret, https, receipts.hide, lambda: NOW, told, "x")


def queued(*bodies: str, attempt: int = 1) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m-{number}", "receiptHandle": f"r-{number}", "body": body,
                "attributes": {"ApproximateReceiveCount": str(attempt)},
            }
            for number, body in enumerate(bodies)
        ]
    }  # fmt: skip


def records(changes: list[Change]) -> dict[str, Any]:
    """A batch of the stream."""
    return {
        "Records": [
            {
                "dynamodb": {
                    "SequenceNumber": str(number),
                    "Keys": write_item({name: image[name] for name in ("pk", "sk")}),
                    **({"NewImage": write_item(new)} if new else {}),
                }
            }
            for number, (old, new) in enumerate(changes)
            for image in [new or old or {}]
        ]
    }


def changed(version: int = 1, sku: str = "jacket-m") -> ChangedLevel:
    return ChangedLevel(sku, "kadıköy", version, Level(4, 1, 2), 1_796_000_000_000)


def verifier() -> Any:
    """The function that the documentation gives to receivers."""
    (code,) = [
        block for block in re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL) if "is_ours" in block
    ]
    scope: dict[str, Any] = {}
    exec(code, scope)  # noqa: S102 - our own documentation
    scope["time"] = type("time", (), {"time": staticmethod(lambda: NOW.timestamp() + scope.get("late", 0))})
    return scope


@pytest.mark.parametrize("seed", range(10))
def test_a_receiver_that_keeps_the_larger_version_is_right(seed: int) -> None:
    """Random movements, batches of the stream that come again, queue messages in any order and several times: what the
    receiver has at the end are the levels."""
    rng = random.Random(seed)
    changes: list[Change] = []
    memory = MemoryTable(on_change=changes.append)
    store = StockStore(memory)
    for number in range(40):
        kind, place = rng.choice(("receipt", "sale", "count", "return")), rng.choice(("web", "kadıköy"))
        moved = line(kind, rng.choice(("a", "b", "ç")), place, rng.randint(1, 4))
        try:
            store.apply(request(f"k-{number}", moved), lambda _: NO_RULES)
        except LineRefused:
            continue
    queue = ListQueue()
    left = changes
    while left:
        size = rng.randint(1, 7)
        batch, left = records(left[:size]), left[size:]
        for _ in range(rng.choice((1, 1, 2))):
            assert on_level.respond(batch, queue) == {"batchItemFailures": []}
    told = [*queue.bodies, *rng.choices(queue.bodies, k=10)]
    rng.shuffle(told)
    kept: dict[tuple[str, str], ChangedLevel] = {}
    for body in told:
        for one in read_task(body):
            place_ = (one.sku, one.location)
            if place_ not in kept or kept[place_].version < one.version:
                kept[place_] = one
    stored = {(one.place.sku, one.place.location): one for sku in ("a", "b", "ç") for one in store.levels(sku)}
    assert {place_: (one.version, one.level) for place_, one in kept.items()} == {
        place_: (one.version, one.level) for place_, one in stored.items()
    }


def test_a_batch_is_told_by_its_last_states() -> None:
    """One message for up to a hundred levels, nothing of marks, pick-ups, the log, and what was deleted."""
    changes: list[Change] = []
    memory = MemoryTable(on_change=changes.append)
    store = StockStore(memory)
    for number in range(MOST_LEVELS + 1):
        for turn in range(2):
            store.apply(request(f"k-{number}-{turn}", line("receipt", f"sku-{number}")), lambda _: NO_RULES)
    memory.put({"pk": "pickup#1", "sk": "pickup", "who": "user:42"})
    memory.delete("pickup#1", "pickup")
    queue = ListQueue()
    on_level.respond(records(changes), queue)
    parts = [read_task(body) for body in queue.bodies]
    assert [len(part) for part in parts] == [MOST_LEVELS, 1]
    assert {one.version for part in parts for one in part} == {2}
    assert "user:42" not in "".join(queue.bodies)


def test_a_queue_that_takes_nothing_loses_nothing() -> None:
    """The stream brings the batch again; a record that nobody can read does not hold the others up."""
    changes: list[Change] = []
    StockStore(MemoryTable(on_change=changes.append)).apply(request("k", line("receipt")), lambda _: NO_RULES)
    batch = records(changes)
    broken = {"dynamodb": {"SequenceNumber": "9", "Keys": {"sk": {"S": "level#x"}}, "NewImage": {"pk": {"S": "x"}}}}
    batch["Records"].insert(0, broken)

    class Full:
        def send_many(self, bodies: Any) -> None:
            list(bodies)
            raise Throttled("full")

    assert on_level.respond(batch, Full())["batchItemFailures"] == [{"itemIdentifier": "9"}]
    queue = ListQueue()
    assert on_level.respond(batch, queue) == {"batchItemFailures": []}
    assert len(queue.bodies) == 1


def test_a_request_arrives_signed(wire: Wire) -> None:
    """As documented, so that the documentation's own function knows it; not if a sign of the body, the time or the
    secret is another, nor after five minutes."""
    receipts = Receipts()
    found = respond(queued(task_of([changed()])), Invoked(), environment(guarded(wire.url), receipts))
    assert (found, receipts.hidden) == ({"batchItemFailures": []}, [])
    assert wire.seen(1) == 1
    (got,) = wire.requests
    body = got.body
    assert (got.method, got.path) == ("POST", "/hooks/stock")
    scope = verifier()
    headers = dict(got.headers)
    assert scope["is_ours"](SECRET, headers, body)
    assert scope["is_ours"](f"whsec_{SECRET}", headers, body)
    assert not scope["is_ours"](SECRET[:-4] + "AAAA", headers, body)
    assert not scope["is_ours"](SECRET, headers, body.replace(b'"on_hand":4', b'"on_hand":5'))
    assert not scope["is_ours"](SECRET, {**headers, "webhook-id": "stock-other"}, body)
    scope["late"] = 301
    assert not scope["is_ours"](SECRET, headers, body)
    said = json.loads(body)
    assert said["type"] == "stock.changed"
    assert said["data"]["levels"] == [
        {
            "sku": "jacket-m", "location": "kadıköy", "version": 1, "on_hand": 4, "reserved": 1, "incoming": 2,
            "available": 3, "changed_at": "2026-11-30T00:53:20.000Z",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 410, 429, 500, 503])
def test_what_is_not_taken_comes_again(wire: Wire, status: int) -> None:
    """Hidden for longer each time, under the same id; a redirect is no yes and is not followed."""
    wire.answer = WireAnswer(status, headers={"location": "https://sms.example.com/other"})
    receipts = Receipts()
    for attempt in (1, 4):
        failed = respond(
            queued(task_of([changed()]), attempt=attempt), Invoked(), environment(guarded(wire.url), receipts)
        )
        assert failed == {"batchItemFailures": [{"itemIdentifier": "m-0"}]}
    assert receipts.hidden == [("r-0", timedelta(seconds=30)), ("r-0", timedelta(minutes=4))]
    assert len({one.headers["webhook-id"] for one in wire.requests}) == 1
    assert {one.path for one in wire.requests} == {"/hooks/stock"}


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inside_is_never_called(wire: Wire, address: str) -> None:
    """Not even if another of its addresses is public."""
    port = int(wire.url.rpartition(":")[2])
    inside = GuardedHttps(
        resolve=lambda _host, _port: [("93.184.215.14", port), (address, port)], context=contexts()[1]
    )
    receipts = Receipts()
    failed = respond(queued(task_of([changed()])), Invoked(), environment(inside, receipts))
    assert failed["batchItemFailures"]
    assert receipts.hidden
    assert wire.requests == []


@pytest.mark.parametrize(
    "url", ["http://shop.example/x", "https://u:p@shop.example/", "https://localhost/", "https://10.0.0.1/"]
)
def test_an_address_that_is_none(wire: Wire, url: str) -> None:
    """Refused once more where it is called, however it came into the settings."""
    receipts = Receipts()
    composed = replace(environment(guarded(wire.url), receipts), url=url)
    assert respond(queued(task_of([changed()])), Invoked(), composed)["batchItemFailures"]
    assert wire.requests == []


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        ("{}", SECRET), ("no", SECRET), ("[1]", SECRET), ('{"levels":[["a"]]}', SECRET),
        (task_of([changed()]), ""), (task_of([changed()]), "c2hvcnQ="), (task_of([changed()]), "not base64!"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_waits_for_somebody(wire: Wire, body: str, secret: str) -> None:
    """A broken message, or a secret that is none: nothing leaves unsigned, and it ends among the dead letters."""
    receipts = Receipts()
    failed = respond(queued(body), Invoked(), environment(guarded(wire.url), receipts, secret))
    assert failed["batchItemFailures"]
    assert wire.requests == []


def test_a_queue_that_cannot_hide() -> None:
    """The message then comes again after the queue's own time."""

    def hide(_receipt: str, _length: timedelta) -> None:
        raise Throttled("no")

    composed = replace(environment(GuardedHttps(), Receipts()), url="https://10.0.0.1/", hide=hide)
    assert respond(queued(task_of([changed()])), Invoked(), composed)["batchItemFailures"]


def test_no_call_begins_without_time(wire: Wire) -> None:
    """A call that the environment would cut off might arrive and come again for nothing."""

    class Late(Invoked):
        def get_remaining_time_in_millis(self) -> int:
            return MARGIN_MS - 1

    found = respond(queued(task_of([changed()])), Late(), environment(guarded(wire.url), Receipts()))
    assert found["batchItemFailures"]
    assert wire.requests == []


def test_pauses() -> None:
    """30 s, doubled, at most a quarter of an hour; thirty attempts outlast six hours."""
    pauses = [pause_after(attempt) for attempt in range(1, 31)]
    assert [one.total_seconds() for one in pauses[:6]] == [30, 60, 120, 240, 480, 900]
    assert max(pauses) == timedelta(minutes=15)
    assert sum(pauses, timedelta()) > timedelta(hours=6)


def test_a_dead_letter_is_shown_and_redriven() -> None:
    """Without the stock's numbers; what is no task is unreadable."""
    letter = read_letter("hook-work", task_of([changed(), changed(2)]))
    assert letter.about == {"webhook": "stock.changed", "levels": "2"}
    assert letter.repair is not None
    assert read_letter("hook-work", '{"levels": 5, "hook": "stock.changed"}') == UNREADABLE


def test_a_changed_secret_counts_soon() -> None:
    """It is read once in five minutes."""
    now, read = [0.0], [0]

    def ask(_arn: str) -> bytes:
        read[0] += 1
        return f"s-{read[0]}".encode()

    secret = KeptSecret("arn", ask, lambda: now[0])
    assert (secret(), secret()) == ("s-1", "s-1")
    now[0] = 301
    assert secret() == "s-2"


def test_keys_and_tasks_that_are_none() -> None:
    """Errors of their own."""
    with pytest.raises(UnreadableTask):
        read_task("5")
    assert key_of(SECRET) == key_of(f" whsec_{SECRET}\n")
    assert signed_headers(key_of(SECRET), "i", NOW, "b") != signed_headers(key_of(SECRET), "i", NOW, "c")
