"""What leaves a Lambda function as an exception: Lambda writes its text to the log, and into the dead letter of a call
that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import ParamSpec, TypeVar

from shared.adapters.error_kinds import kind_of

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
OURS = ("functions.", "shared.", "simulation.")
MOST_PLACES = 8
"""Lines that are told of an error; of a recursion the last ones."""


class SafeError(Exception):
    """An error of our own. Its text holds kinds of errors, names of settings and numbers, and no value of a person."""


class Failed(SafeError):
    """Stands for any other error: its kind, and the lines of our own code that it came through, the last one first."""


def without_values(handler: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The handler of a Lambda function. Of what it raises no text leaves: libraries quote in it what they could not
    read.

    Raises
    ------
    SafeError
        What the handler raised, if it is one; else ``Failed``.
    """

    @wraps(handler)
    def told(*given: Given.args, **named: Given.kwargs) -> Answer:
        try:
            return handler(*given, **named)
        except SafeError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
            raise Failed(f"{kind_of(error)} at {_places(error.__traceback__)}") from None

    return told


def _places(trace: TracebackType | None) -> str:
    """Modules and lines, the last one first; libraries are left out. The last line alone would be the same for whatever
    a table refuses."""
    places: list[str] = []
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) and module != __name__:
            places.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return ", called from ".join(places[-MOST_PLACES:][::-1]) or "an unknown line"
