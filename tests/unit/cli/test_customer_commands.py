"""`kervan customer ...` against the real answers of the API: links, release, consents, timeline."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cli.main import run
from tests.unit.admin.test_questions import fold, told
from tests.unit.ingest.world import STORE_KEY, WEB_KEY, World

pytestmark = pytest.mark.unit


@pytest.fixture
def world(connect: Callable[[World], None]) -> World:
    """The deployment that the command asks."""
    world = World()
    told(world, WEB_KEY, userId=None, anonymousId="a-1", event="Product Added", properties={"product_id": "p1"})
    told(world, WEB_KEY, anonymousId="a-1", type="identify", traits={"email": "ayse@example.com"})
    told(world, STORE_KEY, event="Consent Granted", properties={"channel": "email", "text_version": "7"})
    fold(world)
    connect(world)
    return world


def test_links_are_told_and_undone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The table names the event that made the link; after a release it names who undid it, and why."""
    assert run(["customer", "links", "user:42"]) == 0
    assert "Identified" in capsys.readouterr().out
    assert run(["customer", "release", "anonymous:a-1", "--owner", "user:42", "--reason", "a shared laptop"]) == 0
    assert "is taken from user:42" in capsys.readouterr().out
    fold(world)
    assert run(["customer", "links", "user:42"]) == 0
    told_now = capsys.readouterr().out
    assert "released" in told_now
    assert "laptop" in told_now
    relink = ["customer", "relink", "anonymous:a-1", "--owner", "user:42", "--reason", "hers", "--json"]
    assert run([*relink, "--message-id", "ticket-7"]) == 0
    assert json.loads(capsys.readouterr().out)["messageId"] == "ticket-7"
    fold(world)
    assert run(["customer", "links", "user:42", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"][1]["owner"] == "user:42"


def test_the_timeline_finds_the_line_of_an_id(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """By the id of the message that the source sent; an id that nothing has shows nothing."""
    assert run(["customer", "timeline", "user:42", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["items"]
    wanted = next(line for line in lines if line["event"] == "Product Added")
    assert run(["customer", "timeline", "user:42", "--id", wanted["messageId"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == [wanted]
    assert run(["customer", "timeline", "user:42", "--id", "nothing-has-it", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == []


def test_what_cannot_be_undone_is_one_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A release of two that were never linked fails with the server's sentence."""
    assert run(["customer", "release", "anonymous:a-1", "--owner", "user:43", "--reason", "x"]) == 1
    assert "never linked" in capsys.readouterr().err


def test_consents_tell_why(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """What may be sent now with its reason, and the statements below it."""
    assert run(["customer", "consents", "user:42"]) == 0
    out = capsys.readouterr().out
    assert "nobody ever granted it" in out
    assert "granted it, to text 7" in " ".join(out.split())
    assert run(["customer", "consents", "user:42", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [item["said"] for item in found["items"]] == ["granted"]
    assert {row["channel"] for row in found["now"]} == {"email", "sms", "push"}


def test_the_timeline_is_filtered_limited_and_whole(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """--type, --channel, --name keep what is asked for, --limit so many, --all everything, page by page."""
    for place in range(120):
        told(world, WEB_KEY, event="Product Viewed", properties={"product_id": f"p{place}"})

    def names(*options: str) -> list[str]:
        assert run(["customer", "timeline", "user:42", "--json", *options]) == 0
        return [item["event"] for item in json.loads(capsys.readouterr().out)["items"]]

    assert len(names()) == 50
    assert len(names("--all")) == 123
    assert names("--limit", "2") == ["Product Viewed"] * 2
    assert names("--type", "identify") == ["Identified"]
    assert names("--channel", "store") == ["Consent Granted"]
    assert names("--name", "Product Added", "--all") == ["Product Added"]
    assert names("--to", "2026-11-22T10:01:00Z") == ["Product Added"]
    assert run(["customer", "timeline", "user:42", "--limit", "3"]) == 0
    assert "Product Viewed" in capsys.readouterr().out
