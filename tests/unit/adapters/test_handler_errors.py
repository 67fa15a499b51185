"""What leaves a function as an error."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from shared.adapters import attribute_values
from shared.adapters.attribute_values import write_item
from shared.adapters.handler_errors import MOST_PLACES, Failed, SafeError, without_values
from shared.domain.identity.identifiers import parse_identifier

pytestmark = pytest.mark.unit


@without_values
def handler(event: str) -> str:
    """Answers with the identifier."""
    return str(parse_identifier(event))


def test_the_kind_and_our_own_line_are_told() -> None:
    """And no cause: Lambda writes the text and the lines of the error that leaves."""
    with pytest.raises(Failed) as failed:
        handler("ayse@example.com")
    assert str(failed.value).startswith("InvalidIdentifier at shared.domain.identity.identifiers:")
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


@without_values
def store(item: dict[str, Any]) -> None:
    write_item(item)


def test_who_called_is_told() -> None:
    """Of what a table refuses, the last line of our own is always that of its adapter: the lines before it say which
    call it was."""
    with pytest.raises(Failed) as failed:
        store({"price": 1.5})
    places = str(failed.value).removeprefix("TypeError at ").split(", called from ")
    adapter = inspect.getsourcelines(attribute_values)[0]
    lines = [adapter[int(place.removeprefix(f"{attribute_values.__name__}:")) - 1].strip() for place in places]
    said = [line.split("(")[0] for line in lines]
    assert said[:2] == ["raise TypeError", "return _write_other"]
    assert said[-1].startswith("return {name:")


def test_of_a_recursion_the_last_lines_are_told() -> None:
    """Lambda cuts a long text, and nobody reads it."""
    item: dict[str, Any] = {"price": 1.5}
    for _ in range(50):
        item = {"more": item}
    with pytest.raises(Failed) as failed:
        store(item)
    places = str(failed.value).removeprefix("TypeError at ").split(", called from ")
    assert len(places) == MOST_PLACES
    assert len(set(places)) > 2


def test_what_we_say_ourselves_stays() -> None:
    """A function whose errors count something is understood by its text."""

    @without_values
    def left() -> None:
        raise SafeError("3 of 40 levels")

    with pytest.raises(SafeError, match=r"^3 of 40 levels$"):
        left()


def test_an_answer_is_as_it_was() -> None:
    """And so are the name and the description of the handler."""
    assert handler("user:42") == "user:42"
    assert (handler.__name__, handler.__doc__) == ("handler", "Answers with the identifier.")
