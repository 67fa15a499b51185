"""The lines of a request: several under ``lines``, or one written into the body itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from shared.domain.stock.movement import Place
from shared.domain.stock.request import MOST_LEVELS, MOST_LINES, Line, LineKind, steps_of
from shared.http.answers import malformed
from shared.operators.stock.fields import LOCATION_LENGTH, SKU_LENGTH, one_of, only, quantity, text

LINE_KINDS = ("sale", "return", "receipt", "transfer", "count", "reserve")
ARRIVALS = ("", "expected", "arrived")
LINE_FIELDS = frozenset({"kind", "sku", "location", "quantity", "to", "arrival"})


def read_lines(body: Mapping[str, Any], *, kind: str | None = None) -> list[Line]:
    """The lines; what a line does not say of kind, location, ``to`` and arrival, the body says. ``kind``: the only one.

    Raises
    ------
    Problem
        400 with the line that is wrong.
    """
    given = body.get("lines")
    if given is None:
        rows: list[Any] = [{name: body[name] for name in LINE_FIELDS & body.keys()}]
    elif "sku" in body or "quantity" in body:
        raise malformed("write sku and quantity into the lines, or leave lines out")
    elif not isinstance(given, list) or not 1 <= len(given) <= MOST_LINES:
        raise malformed(f"lines must be a list of 1 to {MOST_LINES} lines")
    else:
        rows = given
    common = {name: body[name] for name in ("kind", "location", "to", "arrival") if name in body}
    return [_line(row, common, kind, "" if given is None else f"line {place}: ") for place, row in enumerate(rows)]


def check_together(lines: Sequence[Line]) -> None:
    """Refuse lines that no transaction can hold. Raises Problem (400)."""
    if len({step.place for _, step in steps_of(lines)}) > MOST_LEVELS:
        raise malformed(f"the lines name more than {MOST_LEVELS} levels (a sku at a location); send two requests")


def _line(row: Any, common: Mapping[str, Any], kind: str | None, where: str) -> Line:
    if not isinstance(row, dict):
        raise malformed(f"{where}a line must be an object with sku and quantity")
    only(row, LINE_FIELDS, where)
    said = {**common, **row}
    what = kind or one_of(said, "kind", LINE_KINDS, "", where)
    if kind is not None and said.get("kind", kind) != kind:
        raise malformed(f"{where}kind must be {kind} here")
    arrival = one_of(said, "arrival", ARRIVALS, "", where)
    if arrival and (what, arrival) not in {("receipt", "expected"), ("receipt", "arrived"), ("transfer", "expected")}:
        raise malformed(f"{where}arrival is said of a receipt (expected, arrived) or a transfer (expected)")
    place = Place(text(said, "sku", SKU_LENGTH, where), text(said, "location", LOCATION_LENGTH, where))
    to = text(said, "to", LOCATION_LENGTH, where) if what == "transfer" else ""
    if what != "transfer" and said.get("to") is not None:
        raise malformed(f"{where}to is said of a transfer only")
    if to == place.location:
        raise malformed(f"{where}a transfer goes to another location")
    many = quantity(said, "quantity", 0 if what == "count" else 1, where)
    return Line(cast("LineKind", what), place.sku, place.location, many, to, arrival)  # type: ignore[arg-type]
