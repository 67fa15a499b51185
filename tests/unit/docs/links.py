"""Reads the headings, anchors and relative links of a Markdown file as GitHub does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\">")
_LINK = re.compile(r"\[[^\]]*\]\(\s*([^)\s]+)\s*\)")
_CODE = re.compile(r"`[^`\n]+`")


def without_code_blocks(text: str) -> str:
    """The text without fenced blocks: a ``#`` in them is no heading and a bracket no link."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[str]:
    """The headings of all levels, in their order."""
    return _HEADING.findall(without_code_blocks(text))


def anchors(text: str) -> set[str]:
    """What ``#...`` may name: the slug of each heading (numbered if it is repeated) and each ``<a id="...">``."""
    found = set(_ANCHOR.findall(text))
    times: dict[str, int] = {}
    for heading in headings(text):
        slug = _slug(heading)
        count = times.get(slug, 0)
        times[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def relative_links(text: str) -> list[str]:
    """The targets of links that lead to no other site. Code is left out: ``[x](y)`` may be an example in it."""
    targets = _LINK.findall(_CODE.sub("", without_code_blocks(text)))
    return [target for target in targets if not re.match(r"[a-z][a-z0-9+.-]*:|//", target)]


def broken_links(file: Path) -> Iterator[str]:
    """The relative links of a file that name no file, or no anchor of the file that they name."""
    text = file.read_text("utf-8")
    for link in relative_links(text):
        path, _, anchor = link.partition("#")
        target = (file.parent / path) if path else file
        if not target.exists():
            yield f"{file}: {link}: no such file"
        elif anchor and anchor not in anchors(target.read_text("utf-8")):
            yield f"{file}: {link}: no such heading"


def _slug(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
