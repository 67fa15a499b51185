"""The operators' API as a whole: its routes, its answers against their models, and what it logs."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from functions.admin.api import RESOURCES, handler
from functions.admin.resolver import resolver
from shared.http.request import read_request
from tests.support.documented import check_documented
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, World, http_event

pytestmark = pytest.mark.unit

HEADERS = {"authorization": f"Bearer {ADMIN_KEY}"}


def all_routes() -> list[Any]:
    app = resolver()
    return [*app._static_routes, *app._dynamic_routes]


def test_every_route_belongs_to_a_resource() -> None:
    """What the HTTP API sends here is what routes are for."""
    assert {route.path.split("/")[2] for route in all_routes()} == RESOURCES


@pytest.mark.parametrize("route", all_routes(), ids=lambda route: f"{route.method} {route.path}")
def test_every_operation_says_what_it_answers(route: Any) -> None:
    """A model for what is answered and for each refusal; the key is asked for everywhere."""
    assert {401, 403, 405, 503} < route.responses.keys()
    assert route.responses.keys() & {200, 201, 202}
    assert all(one["content"]["application/json"]["model"] for one in route.responses.values())
    assert route.security == [{"adminKey": []}]


@pytest.mark.parametrize("change", [{"more": 1}, {"release": None}, {"name": None}])
def test_an_answer_that_is_not_as_its_model_says_is_found(change: dict[str, Any]) -> None:
    """A key too many, one of another type: the check of every other test would fail."""
    segment = {"name": "x", "label": {}, "aliases": [], "members": 1, "members_at_least": False, "release": 1} | change
    rest = {"cursor": None, "backfill": None, "shop": None, "audit": None, "orders_from": "any"}
    request = read_request(http_event("GET", "/v1/segments", None, {}))
    with pytest.raises(ValidationError):
        check_documented(request, 200, json.dumps({"items": [segment], **rest}))
    with pytest.raises(ValidationError):
        check_documented(request, 200, json.dumps(rest))


def test_identifiers_may_hold_anything() -> None:
    """Slashes, encoded or not, percent signs and names of lists are the identifier's own."""
    world = World()
    for number, user in enumerate(("a/b", "50%", "x//y", "timeline")):
        told(world, userId=user, messageId=f"m{number}", event="Seen")
    for path in ("a/b", "a%2Fb", "a%2fb", "50%25", "x//y", "timeline"):
        status, answer = world.get(f"/v1/customers/user:{path}/timeline")
        assert (status, len(answer["items"])) == (200, 1), path


def test_a_repeated_parameter_is_one_text() -> None:
    """API Gateway joins what is repeated with commas: fine for a list, no number."""
    world = World()
    told(world, event="Seen")
    assert world.get("/v1/customers/user:42/timeline", query={"limit": "1,2"})[0] == 400
    assert world.get("/v1/customers/user:42/timeline", query={"name": "Seen,AnswerKind"}) == (
        200,
        {"items": [], "cursor": None},
    )


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "X"])
@pytest.mark.parametrize("path", ["customers/user:42/release", "coupons/A/codes", "segments", "journeys/x/state"])
def test_every_method_is_answered(method: str, path: str) -> None:
    """A method that a path does not take is told which it does."""
    answer = World().answer(http_event(method, f"/v1/{path}", "{}", HEADERS))
    assert answer["statusCode"] < 500
    if answer["statusCode"] == 405:
        assert "OPTIONS" in answer["headers"]["allow"]


def test_nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even with every logger at its most talkative: no path, no body, no traceback."""
    world = World()
    with caplog.at_level(logging.DEBUG):
        told(world, event="Seen")
        for path in ("user:ayse@example.com", "user:42/timeline", "user:42/nothing/here"):
            world.get(f"/v1/customers/{path}")
        world.send(http_event("PUT", "/v1/controls", {"allow_list": ["email:ayse@example.com"]}, HEADERS))
        world.send(http_event("POST", "/v1/segments/preview", {"draft": "ayse@example.com"}, HEADERS))
    assert not [
        record for record in caplog.records if "ayse" in record.getMessage() or "user:42" in record.getMessage()
    ]


def test_a_failure_of_our_own_leaves_no_text(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An exception with an address in its text is answered with 503; the log names its type and its place."""
    world = World()

    def fail(*_: object) -> None:
        raise RuntimeError("ayse@example.com")

    monkeypatch.setattr("shared.operators.customers.customer", fail)
    monkeypatch.setattr("functions.admin.api.environment", lambda: world.admin)
    with caplog.at_level(logging.DEBUG):
        answer = handler(http_event("GET", "/v1/customers/user:42", None, HEADERS), None)
    assert answer["statusCode"] == 503
    assert "RuntimeError" in caplog.text
    assert "ayse" not in caplog.text


def test_the_module_of_the_handler_is_light() -> None:
    """Powertools and the models are loaded with the first request that may be answered."""
    done = subprocess.run(
        [sys.executable, "-c", "import functions.admin.api, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "aws_lambda_powertools" not in done.stdout.split()


def test_the_store_key_reads_nothing_whatever_is_asked() -> None:
    """403 comes before anything else of the request is read."""
    world = World()
    body = b"\xff"
    for method, path in (("POST", "campaigns"), ("PUT", "controls"), ("GET", "customers/zzz")):
        event = http_event(method, f"/v1/{path}", body, {"authorization": f"Bearer {STORE_KEY}"})
        assert world.answer(event)["statusCode"] == 403
