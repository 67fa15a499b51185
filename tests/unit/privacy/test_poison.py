"""What a function cannot work on, or fails at, leaves no value of a person in logs, metrics, errors or dead letters.

A table of functions, of bodies and items that are broken, and of the errors that libraries raise about them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest

from benchmarks.fault_matrix.matrix import SCENARIOS, undisturbed
from benchmarks.reliability import Play, play
from benchmarks.reliability_scenarios import SCENARIOS as MESSAGES
from shared.adapters.handler_errors import SafeError, without_values
from tests.support.canaries import found
from tests.support.poison import ADDRESS, BODIES, ERRORS, ITEMS, TASKS

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MADE_BY = (
    "environment", "lake_of_environment", "hook_environment", "telling_environment", "shop_work", "auditing", "stock",
    "queue", "feedback", "replies", "dynamo_client", "DynamoTable",
)  # fmt: skip
"""What handlers get their stores, queues and services by."""
DEEPEST = 5
"""Calls of one invocation after which the error comes, at most."""
FUNCTIONS = (Path(__file__).parents[3] / "infra" / "functions.py").read_text("utf-8")
HANDLERS = sorted(set(re.findall(r'handler="([\w.]+)\.handler"', FUNCTIONS)))
WITHOUT_CALLS = frozenset({"functions.measure.on_message", "functions.measure.on_report"})
"""They make no call for a broken record. What they fail at later, the second table tries for the first of them; the
second one tells it to the caller alone, who takes its kind."""


class Invocation:
    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 200_000


class Broken:
    """Stands for everything that a function is composed of: the call with this number fails."""

    def __init__(self, last: int, error: Callable[[], None]) -> None:
        self.left, self.met, self.error, self.letters = last, False, error, list[str]()
        outer = self

        class Part(MagicMock):
            def __call__(self, *given: Any, **named: Any) -> Any:
                if "failures" in str(self._extract_mock_name()):
                    outer.letters += [str(one) for one in given[0]]
                    return None
                if outer.left == 0:
                    outer.met = True
                    outer.error()
                outer.left -= 1
                return super().__call__(*given, **named)

        self.whole = Part(name="environment")
        self.whole.clock.now.return_value = NOW
        self.whole.workers, self.whole.channel, self.whole.bucket = 1, "email", "bucket"
        self.whole.feeds.all.return_value = ["feed"]
        self.whole.record.return_value = False  # no message of ours


def stream(item: dict[str, Any]) -> dict[str, Any]:
    keys = {name: item[name] for name in ("pk", "sk")}
    later = (NOW + timedelta(days=365 * 50)).timestamp()  # a record of the future is not waited for
    change = {"SequenceNumber": "1", "Keys": keys, "NewImage": item, "OldImage": item}
    return {"Records": [{"dynamodb": {**change, "ApproximateCreationDateTime": later}, "eventName": "INSERT"}]}


def request(method: str, path: str, body: str) -> dict[str, Any]:
    return {
        "version": "2.0", "rawPath": path, "rawQueryString": f"q={ADDRESS}", "queryStringParameters": {"q": ADDRESS},
        "headers": {"authorization": f"Bearer {ADDRESS}", "cookie": f"kervan_session={ADDRESS}", "referer": ADDRESS},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.1"}, "stage": "$default"},
        "body": body, "isBase64Encoded": False,
    }  # fmt: skip


def events(module: str) -> Iterator[dict[str, Any]]:
    """Everything broken that can come to this function."""
    if module.endswith(".api"):
        first = {"admin": "customers", "console": "customers", "ingest": "track", "stock": "stock", "support": "chat"}
        name = module.split(".")[1]
        root = "/console" if name == "console" else "/v1"
        for path in (f"{root}/{first[name]}", f"{root}/{first[name]}/{ADDRESS}", f"/l/{ADDRESS}", f"/{ADDRESS}"):
            yield request("GET", path, "")
            yield from (request("POST", path, body) for body in BODIES[:4])
    elif any(part in module for part in ("on_events", "on_customer", "on_message", "on_level")):
        yield from map(stream, ITEMS)
    else:
        for body in (*BODIES, *TASKS):
            attributes = {"ApproximateReceiveCount": "9"}
            yield {"Records": [{"messageId": "1", "body": body, "attributes": attributes, "receiptHandle": "x"}]}
        yield from (
            {"now": ADDRESS, "after": ADDRESS},
            {"report": ADDRESS, "from": ADDRESS, "to": ADDRESS},
            {"sql": ADDRESS},
        )


class Watched:
    """What somebody could read of an invocation: its log, its standard output, its error, its answer, its letters."""

    def __init__(self, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
        caplog.set_level(logging.DEBUG)
        self._caplog, self._capsys = caplog, capsys

    def said(self) -> list[str]:
        lines = [
            *self._caplog.messages,
            str([one.exc_text for one in self._caplog.records]),
            *self._capsys.readouterr(),
        ]
        self._caplog.clear()
        return lines


@pytest.fixture
def watched(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Watched:
    return Watched(caplog, capsys)


def compose(module: ModuleType, broken: Broken, patch: pytest.MonkeyPatch) -> None:
    for name in MADE_BY:
        if name in vars(module):
            patch.setattr(module, name, lambda *_given, **_named: broken.whole)
    for name in ("KERVAN_CATALOG", "KERVAN_STOCK", "KERVAN_WORK"):
        patch.setenv(name, "table")


def test_no_handler_is_left_out() -> None:
    """Also of those that fail at nothing here: what they cannot foresee leaves no text either."""
    assert len(HANDLERS) > 30
    assert [name for name in HANDLERS if not hasattr(import_module(name).handler, "__wrapped__")] == []


@pytest.mark.parametrize("kind", ERRORS)
def test_each_error_quotes_what_it_could_not_read(kind: str) -> None:
    """Else this file would show nothing."""
    with pytest.raises(Exception, match=re.escape(ADDRESS)):
        ERRORS[kind]()


@pytest.mark.parametrize("name", HANDLERS)
def test_nothing_that_a_function_fails_at_is_told(name: str, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every broken body, item or request, and every error at each of its first calls."""
    module = import_module(name)
    kinds = list(ERRORS)
    met_in_all = 0
    for number, event in enumerate(events(name)):
        for last in range(DEEPEST):
            kind = kinds[(number + last) % len(kinds)]
            broken = Broken(last, ERRORS[kind])
            with monkeypatch.context() as patch:
                compose(module, broken, patch)
                try:
                    said = [str(module.handler(event, Invocation()))]
                except SafeError as error:
                    said = [str(error), repr(error)]
                broken.left = -1
            leaked = found([ADDRESS], [*said, *watched.said(), *broken.letters])
            assert leaked == set(), (name, kind, last, json.dumps(event)[:200])
            met_in_all += broken.met
            if not broken.met:
                break
    assert (met_in_all > 0) is (name not in WITHOUT_CALLS), met_in_all


