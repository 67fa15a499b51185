"""The local HTTP API answers at the root of a port of its own, and nothing else does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cli import paths
from cli.demo import SHIRT, SHOES
from cli.local import deploy, emulator
from cli.local.aws_calls import AwsCalls
from cli.local.outage import Outage
from cli.preview.pictures import content, served

pytestmark = pytest.mark.unit
API_PORT = 4580


def ask(home: Path, port: int, path: str) -> tuple[str, str, list[dict[str, Any]]]:
    """The path that reached the emulator, its raw form, and what was answered before it."""
    seen: list[tuple[str, str]] = []
    sent: list[dict[str, Any]] = []

    async def app(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append((scope["path"], scope["raw_path"].decode()))

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": [],
        "server": ("127.0.0.1", port),
    }  # fmt: skip
    calls = AwsCalls("kervan-local-")
    served: Any = emulator.with_api_port(emulator.with_our_routes(app, home, {}, calls, Outage(), 4566), API_PORT)
    asyncio.run(served(scope, None, send))
    return (*(seen[0] if seen else ("", "")), sent)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERVAN_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", ["/v1/track", "/", "/_kervan/about", "//v1/track", "/customers-bucket/key"])
def test_every_path_of_the_api_port_leads_to_the_api(home: Path, path: str) -> None:
    """As in AWS, where the API has a host name of its own: neither S3 nor our own routes answer there."""
    paths.remember(deployed={"outputs": {"Endpoint": "https://abc.execute-api.eu-central-1.amazonaws.com"}})
    want = f"/_aws/execute-api/abc/$default{path}"
    assert ask(home, API_PORT, path) == (want, want, [])


def test_pictures_of_the_demo_are_served(home: Path) -> None:
    """And no other file: the name is one of ours, or there is nothing."""
    start, body = ask(home, 4566, "/_kervan/pictures/keten-gomlek.png")[2]
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (200, b"image/png")
    assert body["body"][:8] == b"\x89PNG\r\n\x1a\n"
    for path in ("no-such", "../pictures/keten-gomlek", "..%2f..%2fdemo", "", "keten-gomlek.png"):
        assert ask(home, 4566, f"/_kervan/pictures/{path}.png")[2][0]["status"] == 404


def test_an_email_of_the_outbox_shows_them() -> None:
    """The demo's products have pictures at the shop's own address, where nobody answers."""
    for product in (SHIRT, SHOES):
        shown = served(f'<img src="{product["image_url"]}">', "http://127.0.0.1:4566")
        name = shown.removeprefix('<img src="http://127.0.0.1:4566/_kervan/pictures/').removesuffix('.png">')
        assert content(name)
    other = '<img src="https://shop.example/i/unknown.png">'
    assert served(other, "http://127.0.0.1:4566") == other


def test_aws_answers_at_the_other_port_as_before(home: Path) -> None:
    """A path of S3 stays what it is."""
    paths.remember(deployed={"outputs": {"ApiId": "abc"}})
    assert ask(home, 4566, "/v1/track")[0] == "/v1/track"


def test_before_anything_is_deployed_the_api_says_so(home: Path) -> None:
    """One sentence with what to do, and a status that clients try again."""
    reached, _, sent = ask(home, API_PORT, "/v1/track")
    assert (reached, sent[0]["status"], json.loads(sent[1]["body"])["error"]) == ("", 503, "not_deployed")


def test_the_endpoint_has_no_path(home: Path) -> None:
    """Many SDKs drop the path of the address that they are given."""
    paths.remember(api_port=API_PORT)
    assert deploy.endpoint() == "http://127.0.0.1:4580"
