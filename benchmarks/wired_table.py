"""A table in memory behind the real adapter, cut off before the socket: what a function's calls cost the processor."""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.aws_stub import HEADERS, NullTransport, lean_client
from shared.adapters.attribute_values import write_item
from shared.adapters.dynamo import DynamoTable
from shared.adapters.http_transport import HttpAnswer
from shared.ports import Item, Page, Table, Write

NAME = "table"


@dataclass
class Stopwatch:
    """Processor time without that of the tables in memory, which stand for DynamoDB."""

    theirs: float = 0.0
    """Seconds of the tables in memory, and of writing their answers."""
    wire: float = 0.0
    """Seconds of the adapter, from the request to the parsed answer."""
    calls: int = 0

    def restart(self) -> None:
        self.theirs, self.wire, self.calls = 0.0, 0.0, 0

    def per(self, count: int, seconds: float) -> Spent:
        """Of one of ``count`` things that took so many processor seconds together, tables in memory included."""
        return Spent((seconds - self.theirs) / count, self.wire / count, self.calls / count)


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor seconds of one thing: our code and its calls. ``wire``: of them in the calls."""

    seconds: float
    wire: float
    calls: float


class WiredTable:
    """``Table``. Conflicts are the memory table's own, and cost no wire."""

    def __init__(self, memory: Table, watch: Stopwatch) -> None:
        self._memory = memory
        self._watch = watch
        self._transport = NullTransport()
        self._adapter = DynamoTable(lean_client(self._transport), NAME)

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._call(
            lambda table: table.get(pk, sk), lambda item: {"Item": write_item(item)} if item else {}
        )
        return found

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call(
            lambda table: table.get_many(keys), lambda items: {"Responses": {NAME: [*map(write_item, items)]}}
        )
        return found

    def put(self, item: Item, *, expect: Item | None = None) -> None:
        self._call(lambda table: table.put(item, expect=expect), _nothing)

    def put_many(self, items: Sequence[Item]) -> None:
        self._call(lambda table: table.put_many(items), _nothing)

    def transact(self, writes: Sequence[Write]) -> None:
        self._call(lambda table: table.transact(writes), _nothing)

    def delete(self, pk: str, sk: str, *, expect: Item | None = None) -> None:
        self._call(lambda table: table.delete(pk, sk, expect=expect), _nothing)

    def delete_many(self, keys: Sequence[tuple[str, str]]) -> None:
        self._call(lambda table: table.delete_many(keys), _nothing)

    def add(self, pk: str, sk: str, amounts: Mapping[str, int], *, set_to: Item | None = None) -> dict[str, int]:
        added: dict[str, int] = self._call(
            lambda table: table.add(pk, sk, amounts, set_to=set_to), lambda said: {"Attributes": write_item(said)}
        )
        return added

    def query(self, pk: str, **asked: Any) -> Page:
        cursors: list[str | None] = []

        def answer(page: Page) -> dict[str, Any]:
            cursors.append(page.cursor)
            return {"Items": [*map(write_item, page.items)], "Count": len(page.items), "ScannedCount": len(page.items)}

        page: Page = self._call(lambda table: table.query(pk, **asked), answer)
        return Page(page.items, cursors[0])

    def _call(self, ask: Callable[[Table], Any], answer: Callable[[Any], dict[str, Any]]) -> Any:
        started = time.process_time()
        try:
            body = orjson.dumps(answer(ask(self._memory)), default=_base64)
            headers = {**HEADERS, "x-amz-crc32": str(zlib.crc32(body))}
            self._transport.answer = HttpAnswer(200, headers, body)
        finally:
            answered = time.process_time()
            self._watch.theirs += answered - started
        found = ask(self._adapter)
        self._watch.wire += time.process_time() - answered
        self._watch.calls += 1
        return found


def _nothing(_result: object) -> dict[str, Any]:
    return {}


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)
