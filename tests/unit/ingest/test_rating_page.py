"""The page on which a customer says how satisfied he was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.ingest.api import route
from shared.domain.conversations.jobs import Rating, read_job
from shared.domain.conversations.rating_token import RatingTokens
from shared.http.answers import Problem
from shared.http.request import read_request
from tests.unit.ingest.world import NOW, World

pytestmark = pytest.mark.unit
TOKEN = RatingTokens(b"s" * 64).make("aaaaaaaaaaaaa", NOW)


def ask(world: World, method: str, token: str = TOKEN, body: str = "", **query: str) -> dict[str, Any]:
    event = {
        "rawPath": f"/r/{token}",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "queryStringParameters": query,
        "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.1"}},
        "body": body,
    }
    try:
        return dict(route(read_request(event), lambda: world.environment))
    except Problem as problem:
        return dict(problem.answer())


def jobs(world: World) -> list[Any]:
    return [read_job(body, str) for body in world.told.bodies]


@pytest.fixture
def world() -> World:
    return World()


def test_opening_it_asks_and_stores_nothing(world: World) -> None:
    for _ in range(3):  # scanners of mails open every link
        answer = ask(world, "GET", lang="en")
        assert answer["statusCode"] == 200
        assert "How was our conversation?" in answer["body"]
        assert answer["body"].count('name="rating"') == 5
    assert jobs(world) == []


def test_a_button_counts(world: World) -> None:
    answer = ask(world, "POST", body="rating=4", lang="tr")
    assert (answer["statusCode"], "Teşekkürler" in answer["body"]) == (200, True)
    assert jobs(world) == [Rating("aaaaaaaaaaaaa", NOW, 4)]


@pytest.mark.parametrize("body", ["", "rating=6", "rating=0", "rating=-1", "rating=4.0", "rating=4&" + "x" * 200])
def test_what_is_no_number_of_the_page_is_refused(world: World, body: str) -> None:
    assert ask(world, "POST", body=body)["statusCode"] == 400
    assert jobs(world) == []


@pytest.mark.parametrize("place", range(0, len(TOKEN), 3))
def test_an_altered_link_opens_nothing(world: World, place: int) -> None:
    broken = TOKEN[:place] + ("A" if TOKEN[place] != "A" else "B") + TOKEN[place + 1 :]
    assert ask(world, "POST", broken, "rating=5")["statusCode"] in (400, 404)
    assert jobs(world) == []


def test_after_seven_days_it_is_over(world: World) -> None:
    world.clock.time = NOW + timedelta(days=7)
    assert ask(world, "GET")["statusCode"] == 410
    assert ask(world, "POST", body="rating=5")["statusCode"] == 410
    assert jobs(world) == []


def test_other_methods_are_refused(world: World) -> None:
    assert ask(world, "DELETE")["statusCode"] == 405
