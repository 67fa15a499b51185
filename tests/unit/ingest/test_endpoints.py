"""The HTTP API as SDKs meet it: paths, keys, bodies, limits, answers."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from functions.ingest import api
from shared.http.answers import RETRY_AFTER_SECONDS
from shared.ports import Throttled
from shared.stores.sources import Sources
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY, World, basic, http_event

pytestmark = pytest.mark.unit

TRACK = {
    "type": "track",
    "event": "Quiz Finished",
    "userId": "42",
    "messageId": "m1",
    "timestamp": "2026-11-22T09:59:00Z",
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("identify", {"traits": {"name": "Ayşe"}}, "Identified"),
        ("track", {"event": "Quiz Finished"}, "Quiz Finished"),
        ("page", {"name": "Home"}, "Page Viewed"),
        ("screen", {"name": "Home"}, "Screen Viewed"),
        ("group", {"groupId": "g1"}, "Group Joined"),
        ("alias", {"previousId": "a-1"}, "Aliased"),
        ("batch", {"batch": [TRACK]}, "Quiz Finished"),
        ("import", {"batch": [TRACK]}, "Quiz Finished"),
        ("t", {"event": "Quiz Finished"}, "Quiz Finished"),
        ("b", {"batch": [TRACK]}, "Quiz Finished"),
    ],
)
def test_every_endpoint_stores_its_event(world: World, path: str, body: dict[str, Any], name: str) -> None:
    """Each of the seven endpoints, the old name of batch and the browser SDK's short names store the event."""
    status, answer = world.post(f"/v1/{path}", body | {"userId": "42"})
    assert (status, answer["success"]) == (200, True)
    assert [event.name for event in world.events_of("user:42")] == [name]


def test_the_path_decides_the_type(world: World) -> None:
    """A single endpoint takes its own type, whatever the body says."""
    assert world.post("/v1/track", {"type": "identify", "event": "Quiz Finished", "userId": "42"})[0] == 200
    assert world.events_of("user:42")[0].type == "track"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Basic " + base64.b64encode(b"web-key:").decode()},
        {"authorization": "basic " + base64.b64encode(b"web-key").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"web-key:ignored").decode()},
    ],
)
def test_the_key_comes_as_basic_user(world: World, headers: dict[str, str]) -> None:
    """The write key is the Basic user name; the colon may be missing, and header names have no case."""
    assert world.send(http_event("POST", "/v1/track", TRACK, headers))[0] == 200


def test_the_key_comes_in_the_body(world: World) -> None:
    """Without a header the body's writeKey counts, and it is not stored with the event."""
    assert world.post("/v1/track", TRACK | {"writeKey": WEB_KEY}, key=None)[0] == 200
    assert world.post("/v1/batch", {"batch": [TRACK], "writeKey": WEB_KEY}, key=None)[0] == 200
    assert WEB_KEY not in str(world.customers.query(world.keys(world.events_of("user:42")[0].owner)).items)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("unknown"),
        basic(""),
        {"authorization": "Basic ???"},
        {"authorization": "Bearer web-key"},
        basic("x" * 5000),
    ],
)
def test_a_missing_or_wrong_key_is_401(world: World, headers: dict[str, str]) -> None:
    """Without a key that somebody holds nothing is taken, and the answer says how to send it."""
    status, answer = world.send(http_event("POST", "/v1/track", TRACK, headers))
    assert (status, answer["error"]) == (401, "unauthorized")
    assert "write key" in answer["message"]
    assert world.events_of("user:42") == []


def test_keys_open_only_what_they_are_for(world: World) -> None:
    """The admin key writes nothing, a write key reads nothing."""
    assert world.post("/v1/track", TRACK, key=ADMIN_KEY)[0] == 403
    assert world.get("/v1/customers/user:42", key=WEB_KEY)[0] == 403
    assert world.get("/v1/customers/user:42", key=STORE_KEY)[0] == 403
    assert world.get("/v1/customers/user:42", key="unknown")[0] == 401
    assert world.get("/v1/customers/user:42", key=None)[0] == 401


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v2/track", "/v1/track/more", "/v1/x/y/z"])
def test_an_unknown_path_is_404(world: World, path: str) -> None:
    """What does not exist is 404 with a sentence, whatever the method's body."""
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    for method in ("GET", "POST"):
        status, answer = world.send(http_event(method, path, None, key))
        assert (status, answer["error"]) == (404, "not_found")


def test_a_wrong_method_is_405(world: World) -> None:
    """Events are posted and questions are got; the answer names the right method."""
    for method, path, right in (
        ("GET", "/v1/track", "POST"),
        ("POST", "/v1/segments", "GET"),
        ("DELETE", "/v1/batch", "POST"),
    ):
        status, answer = world.send(http_event(method, path, None, basic(WEB_KEY)))
        assert (status, answer["error"]) == (405, "method_not_allowed")
        assert right in answer["message"]


