"""The plain text of an e-mail, made from its HTML: for readers without HTML, and for filters that expect both."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "tr", "table", "br", "h1", "h2", "h3", "h4", "li", "ul", "ol", "hr"})
_SILENT = frozenset({"head", "style", "script", "title"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "source", "wbr"})


def text_alternative(html: str) -> str:
    """Visible text in reading order, one blank line between blocks at most; a link is followed by its address.

    >>> text_alternative('<p>Merhaba</p><p><a href="https://x.test/c">Sepete dön</a></p>')
    'Merhaba\\n\\nSepete dön: https://x.test/c\\n'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.pieces).split("\n")]
    text = re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip()
    return text + "\n" if text else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []
        self._link: str | None = None
        self._mark = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag not in _VOID and (self._silent or tag in _SILENT or _HIDDEN.search(found.get("style", ""))):
            self._silent.append(tag)
            return
        if self._silent:
            return
        if tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag == "td":
            self.pieces.append(" ")
        elif tag == "a":
            self._link, self._mark = found.get("href", ""), len(self.pieces)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag == "a" and self._link:
            if "".join(self.pieces[self._mark :]).strip():
                self.pieces.append(f": {self._link}")
            self._link = None
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data.replace("\n", " "))
