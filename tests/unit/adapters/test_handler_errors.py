"""What leaves a function as an error."""

from __future__ import annotations

import pytest

from shared.adapters.handler_errors import Failed, SafeError, without_values
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