@pytest.mark.parametrize("path", ["/l/token", "/o/token.gif", "/v1/unsubscribe/token"])
def test_a_path_of_a_message_allows_what_it_answers(world: World, path: str) -> None:
    """Pages of a browser are never asked from another origin: OPTIONS is no method of theirs, and not allowed."""
    answer = world.answer(http_event("OPTIONS", path, None, {}))
    assert answer["statusCode"] == 405
    allowed = answer["headers"]["allow"].split(", ")
    assert "OPTIONS" not in allowed
    for method in allowed:
        assert world.answer(http_event(method, path, None, {}))["statusCode"] != 405


def test_browsers_may_ask_first(world: World) -> None:
    """A preflight is answered for every origin without a key; other answers leave CORS to the HTTP API."""
    answer = api.handler(http_event("OPTIONS", "/v1/track", None, {"origin": "https://shop.example"}), None)
    assert answer["statusCode"] == 204
    assert answer["headers"]["access-control-allow-origin"] == "*"
    assert "authorization" in answer["headers"]["access-control-allow-headers"]
    missing = api.handler(http_event("POST", "/v1/nothing", None, {}), None)
    assert "access-control-allow-origin" not in missing["headers"]


def test_a_beacon_is_plain_text(world: World) -> None:
    """navigator.sendBeacon posts text/plain with the key in the body."""
    event = http_event("POST", "/v1/t", json.dumps(TRACK | {"writeKey": WEB_KEY}), {"content-type": "text/plain"})
    assert world.send(event)[0] == 200


def test_a_gzip_body_is_read(world: World) -> None:
    """A compressed body is read with its header and, because proxies drop it, without."""
    packed = gzip.compress(json.dumps({"batch": [TRACK]}).encode())
    assert world.post("/v1/batch", packed, **{"content-encoding": "gzip"})[1]["accepted"] == 1
    assert world.post("/v1/batch", packed)[1]["accepted"] == 1
    two = gzip.compress(b'{"batch":') + gzip.compress(b"[]}")
    assert world.post("/v1/batch", two)[0] == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"\xff\xfe{}", {}, 400),
        (b"[]", {}, 400),
        (b'"text"', {}, 400),
        (b"{}", {}, 400),
        (b'{"batch": {}}', {}, 400),
        (b'{"batch": null}', {}, 400),
        (b'{"batch": [' + b"1," * 1000 + b"1]}", {}, 400),
        (b"not gzip", {"content-encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0)[:-6], {}, 400),
        (b"{}", {"content-encoding": "br"}, 400),
        (b"[" * 100_000, {}, 400),
        (b" " * 600_000, {}, 413),
        (gzip.compress(b" " * 600_000, mtime=0), {"content-encoding": "gzip"}, 413),
        (gzip.compress(b" " * 300_000, mtime=0) + gzip.compress(b" " * 300_000, mtime=0), {}, 413),
        (gzip.compress(b"\0" * 100_000_000, mtime=0), {}, 413),
    ],
)
def test_a_broken_request_is_one_sentence(world: World, body: bytes, headers: dict[str, str], status: int) -> None:
    """Malformed is 400, too large (before or after decompression, bombs too) 413; both with one sentence."""
    found, answer = world.post("/v1/batch", body, **headers)
    assert found == status
    assert answer["error"] == {400: "malformed", 413: "too_large"}[status]
    assert "\n" not in answer["message"]


def test_a_bomb_is_not_inflated(world: World) -> None:
    """Of a compressed bomb never more than the limit is held in memory."""
    import tracemalloc

    bomb = gzip.compress(b"\0" * 50_000_000)
    event = http_event("POST", "/v1/batch", bomb, basic(WEB_KEY))
    tracemalloc.start()
    try:
        assert world.send(event)[0] == 413
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_broken_base64_is_400(world: World) -> None:
    """A body that says it is base64 and is not, is malformed."""
    event = http_event("POST", "/v1/track", "{}", basic(WEB_KEY)) | {"isBase64Encoded": True}
    assert world.send(event)[0] == 400


def test_a_batch_keeps_what_is_good(world: World) -> None:
    """Refused events are named by place, id and reason; the others of the batch are stored."""
    batch = [TRACK, {"type": "track", "messageId": "m2", "userId": "42"}, 7, TRACK | {"messageId": "m3"}]
    status, answer = world.post("/v1/batch", {"batch": batch})
    assert (status, answer["success"], answer["accepted"]) == (200, True, 2)
    assert answer["rejected"] == [
        {"index": 1, "messageId": "m2", "reason": "a track needs the name of its event"},
        {"index": 2, "messageId": None, "reason": "an event must be an object"},
    ]
    assert [event.message_id for event in world.events_of("user:42")] == ["m1", "m3"]


