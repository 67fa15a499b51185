"""The fields of one condition of a segment: how a part of a rule becomes values of a form, and back.

Each kind of field takes what it knows out of a rule, and puts it in again. What no field takes is not shown as fields:
such a condition is edited as YAML (``functions/console/rule_lines.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

WORDS = ("at_least", "at_most", "exactly", "more_than", "less_than")
UNITS = ("m", "h", "d", "w")
TESTS = ("is", "one_of", "contains", "starts_with", "exists", "absent", *WORDS, "before", "after", "within")
"""What a trait may be asked; ``absent`` is ``exists: false``."""
Values = Mapping[str, str]
Form = Literal["count", "amount", "within", "choice", "names", "text", "number", "test"]


@dataclass(frozen=True, slots=True)
class Field:
    """``path`` leads into the rule with dots, and is empty for the rule itself. ``choices`` are stable words."""

    name: str
    form: Form
    path: str
    required: bool = False
    choices: tuple[str, ...] = ()


def read_field(field: Field, rule: dict[str, Any]) -> dict[str, str] | None:
    """Takes the field's part out of ``rule``; None if it is not there, or not as this field writes it."""
    *way, last = field.path.split(".") if field.path else [""]
    inside = rule
    for step in way:
        found = inside.get(step)
        if not isinstance(found, dict):
            return None
        inside = found
    values = _READ[field.form](inside, last)
    if way and not inside:
        del rule[way[0]]
    return None if values is None else {f"{field.name}.{key}": value for key, value in values.items()}


def write_field(field: Field, values: Values, rule: dict[str, Any]) -> None:
    """Puts the values into ``rule``; what was left empty is left out."""
    own = {key: values.get(f"{field.name}.{key}", "").strip() for key in ("word", "n", "u", "v")}
    written = _WRITE[field.form](own)
    if written is None:
        return
    if not field.path:
        rule |= written
        return
    *way, last = field.path.split(".")
    for step in way:
        rule = rule.setdefault(step, {})
    rule[last] = written


def number_of(text: str) -> Any:
    """The number that was typed, with a comma too; what is none stays text, so that checking names it."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    if not abs(number) < 1e15:  # infinite, or no number at all
        return text
    return int(number) if number == int(number) else number


def _read_bounds(inside: dict[str, Any], last: str) -> dict[str, str] | None:
    bounds = inside if not last else inside.get(last)
    if not isinstance(bounds, dict):
        return None
    words = [word for word in WORDS if word in bounds]
    if len(words) != 1 or (last and len(bounds) != 1):
        return None
    number = bounds.pop(words[0])
    if last:
        del inside[last]
    return {"word": words[0], "n": str(number)}


def _write_bounds(own: Values) -> Any:
    return {own["word"]: number_of(own["n"])} if own["word"] in WORDS and own["n"] else None


def _read_within(inside: dict[str, Any], last: str) -> dict[str, str] | None:
    said = inside.get(last)
    if not isinstance(said, str) or said[-1:] not in UNITS or not said[:-1].isdigit():
        return None
    del inside[last]
    return {"n": said[:-1], "u": said[-1]}


def _write_within(own: Values) -> Any:
    return f"{own['n']}{own['u'] or 'd'}" if own["n"] else None


def _read_text(inside: dict[str, Any], last: str) -> dict[str, str] | None:
    said = inside.get(last)
    if not isinstance(said, str) or said != said.strip() or not said:
        return None
    del inside[last]
    return {"v": said}


def _write_text(own: Values) -> Any:
    return own["v"] or None


def _read_number(inside: dict[str, Any], last: str) -> dict[str, str] | None:
    said = inside.get(last)
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    del inside[last]
    return {"v": str(said)}


def _write_number(own: Values) -> Any:
    return number_of(own["v"]) if own["v"] else None


def _read_names(inside: dict[str, Any], last: str) -> dict[str, str] | None:
    said = inside.get(last)
    if not isinstance(said, list) or not all(_is_name(one) for one in said):
        return None
    del inside[last]
    return {"v": ", ".join(said)}


def _is_name(said: Any) -> bool:
    return isinstance(said, str) and said == said.strip() != "" and "," not in said


def _write_names(own: Values) -> Any:
    return list(_split(own["v"])) or None


def _split(said: str) -> Iterator[str]:
    return (part.strip() for part in said.split(",") if part.strip())


def _read_test(inside: dict[str, Any], last: str) -> dict[str, str] | None:
    words = [word for word in inside if word in TESTS]
    if len(words) != 1:
        return None
    word, said = words[0], inside[words[0]]
    match word, said:
        case "exists", bool():
            found = {"word": "exists" if said else "absent"}
        case "within", str():
            within = _read_within({"within": said}, "within")
            found = {} if within is None else {"word": word, "v": said}
        case "one_of", list() if all(_is_name(one) or _is_number(one) for one in said):
            found = {"word": word, "v": ", ".join(map(str, said))}
        case _ if _is_number(said) or (isinstance(said, str) and said == said.strip() != ""):
            found = {"word": word, "v": str(said)}
        case _:
            found = {}
    if not found:
        return None
    del inside[word]
    return found


def _is_number(said: Any) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool)


def _write_test(own: Values) -> Any:
    word, said = own["word"], own["v"]
    if word in ("exists", "absent"):
        return {"exists": word == "exists"}
    if word not in TESTS or not said:
        return None
    if word == "one_of":
        return {word: [number_of(part) for part in _split(said)]}
    return {word: said if word in ("contains", "starts_with", "before", "after", "within") else number_of(said)}


_READ: dict[Form, Callable[[dict[str, Any], str], dict[str, str] | None]] = {
    "count": _read_bounds,
    "amount": _read_bounds,
    "within": _read_within,
    "choice": _read_text,
    "names": _read_names,
    "text": _read_text,
    "number": _read_number,
    "test": _read_test,
}
_WRITE: dict[Form, Callable[[Values], Any]] = {
    "count": _write_bounds,
    "amount": _write_bounds,
    "within": _write_within,
    "choice": _write_text,
    "names": _write_names,
    "text": _write_text,
    "number": _write_number,
    "test": _write_test,
}
