"""The whole stack on a free port in a folder of its own: deployed once per session by the same code as `make run`."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from cli import paths, run
from cli.deployment.api import AdminApi, quoted
from cli.deployment.track import Channel
from cli.failure import Failure
from cli.local import clock, server
from cli.local.emulator import CALLS
from cli.local.outbox import delivered
from cli.local.running import LocalStack, local_stack
from cli.local.wait_until_idle import settle
from shared.domain.privacy.data_map import DATA_MAP, unmapped
from shared.http.request import read_request
from tests.support.documented import check_content
from tests.support.recorded_calls import add_calls


@dataclass(frozen=True, slots=True)
class DocumentedApi(AdminApi):
    """The admin API; every answer is as its model says."""

    def _request(self, path: str, query: dict[str, Any], body: bytes | None, method: str | None = None) -> Any:
        answer = AdminApi._request(self, path, query, body, method)
        asked = {"rawPath": path, "requestContext": {"http": {"method": method or ("POST" if body else "GET")}}}
        check_content(read_request(asked), answer)
        return answer


@dataclass(frozen=True)
class Kervan:
    """A running stack as the outside meets it: HTTP, the local clock and the outbox."""

    stack: LocalStack
    endpoint: str
    write_keys: dict[str, str]
    api: AdminApi

    def channel(self, name: str) -> Channel:
        """A source that sends events with the stack's time."""
        return Channel(self.endpoint, self.write_keys[name], clock.now)

    def http(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers (lower case) and JSON of one request, refused or not."""
        url = self.endpoint + path
        request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return self._read(answer)
        except urllib.error.HTTPError as refused:
            return self._read(refused)

    def _read(self, answer: Any) -> tuple[int, dict[str, str], Any]:
        text = answer.read()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, headers, json.loads(text) if text else None

    def settle(self) -> None:
        """Returns when everything that was sent has had its effect."""
        settle(self.stack.base)

    def now(self) -> datetime:
        return clock.now()

    def advance(self, span: timedelta) -> None:
        clock.advance(self.stack.movable(), clock.now() + span)

    def advance_until(self, local_time: str) -> None:
        clock.advance(self.stack.movable(), clock.next_local(local_time, clock.now(), self.stack.time_zone()))

    def customer(self, identifier: str) -> dict[str, Any]:
        return dict(self.api.get(f"/v1/customers/{quoted(identifier)}"))

    def timeline(self, identifier: str) -> list[dict[str, Any]]:
        return list(self.api.items(f"/v1/customers/{quoted(identifier)}/timeline"))

    def messages(self, identifier: str) -> list[dict[str, Any]]:
        return list(self.api.items(f"/v1/customers/{quoted(identifier)}/messages"))

    def wait_for(self, identifier: str, events: set[str], seconds: float = 20.0) -> None:
        """Returns when a browser's requests, which nobody waits for, have brought these events."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.settle()
            try:
                found = {item["event"] for item in self.timeline(identifier)}
            except Failure:  # not known yet
                found = set()
            if events <= found:
                return
            time.sleep(0.2)

    def outbox(self) -> list[dict[str, Any]]:
        return delivered(self.stack)


ORDER = {"test_segments.py": 0, "test_openapi.py": 2, "test_restart.py": 3}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Segments first: they move the time on by half a year, through every due moment of everybody who is there then.
    The document late: it asks for anything, stopped journeys included. The restart last."""
    items.sort(key=lambda item: ORDER.get(item.path.name, 1))


@pytest.fixture(scope="session")
def kervan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kervan]:
    """Brought up once; tests stay apart by using new people (`name`). In the end, nothing lies in its tables that the
    data map does not name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERVAN_HOME", str(tmp_path_factory.mktemp("kervan")))
        patch.setenv("KERVAN_PORT", str(free_port()))
        try:
            run.bring_up()
            local = paths.read(paths.LOCAL)
            api = DocumentedApi(local["endpoint"], local["admin_key"])
            yield Kervan(local_stack(), local["endpoint"], local["write_keys"], api)
            tables = sorted({one.table for one in DATA_MAP})
            stored = {table: local_stack().items(f"Table{table.capitalize()}") for table in tables}
            keep_calls(local_stack().base)
            unnamed = [line for table, items in stored.items() for line in unmapped(table, items)]
            assert unnamed == [], "name it in shared/domain/privacy/data_kinds.py"
        finally:
            server.stop()


def keep_calls(base: str) -> None:
    """The role of each function permits every call that it made. With KERVAN_RECORD_CALLS the calls are added to the
    record of ``tests/infra/test_recorded_calls.py``."""
    found = server.ask(base, CALLS, timeout=60.0)
    assert found["calls"], "nobody signed with the name of his function"
    if os.environ.get("KERVAN_RECORD_CALLS"):
        add_calls(found["calls"])
    assert found["denied"] == [], "grant it in infra/grants.py, or do not ask for it"


@pytest.fixture
def name() -> str:
    """A suffix that no other test uses."""
    return secrets.token_hex(4)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
