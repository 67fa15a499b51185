"""Browsers subscribe with the deployment's public key, and their subscriptions are push tokens of the kind web."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import Features, fold
from shared.stores.push_key import put_push_key
from tests.support.https_sender_cases import BROWSER, VAPID
from tests.unit.ingest.world import STORE_KEY, World, http_event

pytestmark = pytest.mark.unit


def test_anybody_may_read_the_public_key() -> None:
    """404 as long as none was made, then the key, without any key of a source."""
    world = World()
    assert world.get("/v1/push/key", key=None)[0] == 404
    put_push_key(world.catalog, VAPID.public)
    assert world.get("/v1/push/key", key=None)[0] == 404  # believed for a minute
    world.clock.time = datetime(2027, 1, 1, tzinfo=UTC)
    answer = world.answer(http_event("GET", "/v1/push/key", None, {}))
    assert json.loads(answer["body"]) == {"public_key": VAPID.public}
    assert answer["headers"]["cache-control"] == "public, max-age=300"
    assert VAPID.private_text not in answer["body"]


def test_other_methods_and_paths() -> None:
    """It is read only, and there is nothing beside it."""
    world = World()
    assert world.post("/v1/push/key", {})[0] == 405
    assert world.send(http_event("OPTIONS", "/v1/push/key", None, {}))[0] == 204
    assert world.get("/v1/push", key=None)[0] == 404
    assert world.get("/v1/push/keys", key=None)[0] == 404


@pytest.mark.parametrize(
    ("kind", "token", "platform"),
    [
        ("web", json.dumps(BROWSER.subscription), "web"),
        ("desktop", json.dumps(BROWSER.subscription), "web"),
        ("web", "fcm-token", "android"),
        ("ios", "apns-token", "ios"),
        ("android", "fcm-token", "android"),
    ],
)
def test_a_subscription_is_a_token_of_a_browser(kind: str, token: str, platform: str) -> None:
    """JSON is a subscription, whatever type the page names; what else a page reports stays a token of FCM."""
    world = World()
    context = {"device": {"type": kind, "token": token}}
    status, _ = world.post("/v1/identify", {"userId": "42", "context": context}, key=STORE_KEY)
    assert status == 200
    facts = fold(Facts(), world.events_of("user:42"), Features())
    assert [(name, entry[2]) for name, entry in facts.tokens.entries.items()] == [(token, platform)]
