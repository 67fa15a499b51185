"""The plain text of an e-mail as a template of its own, made from the HTML template when a release is published.

Rendering it and ``finish_text`` give what ``text_alternative`` makes of the rendered HTML, without parsing HTML for
each message. Liquid tags stay as they are.

It is not made where a value decides what is markup: whether an element is hidden, how a tag is named, a branch that
opens an element which it does not close. The text of such a template is made from the HTML of each message.
"""

from __future__ import annotations

import re
from html import escape, unescape

from shared.domain.templates.finish_text import ADDRESS, BREAK, CELL, LINK, LINK_END, MARKS, MARKUP
from shared.domain.templates.text_alternative import BLOCKS, HtmlReader

_TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_OPEN, _CLOSE = "\ue000", "\ue001"
_HELD = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_BESIDE_MARKUP = re.compile(f"<[^<>\\s]*{_OPEN}")
_REFERENCE = re.compile(r"&#?[A-Za-z0-9]+;?")
_BRAND = re.compile(r"\{\{ shop\.brand\.[a-z_]+ \}\}")
"""Colours and fonts are checked when they are published: in a style they hide nothing."""
_NAME = re.compile(r"\{%\s*([a-z]+)")
_LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_BLANK_RUN = re.compile(f"[ ]*{BREAK}(?:[ ]*{BREAK})+[ ]*")
_OPENING = frozenset({"if", "unless", "for", "case"})
_BRANCHES = frozenset({"else", "elsif", "when"})


class _DependsOnValues(Exception):
    """What is markup depends on values."""


def text_template(html: str) -> str | None:
    """The text template of an HTML template; None if the text has to be made from the HTML of each message.

    >>> text_template('<p>Merhaba {{ customer.first_name }}</p>').replace(BREAK, '|')
    '|Merhaba {{ customer.first_name }}|'
    """
    if any(mark in html for mark in (*MARKS, _OPEN, _CLOSE)):
        return None
    tokens: list[str] = []

    def held(found: re.Match[str]) -> str:
        tokens.append(found[0])
        return f"{_OPEN}{len(tokens) - 1}{_CLOSE}"

    source = _REFERENCE.sub(_as_markup, _TOKEN.sub(held, html))
    if _BESIDE_MARKUP.search(source) or any(map(_changes_markup, tokens)):
        return None
    reader = _TextReader(tokens)
    try:
        reader.feed(source)
        reader.close()
        reader.at_end()
    except _DependsOnValues:
        return None
    text = _BLANK_RUN.sub(BREAK + BREAK, "".join(reader.pieces))
    return _HELD.sub(lambda found: tokens[int(found[1])], text)


def _as_markup(found: re.Match[str]) -> str:
    """White space that is written as a reference is no white space for Liquid."""
    return f"{MARKUP}{found[0]}{MARKUP}" if unescape(found[0]).isspace() else found[0]


def _changes_markup(token: str) -> bool:
    """It strips white space of the HTML around it, or its own words hold markup, which Liquid does not escape."""
    if token[2] == "-" or token[-3] == "-":
        return True
    return any(set("<>\"'") & set(one or other) for one, other in _LITERAL.findall(token))


class _TextReader(HtmlReader):
    """Reads an HTML template with numbers in the place of Liquid tags, and writes marks."""

    def __init__(self, tokens: list[str]) -> None:
        super().__init__()
        self._tokens = tokens
        self._blocks = _Blocks()

    def begin(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append(BREAK)
        elif tag == "td":
            self.pieces.append(CELL)
        elif tag == "a":
            self.pieces.append(LINK)

    def end(self, tag: str, link: str | None) -> None:
        if link:
            self.pieces.append(f"{ADDRESS}{escape(link, quote=False)}{LINK_END}")
        elif tag in BLOCKS:
            self.pieces.append(BREAK)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            self._check_attribute(name, value or "")
        self._markup()
        super().handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        self._markup()
        super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        """Tags of Liquid are kept in hidden elements too, so that what is opened is closed; values are not."""
        for place, part in enumerate(_HELD.split(data)):
            token = self._tokens[int(part)] if place % 2 else ""
            if token.startswith("{%"):
                self._blocks.step(_name(token), (*self.silent, self.link))
            if token.startswith("{%") or (token and not self.silent):
                self.pieces.append(f"{_OPEN}{part}{_CLOSE}")
            elif not token and not self.silent:
                self.pieces.append(escape(_SPACE.sub(" ", part), quote=False))

    def handle_comment(self, data: str) -> None:
        self._check_left_out(data)

    def handle_decl(self, decl: str) -> None:
        self._check_left_out(decl)

    def unknown_decl(self, data: str) -> None:
        self._check_left_out(data)

    def handle_pi(self, data: str) -> None:
        self._check_left_out(data)

    def at_end(self) -> None:
        self._blocks.at_end()

    def _check_attribute(self, name: str, value: str) -> None:
        """The address of a link may hold values; other attributes are left out with the Liquid in them."""
        found = self._found(value)
        if self._found(name) or (name == "style" and (MARKUP in value or not all(map(_BRAND.fullmatch, found)))):
            raise _DependsOnValues
        if name != "href":
            self._check_left_out(value)
        elif any(token.startswith("{%") for token in found):
            raise _DependsOnValues

    def _markup(self) -> None:
        if self._blocks.any_open:
            self.pieces.append(MARKUP)

    def _check_left_out(self, text: str) -> None:
        """What is left out must be whole: blocks that are closed, and nothing that is used elsewhere."""
        self._markup()
        blocks = _Blocks()
        for token in self._found(text):
            if token.startswith("{%"):
                name = _name(token)
                if name == "assign":
                    raise _DependsOnValues
                blocks.step(name, ())
        blocks.at_end()

    def _found(self, text: str) -> list[str]:
        if text.count(_OPEN) != len(_HELD.findall(text)):
            raise _DependsOnValues
        return [self._tokens[int(number)] for number in _HELD.findall(text)]


class _Blocks:
    """The open blocks of Liquid, each with where in the HTML it began: every branch must end there."""

    def __init__(self) -> None:
        self._open: list[tuple[str, tuple[str | None, ...]]] = []

    @property
    def any_open(self) -> bool:
        return bool(self._open)

    def step(self, name: str, here: tuple[str | None, ...]) -> None:
        if name in _OPENING:
            self._open.append((name, here))
            return
        if name == "assign":
            return
        ended = name.removeprefix("end")
        if (name not in _BRANCHES and ended not in _OPENING) or not self._open or self._open[-1][1] != here:
            raise _DependsOnValues
        if name not in _BRANCHES and self._open.pop()[0] != ended:
            raise _DependsOnValues

    def at_end(self) -> None:
        if self._open:
            raise _DependsOnValues


def _name(token: str) -> str:
    found = _NAME.match(token)
    return found[1] if found else ""
