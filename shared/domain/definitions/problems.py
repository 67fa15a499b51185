"""What is wrong with a definition, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` is the place in the file, such as ``steps[0].at``."""

    file: str
    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return f"{place}: {self.message}; {self.remedy}"


def problems_of(file: str, model: type[BaseModel], source: Any, invalid: ValidationError) -> list[Problem]:
    """The errors of pydantic in the words of the language."""
    errors = invalid.errors(include_url=False)
    return [
        _problem(file, model, source, error) for error in errors if not _follows(error["loc"], error["type"], errors)
    ]


def _follows(loc: tuple[int | str, ...], kind: str, errors: Sequence[Mapping[str, Any]]) -> bool:
    """A list is "too short" too when what it holds is wrong: that says nothing new."""
    return kind == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in errors
    )


def _problem(file: str, model: type[BaseModel], source: Any, error: Mapping[str, Any]) -> Problem:
    place = _place(source, error["loc"])
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    message, remedy = _say(model, error, place)
    return Problem(file, path, message, remedy)


def _place(source: Any, loc: tuple[int | str, ...]) -> list[int | str]:
    """The path as the author sees it: tags of unions, which the file does not have, are left out."""
    place: list[int | str] = []
    here = source
    for depth, part in enumerate(loc):
        below = _below(here, part)
        if below is _MISSING and depth < len(loc) - 1:
            continue
        if below is _MISSING and isinstance(part, str) and part.startswith("<"):
            continue
        place.append(part)
        here = below
    return place


def _below(here: Any, part: int | str) -> Any:
    if isinstance(here, Mapping):
        return here.get(part, _MISSING)
    if isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
        return here[part]
    return _MISSING


def _say(model: type[BaseModel], error: Mapping[str, Any], place: list[int | str]) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx") or {}
    match kind:
        case "extra_forbidden":
            word = str(place[-1]) if place else ""
            near = get_close_matches(word, _field_names(model), n=1)
            return f"{word!r} is not a word of the language here", (
                f"did you mean {near[0]}?" if near else "take it out, or look it up in docs/definitions.md"
            )
        case "missing":
            return f"{place[-1] if place else 'something'} is missing", "add it"
        case "value_error":
            cause = context.get("error")
            remedy = getattr(cause, "remedy", None)
            if isinstance(remedy, str):
                return str(cause), remedy
            message, _, said = str(cause).partition("; ")
            return message, said or "correct it"
        case "literal_error" | "enum":
            return f"{error.get('input')!r} is not known here", f"write {context.get('expected', 'another word')}"
        case "too_short":
            return "it is empty", "write at least one"
        case "string_pattern_mismatch":
            return (
                f"{error.get('input')!r} is not a possible name",
                "use small letters, digits and hyphens, such as cart-recovery",
            )
        case "model_type" | "dict_type" | "model_attributes_type":
            return "there should be words with values here", "write it as {word: value}"
        case "tuple_type" | "list_type":
            return "there should be a list here", "write it as [one, two] or as lines that begin with -"
        case _:
            message, _, said = str(error["msg"]).removeprefix("Value error, ").partition("; ")
            return message, said or "correct it"


@cache
def _field_names(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(sorted(set(_properties(model.model_json_schema()))))


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _properties(part)
