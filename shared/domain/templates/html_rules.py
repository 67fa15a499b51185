"""What the HTML of an e-mail must keep to: links, pictures, its size, and colours for dark mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

CLIPPED_AT = 102 * 1024
"""Bytes of HTML that Gmail shows; what comes after is behind a link, and the footer with it."""
LONGER_LINK = 260
"""Bytes by which a link grows when it leads through the deployment."""
_DARK = re.compile(r"prefers-color-scheme\s*:\s*dark", re.IGNORECASE)
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::[0-9]+)?(?:/|$)")


@dataclass(frozen=True, slots=True)
class Finding:
    """``warning``: it may be published, and looks worse than it could."""

    message: str
    remedy: str
    warning: bool = False


def html_findings(html: str) -> Iterator[Finding]:
    """Everything that is wrong with a rendered e-mail, each kind once."""
    read = _Elements()
    read.feed(html)
    read.close()
    for url in read.links:
        if not allowed_link(url):
            yield Finding(f"a link leads to {_shown(url)}", "write an https, mailto or tel address")
            break
    for source in read.pictures:
        if not source.startswith("https://") and not _LOOPBACK.match(source):
            yield Finding(f"a picture is loaded from {_shown(source)}", "give it an https address")
            break
    if read.without_text:
        yield Finding(
            "a picture has no alternative text, so whoever does not see it learns nothing",
            'add alt="what it shows", or alt="" if it only decorates',
        )
    size = sent_size(html, len(read.links))
    if size > CLIPPED_AT:
        yield Finding(
            f"it has {size // 1024} KB of HTML when it is sent; Gmail cuts it at 102 KB, and the footer with it",
            "show fewer products, or take styles out",
        )
    if not _DARK.search(html):
        yield Finding(
            "it has no colours for dark mode, so a reader in dark mode gets what his app makes of it",
            'begin it with <mj-include path="head" />, or add @media (prefers-color-scheme: dark) to an <mj-style>',
            warning=True,
        )


def allowed_link(url: str) -> bool:
    """True if a message may lead there: https, mail, telephone; http only on this machine, where a shop is tried."""
    return url.startswith(("https://", "mailto:", "tel:")) or bool(_LOOPBACK.match(url))


def sent_size(html: str, links: int) -> int:
    """Bytes at the most, once links lead through the deployment and the pixel is in it."""
    return len(html.encode()) + (links + 1) * LONGER_LINK


def _shown(url: str) -> str:
    return repr(url[:60]) if url else "nowhere"


@dataclass
class _Elements(HTMLParser):
    links: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    without_text: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag in {"a", "area"} and "href" in found:
            self.links.append((found["href"] or "").strip())
        if tag == "img":
            self.pictures.append((found.get("src") or "").strip())
            self.without_text = self.without_text or "alt" not in found