def test_a_single_event_that_is_refused_is_400(world: World) -> None:
    """Outside of a batch the refusal is the answer."""
    status, answer = world.post("/v1/track", {"userId": "42"})
    assert (status, answer) == (400, {"error": "invalid_event", "message": "a track needs the name of its event"})


def test_an_event_beyond_32_kb_is_refused_alone(world: World) -> None:
    """One event that is too large costs the batch only itself; one just below the limit passes."""
    large = TRACK | {"messageId": "big", "properties": {"text": "x" * 33_000}}
    fits = TRACK | {"messageId": "fits", "properties": {"text": "x" * 32_000}}
    answer = world.post("/v1/batch", {"batch": [TRACK, large, fits]})[1]
    assert answer["accepted"] == 2
    assert answer["rejected"] == [{"index": 1, "messageId": "big", "reason": "the event is larger than 32 KB"}]
    assert world.post("/v1/track", large)[0] == 400


def test_a_batch_of_25_is_one_write_and_no_read(world: World) -> None:
    """Taking events costs one BatchWriteItem per 25, a write unit per event of up to 1 KB, no read of customers."""
    batch = [TRACK | {"messageId": f"m{place}", "userId": f"u{place % 7}"} for place in range(25)]
    world.customers.usage.reset()
    assert world.post("/v1/batch", {"batch": batch})[1]["accepted"] == 25
    usage = world.customers.usage
    assert (usage.requests, usage.read_units, usage.write_units) == (1, 0, 25)


def test_duplicates_in_a_batch_are_one_item(world: World) -> None:
    """The same event twice in a batch is accepted twice and written once."""
    world.customers.usage.reset()
    assert world.post("/v1/batch", {"batch": [TRACK, TRACK, TRACK]})[1]["accepted"] == 3
    assert world.customers.usage.write_units == 1


def test_a_retry_changes_nothing(world: World) -> None:
    """An event sent again, minutes later, with and without its own id and time, is still one event."""
    nameless = {"type": "track", "event": "Quiz Finished", "userId": "42"}
    for body in (TRACK, nameless):
        world.post("/v1/track", body)
        world.clock.advance(timedelta(minutes=7))
        world.post("/v1/track", body | {"sentAt": None})
    assert len(world.events_of("user:42")) == 2


def test_top_level_context_reaches_every_event(world: World) -> None:
    """A batch's context is part of each event; the event's own parts win."""
    own = TRACK | {"messageId": "m2", "context": {"locale": "en", "device": {"id": "D1"}}}
    world.post(
        "/v1/batch", {"batch": [TRACK, own], "context": {"locale": "tr", "device": {"token": "T", "type": "ios"}}}
    )
    first, second = world.events_of("user:42")
    assert first.context == {"locale": "tr", "device": {"token": "T", "type": "ios"}}
    assert second.context == {"locale": "en", "device": {"id": "D1", "token": "T", "type": "ios"}}


def test_a_batch_says_when_it_was_sent(world: World) -> None:
    """The batch's sentAt shows that a clock is an hour slow, and corrects the events of the batch."""
    slow = {"batch": [TRACK | {"timestamp": "2026-11-22T08:59:00Z"}], "sentAt": "2026-11-22T09:00:01Z"}
    world.post("/v1/batch", slow)
    assert world.events_of("user:42")[0].time.isoformat() == "2026-11-22T09:59:00+00:00"


class Full:
    """A table that takes nothing now."""

    def __getattr__(self, _name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> Any:
            raise Throttled("full")

        return refuse


def test_nothing_durable_is_503(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the table throttles, at the events or at the look-up of the key, SDKs are told when to send again."""
    from dataclasses import replace

    full: Any = Full()
    broken = [
        replace(world.environment, intake=replace(world.environment.intake, customers=full)),
        replace(world.environment, sources=Sources(full, lambda: 0.0)),
    ]
    for environment in broken:
        monkeypatch.setattr(api, "environment", lambda found=environment: found)
        answer = api.handler(http_event("POST", "/v1/track", TRACK, basic(WEB_KEY)), None)
        assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (503, "unavailable")
        assert answer["headers"]["retry-after"] == str(RETRY_AFTER_SECONDS)


def test_a_failure_tells_nothing_of_what_was_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever breaks inside is 503 and one line in the log, without the content of the request."""

    def broken() -> Any:
        raise RuntimeError("ayse@example.com")

    monkeypatch.setattr(api, "environment", broken)
    answer = api.handler(http_event("POST", "/v1/track", TRACK, basic(WEB_KEY)), None)
    assert answer["statusCode"] == 503
    assert "RuntimeError" in caplog.text
    assert "ayse@example.com" not in caplog.text + str(answer)


def test_the_stage_is_no_part_of_the_path(world: World) -> None:
    """On a named stage API Gateway puts the stage before the path; it is passed over."""
    event = http_event("POST", "/prod/v1/track", TRACK, basic(WEB_KEY))
    event["requestContext"]["stage"] = "prod"
    assert world.send(event)[0] == 200
