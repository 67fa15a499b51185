"""`kervan deadletters` against the real answers of the API."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cli.commands.deadletters import said_age
from cli.main import run
from shared.domain.deadletters.letter import QUEUES
from tests.unit.admin.test_dead_letters import NOW_MS, DeadLetterStack
from tests.unit.domain.deadletters.test_letter import EVENT, KEY, given_up
from tests.unit.ingest.world import World

pytestmark = pytest.mark.unit


@pytest.fixture
def stack(connect: Callable[[World], None], monkeypatch: pytest.MonkeyPatch) -> DeadLetterStack:
    """The deployment that the command asks."""
    stack = DeadLetterStack()
    connect(stack.world)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return stack


def test_nothing_failed(stack: DeadLetterStack, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty table says so."""
    assert run(["deadletters", "list"]) == 0
    assert "no dead letters" in capsys.readouterr().out


def test_letters_are_listed_and_shown(stack: DeadLetterStack, capsys: pytest.CaptureFixture[str]) -> None:
    """As a table and as JSON with `items`; one letter with its ids."""
    letter = stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS - 90_000)
    assert run(["deadletters", "list"]) == 0
    shown = capsys.readouterr().out
    assert "1 min 30 s" in shown
    assert "ValueError" in shown
    assert run(["deadletters", "list", "segment-on-events", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["items"]] == [letter]
    assert run(["deadletters", "show", "segment-on-events", letter]) == 0
    assert KEY in capsys.readouterr().out
    assert run(["deadletters", "show", "segment-on-events", "nobody"]) == 1
    assert run(["deadletters", "list", "nowhere"]) == 1
    refused = capsys.readouterr().err
    assert all(name in refused for name in QUEUES)


def test_a_redrive_goes_on_until_nothing_is_left(stack: DeadLetterStack, capsys: pytest.CaptureFixture[str]) -> None:
    """In requests of a few letters; what cannot be read stays and makes the command fail."""
    for _ in range(60):
        stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS - 1)
    assert run(["deadletters", "redrive", "segment-on-events", "--per-second", "25"]) == 0
    assert "60 letters redriven, about 0 left" in capsys.readouterr().out
    assert len(stack.targets["segment-work"].bodies) == 60
    broken = stack.letters["segment-on-events"].add("broken", NOW_MS - 1)
    assert run(["deadletters", "redrive", "segment-on-events", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"redriven": 0, "kept": [{"id": broken, "reason": "unreadable"}], "waiting": 1}


def test_a_redrive_is_bounded(stack: DeadLetterStack, capsys: pytest.CaptureFixture[str]) -> None:
    """By a number, or to one letter."""
    names = [stack.letters["segment-on-events"].add(given_up(**EVENT), NOW_MS - 1) for _ in range(40)]
    assert run(["deadletters", "redrive", "segment-on-events", "--most", "7"]) == 0
    assert len(stack.targets["segment-work"].bodies) == 7
    assert run(["deadletters", "redrive", "segment-on-events", names[30]]) == 0
    assert len(stack.targets["segment-work"].bodies) == 8
    assert run(["deadletters", "redrive", "segment-on-events", "nobody"]) == 2
    assert "there is no letter nobody" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 min 0 s"), (3_599, "59 min 59 s"), (7_260, "2 h 1 min"), (90_000, "1 d 1 h")]
)
def test_ages_are_said_in_two_units(seconds: int, said: str) -> None:
    """The two largest."""
    assert said_age(seconds) == said
