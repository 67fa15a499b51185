"""The plain text of an e-mail, made from its HTML: for readers without HTML, and for filters that expect both."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from shared.domain.templates.finish_text import tidy

BLOCKS = frozenset({"p", "div", "tr", "table", "br", "h1", "h2", "h3", "h4", "li", "ul", "ol", "hr"})
_SILENT = frozenset({"head", "style", "script", "title"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "source", "wbr"})


def text_alternative(html: str) -> str:
    """Visible text in reading order, one blank line between blocks at most; a link is followed by its address.

    >>> text_alternative('<p>Merhaba</p><p><a href="https://x.test/c">Sepete dön</a></p>')
    'Merhaba\\n\\nSepete dön: https://x.test/c\\n'
    """
    reader = _PlainReader()
    reader.feed(html)
    reader.close()
    return tidy("".join(reader.pieces).split("\n"))


class HtmlReader(HTMLParser):
    """Walks over HTML: says which elements begin and end where they are visible, and which link is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent: list[str] = []
        """The hidden element that is open, with what is open in it."""
        self.link: str | None = None

    def begin(self, tag: str) -> None:
        """A visible element begins."""
        raise NotImplementedError

    def end(self, tag: str, link: str | None) -> None:
        """A visible element ends; ``link`` is its address, if it is a link that has one."""
        raise NotImplementedError

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag not in _VOID and (self.silent or tag in _SILENT or _HIDDEN.search(found.get("style", ""))):
            self.silent.append(tag)
        elif not self.silent:
            if tag == "a":
                self.link = found.get("href", "")
            self.begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if tag == self.silent[-1]:
                self.silent.pop()
            return
        link = self.link if tag == "a" else None
        self.end(tag, link)
        if link:
            self.link = None


class _PlainReader(HtmlReader):
    def __init__(self) -> None:
        super().__init__()
        self._mark = 0

    def begin(self, tag: str) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")
        elif tag == "td":
            self.pieces.append(" ")
        elif tag == "a":
            self._mark = len(self.pieces)

    def end(self, tag: str, link: str | None) -> None:
        if link:
            if "".join(self.pieces[self._mark :]).strip():
                self.pieces.append(f": {link}")
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data.replace("\n", " "))
