"""The words of an HTML mail. A maintained library (nh3) takes out what could do harm; the rest is read as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST_TAGS = 3_000
"""Tags that are read. The library's work grows faster than their number: 3,000 hostile ones take a second."""
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"}
)
_TAG = re.compile(r"<[a-zA-Z/!?]")
_EMPTY_LINES = re.compile(r"\n{3,}")


def text_of_html(html: str) -> str:
    """Lines of text; a link that says something else than its address shows the address behind it."""
    import nh3

    clean = nh3.clean(
        _bounded(html),
        tags=set(_BLOCKS | {"a"}),
        clean_content_tags={"script", "style", "title", "svg", "math", "template", "noscript", "iframe", "object"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
        strip_comments=True,
    )
    reader = _Lines()
    reader.feed(clean)
    reader.close()
    return reader.text()


def _bounded(html: str) -> str:
    """The beginning of it, up to so many tags."""
    for number, found in enumerate(_TAG.finditer(html)):
        if number == MOST_TAGS:
            return html[: found.start()]
    return html


class _Lines(HTMLParser):
    """Reads what was cleaned before."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._href = ""
        self._link_from = 0
        self._quotes = 0

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href, self._link_from = dict(attrs).get("href") or "", len(self._parts)
            return
        self._quotes += tag == "blockquote"
        self._line(2 if tag == "p" else 1)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            said = "".join(self._parts[self._link_from :]).strip()
            address = self._href.removeprefix("mailto:")
            if address and said != address and said.rstrip("/") != address.rstrip("/"):
                self._parts.append(f" <{address}>")
            self._href = ""
            return
        self._quotes = max(0, self._quotes - (tag == "blockquote"))
        self._line(1)

    def handle_data(self, data: str) -> None:
        self._parts.append(" ".join(data.split("\n")))

    def _line(self, breaks: int) -> None:
        self._parts.append("\n" * breaks + "> " * min(self._quotes, 1))
