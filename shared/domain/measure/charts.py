"""Pictures of a table: bars, lines and a matrix, as HTML and SVG without script.

Text is HTML, so that it has its size on a phone; shapes are SVG, so that they are printed. Nothing is told by colour
alone: bars have their number beside them, lines differ in dashes, cells of a matrix hold their number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from shared.domain.measure.value_text import Language, value_text

Table = Mapping[str, Any]
MOST_BARS = 20
SHADES = 20
"""Steps of a cell's colour, from ``shade0`` on. They are classes: pages with a strict policy take no ``style``."""
_CLASS = re.compile(r"\d+(-\d+)?[+%]?")
_DASHES = ("", "6 4", "2 3", "10 3 2 3")


def chart(table: Table, language: Language, currency: str) -> str:
    """The picture that the table asks for; "" if there is none or nothing to see."""
    asked = table["chart"]
    if not asked or not table["rows"]:
        return ""
    draw = {"bars": _bars, "lines": _lines, "matrix": _matrix}[asked["kind"]]
    return draw(table, language, currency)


def _bars(table: Table, language: Language, currency: str) -> str:
    asked = table["chart"]
    columns = {column["name"]: column for column in table["columns"]}
    rows = [row for row in table["rows"] if any(row[name] for name in asked["y"])][:MOST_BARS]
    most = max((row[name] or 0 for row in rows for name in asked["y"]), default=0)
    if most <= 0:
        return ""
    parts = []
    for row in rows:
        label = " · ".join(value_text(row[name], columns[name]["kind"], language) for name in _label(table, row))
        parts.append(f'<p class="label">{escape(label)}</p>')
        for place, name in enumerate(asked["y"]):
            shown = escape(value_text(row[name], columns[name]["kind"], language, currency))
            width = 100 * max(0, row[name] or 0) / most
            parts.append(
                f'<div class="bar"><svg aria-hidden="true"><rect class="fill{place}" width="{width:.2f}%" height="100%"'
                f"/></svg><span>{shown}</span></div>"
            )
    titles = _titles(table, language)
    names = [titles[name] for name in asked["y"]]
    return f'<figure class="bars">{_legend(names, lines=False)}{"".join(parts)}</figure>'


def _label(table: Table, row: Mapping[str, Any]) -> list[str]:
    """All that names the row: two bars must not have the same label."""
    return [name for name in table["key"] if row[name] not in (None, "")] or [table["chart"]["x"]]


def _lines(table: Table, language: Language, currency: str) -> str:
    asked = table["chart"]
    columns = {column["name"]: column for column in table["columns"]}
    across = _values(table, asked["x"])
    series = _series(table, language)
    most = max((value for _, values in series for value in values.values()), default=0)
    if most <= 0 or len(across) < 2:
        return ""
    drawn = []
    for place, (_, values) in enumerate(series):
        points = " ".join(
            f"{100 * n / (len(across) - 1):.2f},{100 - 100 * max(0, values.get(x, 0)) / most:.2f}"
            for n, x in enumerate(across)
        )
        drawn.append(f'<polyline class="line{place}" stroke-dasharray="{_DASHES[place]}" points="{points}"/>')
    top = escape(value_text(most, columns[asked["y"][0]]["kind"], language, currency))
    ends = [escape(str(across[place])) for place in (0, -1)]
    said = escape(table["title"][language])
    names = [name for name, _ in series]
    return (
        f'<figure class="lines">{_legend(names, lines=True)}<p class="axis"><span>{top}</span></p>'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f'<path class="grid" d="M0 0H100M0 50H100M0 100H100"/>{"".join(drawn)}</svg>'
        f'<p class="axis"><span>{ends[0]}</span><span>{ends[1]}</span></p></figure>'
    )


def _series(table: Table, language: Language) -> list[tuple[str, dict[Any, Any]]]:
    """Of each line its name and its values: one per column, or one of the largest values of ``by``."""
    asked, rows = table["chart"], table["rows"]
    x, y = asked["x"], asked["y"]
    if not asked["by"]:
        titles = _titles(table, language)
        return [(titles[name], {row[x]: row[name] or 0 for row in rows}) for name in y]
    found: dict[str, dict[Any, Any]] = {}
    for row in rows:
        found.setdefault(row[asked["by"]], {})[row[x]] = row[y[0]] or 0
    largest = sorted(found.items(), key=lambda one: (-max(one[1].values()), one[0]))
    return [(value_text(name, "text", language), values) for name, values in largest[: len(_DASHES)]]


def _titles(table: Table, language: Language) -> dict[str, str]:
    return {column["name"]: column["title"][language] for column in table["columns"]}


def _legend(names: Sequence[str], *, lines: bool) -> str:
    items = []
    for place, name in enumerate(names):
        shape = (
            f'<line class="line{place}" stroke-dasharray="{_DASHES[place]}" x1="0" x2="28" y1="6" y2="6"/>'
            if lines
            else f'<rect class="fill{place}" width="28" height="12"/>'
        )
        items.append(f'<span><svg class="sign" aria-hidden="true">{shape}</svg>{escape(name)}</span>')
    return f'<figcaption class="legend">{"".join(items)}</figcaption>'


MANY_ACROSS = 12
"""Columns of a matrix that is set smaller, so that the hours of a day fit a desktop."""


def _matrix(table: Table, language: Language, currency: str) -> str:
    asked = table["chart"]
    columns = {column["name"]: column for column in table["columns"]}
    value = asked["y"][0]
    across, down = _values(table, asked["x"]), _values(table, asked["by"])
    cells = {(row[asked["by"]], row[asked["x"]]): row[value] for row in table["rows"]}
    most = max((one or 0 for one in cells.values()), default=0) or 1

    def said(name: str, one: Any) -> str:
        return escape(value_text(one, columns[name]["kind"], language, currency))

    head = "".join(f'<th scope="col">{said(asked["x"], one)}</th>' for one in across)
    lines = []
    for one in down:
        shown = "".join(_cell(cells.get((one, other)), most, value, said) for other in across)
        lines.append(f'<tr><th scope="row">{said(asked["by"], one)}</th>{shown}</tr>')
    titles = {name: escape(columns[name]["title"][language]) for name in (asked["x"], asked["by"], value)}
    caption = f"{titles[value]}: {titles[asked['by']]} ↓ {titles[asked['x']]} →"
    dense = " dense" if len(across) > MANY_ACROSS else ""
    return (
        f'<figure><div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="matrix{dense}">'
        f"<caption>{caption}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        f"</div></figure>"
    )


def _cell(value: Any, most: float, name: str, said: Any) -> str:
    if value is None:
        return "<td></td>"
    strength = max(0.0, min(1.0, value / most))
    return f'<td class="shade{round(SHADES * strength)}">{said(name, value)}</td>'


def _values(table: Table, name: str) -> Sequence[Any]:
    """Numbers, dates and classes of numbers (`0-30`, `4+`) in their order, words in the order of the rows."""
    found = list(dict.fromkeys(row[name] for row in table["rows"]))
    kind = next(column["kind"] for column in table["columns"] if column["name"] == name)
    if kind != "text":
        return sorted(found)
    classes = [_CLASS.fullmatch(str(one)) for one in found]
    return sorted(found, key=lambda one: int(re.split(r"[-+%]", one)[0])) if all(classes) else found
