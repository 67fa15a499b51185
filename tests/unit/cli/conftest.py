"""What tests of the command share: the API in memory."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest

from cli.deployment.api import AdminApi
from cli.failure import Failure
from tests.unit.ingest.world import ADMIN_KEY, World, http_event


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    """Makes a deployment in memory answer what the command asks, with the answers of the API itself."""

    def connect_to(world: World) -> None:
        one_at_a_time = Lock()

        def ask(_api: AdminApi, path: str, query: Any, body: bytes | None, method: str | None = None) -> Any:
            verb = method or ("POST" if body else "GET")
            event = http_event(verb, path, None, {"authorization": f"Bearer {ADMIN_KEY}"})
            event["queryStringParameters"] = {name: str(value) for name, value in query.items() if value is not None}
            with one_at_a_time:  # as an environment of Lambda answers
                status, answer = world.send(event | ({"body": body.decode()} if body else {}))
            if status >= 400:
                raise Failure(answer["message"])
            return answer

        monkeypatch.setattr(AdminApi, "_request", ask)
        monkeypatch.setenv("KERVAN_ENDPOINT", "https://api.example")
        monkeypatch.setenv("KERVAN_ADMIN_KEY", ADMIN_KEY)

    return connect_to
