"""The part of Tabler's style sheet that the console uses: browsers read the whole of it for every page.

A rule stays if every class that it names stands somewhere in a template, script or module of the console, so a class
that is put together from two words does not count: write it out. ``.venv/bin/python -m tests.support.console_styles``
writes the part anew; a test says when that is needed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import tinycss2

WHOLE = Path(__file__).parent / "vendored" / "tabler.min.css.gz"
CONSOLE = Path(__file__).parents[2] / "functions" / "console"
PART = CONSOLE / "vendored" / WHOLE.name
LIST = CONSOLE / "vendored" / "vendored.json"
_SOURCES = (("templates", "*.html"), ("static", "*.js"), ("", "*.py"))
_GROUPS = {"media", "supports"}


def whole() -> str:
    """The style sheet as it is published."""
    return gzip.decompress(WHOLE.read_bytes()).decode()


@cache
def words() -> frozenset[str]:
    """Every word of the console's templates, scripts and modules, a class or not."""
    files = (file for folder, kind in _SOURCES for file in (CONSOLE / folder).glob(kind))
    return frozenset(word for file in files for word in re.findall(r"[A-Za-z_][\w-]*", file.read_text()))


def part_of(sheet: str, used: Iterable[str]) -> str:
    """The rules of a style sheet that an element with these classes may need, in their order; keyframes, properties
    and comments stay."""
    return "".join(_kept(tinycss2.parse_stylesheet(sheet, skip_whitespace=True), frozenset(used)))


def _kept(rules: Sequence[Any], used: frozenset[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [one for one in _selectors(rule.prelude) if used.issuperset(_classes(one))]
            if selectors:
                named = ",".join(tinycss2.serialize(one).strip() for one in selectors)
                yield f"{named}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in _GROUPS:
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), used))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        else:
            yield rule.serialize()


def _selectors(prelude: Sequence[Any]) -> Iterator[list[Any]]:
    """What stands between the commas."""
    one: list[Any] = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def _classes(selector: Sequence[Any]) -> Iterator[str]:
    """The classes that an element, or one around it, must have. What stands in ``:not()`` or ``:is()`` need not be."""
    before = ""
    for token in selector:
        if token.type == "ident" and before == ".":
            yield token.value
        before = token.value if token.type == "literal" else ""


def write() -> None:
    """Writes the part, and its digest into the list."""
    content = part_of(whole(), words()).encode()
    PART.write_bytes(gzip.compress(content, 9, mtime=0))
    rows = json.loads(LIST.read_text())
    for row in rows:
        if row["file"] == PART.name.removesuffix(".gz"):
            row["sha256"] = hashlib.sha256(content).hexdigest()
            row["part_of"] = hashlib.sha256(whole().encode()).hexdigest()
    LIST.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    write()
