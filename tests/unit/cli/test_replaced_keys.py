"""Keys and secrets are replaced by the commands of docs/operation.md, and nothing is refused that need not be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cli.main import run
from shared.domain.identity.customer_token import TokenKeys, sign
from tests.unit.cli.test_quota_command import InMemory
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, World

pytestmark = pytest.mark.unit
A_MINUTE = timedelta(minutes=2)
"""After which no process believes what it knew of a key."""


@pytest.fixture
def world(connect: Callable[[World], None], monkeypatch: pytest.MonkeyPatch) -> World:
    """A deployment whose catalog and API the commands reach."""
    world = World()
    connect(world)
    for module in ("cli.catalog", "cli.commands.keys", "cli.commands.token_secret"):
        monkeypatch.setattr(f"{module}.catalog_table", lambda _stage: InMemory(world))
    monkeypatch.setattr("cli.commands.token_secret.deployment_secret", lambda _stage: b"s" * 64)
    monkeypatch.setattr("cli.deployment.sender_secrets.put_sender_secret", lambda *_given: None)
    return world


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def send(world: World, key: str) -> int:
    return int(world.post("/v1/track", {"event": "Seen", "userId": "u"}, key=key)[0])


def test_a_write_key_is_replaced_without_a_pause(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Both count as the same source until the old one is taken back, which holds within a minute."""
    new = told(capsys, "keys", "add", "store", "--trust", "server")["key"]
    assert (send(world, STORE_KEY), send(world, new)) == (200, 200)
    sources = [world.environment.sources.find(key) for key in (STORE_KEY, new)]
    assert sources[0] is not None
    assert sources[1] is not None
    assert sources[0].source == sources[1].source
    assert told(capsys, "keys", "disable", STORE_KEY) == {"disabled": True}
    world.clock.advance(A_MINUTE)
    assert (send(world, STORE_KEY), send(world, new)) == (401, 200)


def test_an_admin_key_is_replaced_without_a_pause(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever works with the new one is not stopped by the end of the old one."""
    new = told(capsys, "keys", "add", "ops", "--trust", "admin")["key"]
    asked = [world.get("/v1/sources", key=key)[0] for key in (ADMIN_KEY, new)]
    assert asked == [200, 200]
    assert told(capsys, "keys", "disable", ADMIN_KEY) == {"disabled": True}
    world.clock.advance(A_MINUTE)
    asked = [world.get("/v1/sources", key=key)[0] for key in (ADMIN_KEY, new)]
    assert asked == [401, 200]


def test_a_renewed_secret_of_tokens_ends_those_of_the_old(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A page that shows an old token is refused within a minute; the shop's next token opens the cart."""

    def cart(secret: str) -> int:
        token = sign("store", secret, "user:42", world.clock.now(), timedelta(hours=1))
        return int(world.get("/v1/cart", key=token)[0])

    old = told(capsys, "keys", "token-secret", "store")
    assert (old["generation"], old["secret"]) == (1, TokenKeys(b"s" * 64).signing_secret("store", 1))
    assert cart(old["secret"]) == 200
    new = told(capsys, "keys", "token-secret", "store", "--renew")
    assert new["generation"] == 2
    world.clock.advance(A_MINUTE)
    assert (cart(old["secret"]), cart(new["secret"])) == (401, 200)


def test_a_renewed_pair_of_web_push_is_what_pages_get(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A second pair needs --renew; then browsers subscribe by the new public key."""
    subject = ("push", "keys", "--subject", "mailto:push@shop.example")
    first = told(capsys, *subject)["public_key"]
    world.clock.advance(A_MINUTE)
    assert world.get("/v1/push/key", key=None) == (200, {"public_key": first})
    assert run([*subject]) == 2
    second = told(capsys, *subject, "--renew")["public_key"]
    assert second != first
    world.clock.advance(A_MINUTE)
    assert world.get("/v1/push/key", key=None) == (200, {"public_key": second})
