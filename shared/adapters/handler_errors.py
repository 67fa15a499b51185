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


class SafeError(Exception):
    """An error of our own. Its text holds kinds of errors, names of settings and numbers, and no value of a person."""


class Failed(SafeError):
    """Stands for any other error: its kind, and the last line of our own code that it came through."""


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
            raise Failed(f"{kind_of(error)} at {_place(error.__traceback__)}") from None

    return told


def _place(trace: TracebackType | None) -> str:
    """The module and line; libraries below it are left out."""
    place = "an unknown line"
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) and module != __name__:
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
