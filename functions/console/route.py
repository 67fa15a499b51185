"""A path of the console: what page it is, and who may open it. A page is loaded with the first visit to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from functions.console.rights import Right
from shared.http.answers import Answer

View = Callable[..., Answer]
ANY = "*"


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` is what follows ``/console``; ``*`` takes one part and hands it on. ``right`` is None where nobody has
    to be signed in; ``checked``: a POST needs the form's token."""

    method: str
    path: tuple[str, ...]
    place: str
    right: Right | None
    checked: bool = True

    def view(self) -> View:
        """The function that makes the page: of a module of this package."""
        module, _, name = self.place.partition(".")
        return cast("View", getattr(import_module(f"functions.console.{module}"), name))

    def parts(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """What the stars stand for; None if it is another path."""
        if len(path) != len(self.path):
            return None
        pairs = tuple(zip(self.path, path, strict=True))
        if any(wanted not in (ANY, given) for wanted, given in pairs):
            return None
        return tuple(given for wanted, given in pairs if wanted == ANY)


def get(path: str, place: str, right: Right | None) -> Route:
    return Route("GET", tuple(path.split("/")), place, right)


def post(path: str, place: str, right: Right | None, *, checked: bool = True) -> Route:
    return Route("POST", tuple(path.split("/")), place, right, checked)
