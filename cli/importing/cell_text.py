"""The text of a cell without what a spreadsheet puts around it to keep it from being read as a number or a formula."""

from __future__ import annotations

import re

_SHIELDED = re.compile(r"'(?!.*'$)(?:\s*[-+=@\d]|\S*[\d@]\S*$)", re.DOTALL)
"""A number, a formula, or one word with a digit or an at sign: ``'L7``. ``'t Hooft`` is a name."""
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')


def cell_text(cell: str) -> str:
    """The text, without the apostrophe of ``'+90555...`` and without the formula of ``="007"``.

    >>> cell_text("'007"), cell_text('="007"'), cell_text("'t Hooft")
    ('007', '007', "'t Hooft")
    """
    text = cell.strip()
    if text[:1] not in {"'", "="}:
        return text
    formula = _AS_TEXT.fullmatch(text)
    if formula:
        return formula[1].replace('""', '"').strip()
    return text[1:].strip() if _SHIELDED.match(text) else text