class Quoting:
    """A fuse: this call is not made, and raises; then ``always`` all later ones, but what tells of the failure."""

    def __init__(self, number: int, error: Callable[[], None], *, always: bool) -> None:
        self._left, self._error, self._always = number, error, always

    def around(self, call: str, make: Callable[[], Any], _half: Callable[[], Any] | None = None) -> Any:
        self._left -= 1
        if self._left == 0 or (self._always and self._left < 0 and "failures" not in call):
            self._error()
        return make()


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_no_error_in_the_middle_of_its_work_is_told(
    name: str, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real function on tables in memory, with a customer whose address it knows: each of its calls fails."""
    kinds = list(ERRORS)
    hers = {ADDRESS, "ayse@example.com", "Ayşe"}
    calls = len(undisturbed(name).calls)
    for number, always in product(range(1, calls + 1), (False, True)):
        kind, items = SCENARIOS[name]
        world = kind(items())
        monkeypatch.setattr(
            world.fuse, "around", Quoting(number, ERRORS[kinds[number % len(kinds)]], always=always).around
        )
        watched.said()
        try:
            said = str(without_values(world.attempt)(world.compose()))
        except SafeError as error:
            said = str(error)
        letters = [body for queue, held in world.queue.items() if queue == "failures" for body in held.bodies]
        assert found(hers, [said, *watched.said(), *letters]) == set(), (name, number, kinds[number % len(kinds)])


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_no_error_of_a_message_is_told(name: str, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for notify: each call of the way to the provider fails."""
    kinds = list(ERRORS)
    for number, always in product(range(1, len(play(name).calls) + 1), (False, True)):
        message = Play(name, ())
        monkeypatch.setattr(
            message._fuse, "around", Quoting(number, ERRORS[kinds[number % len(kinds)]], always=always).around
        )
        watched.said()
        message._deliver(NOW)
        assert found({ADDRESS, "@"}, watched.said()) == set(), (name, number)
