"""The last step to the plain text of an e-mail: marks of the text template become line breaks and links' addresses."""

from __future__ import annotations

import re
from html import unescape

BREAK, CELL, LINK, ADDRESS, LINK_END, MARKUP = MARKS = ("\x01", "\x02", "\x03", "\x04", "\x05", "\x06")
"""A block begins or ends; a cell begins; a link begins, its address follows, it ends; there was markup, which shows
nothing, but a branch that holds it is not blank, and blank ones Liquid leaves out. Control characters: no value that a
template can show holds one, and Liquid does not strip them as white space."""

_LINKS = re.compile(f"{LINK}([^{LINK}{ADDRESS}{LINK_END}]*){ADDRESS}([^{LINK}{ADDRESS}{LINK_END}]*){LINK_END}")
_BLANK_LINES = re.compile(r"\n{2,}")
_BLANKS = str.maketrans({BREAK: " ", CELL: " "})


def finish_text(rendered: str) -> str:
    """What ``text_alternative`` makes of the HTML, from a rendered text template (values escaped as for HTML)."""
    text = rendered.replace(MARKUP, "")
    text = unescape(text) if "&" in text else text
    text = _LINKS.sub(_link, text).replace(CELL, " ").replace(LINK, "")
    return tidy(text.split(BREAK))


def tidy(lines: list[str]) -> str:
    """Lines with single spaces, at most one blank line between two, a line break at the end of a text."""
    text = _BLANK_LINES.sub("\n\n", "\n".join([" ".join(line.split()) for line in lines])).strip()
    return text + "\n" if text else ""


def _link(found: re.Match[str]) -> str:
    """The address stands behind a link that shows any text."""
    shown, address = found[1], found[2]
    return f"{shown}: {address}" if address and shown.translate(_BLANKS).strip() else shown
