"""What is sent, with its links leading through this deployment, and the pixel of an e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from shared.domain.message_links.message_link import MessageLink, may_lead_to
from shared.domain.templates.content import Content, EmailContent, PushContent, SmsContent

MOST_LINKS = 100
"""Links of one message that are followed; further ones lead straight to their address."""
_HREF = re.compile(r"(<(?:a|area)\b[^>]*?\shref\s*=\s*)(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_ADDRESS = re.compile(r"https://[^\s\"'<>\\^`{|}]+[^\s\"'<>\\^`{|}.,;:!?)\]]")
_END = re.compile(r"</body\s*>", re.IGNORECASE)


class TrackedLinks(Struct):
    """The links of one message; the same address has the same number wherever it stands.

    Parameters
    ----------
    address_of
        What stands in the message instead: the address of the redirect.
    decorate
        Adds campaign parameters to an address.
    products
        Address of a product to its id.
    own
        The address of this deployment; what begins with it stays as it is.
    """

    message_id: str
    address_of: Callable[[MessageLink], str]
    decorate: Callable[[str], str]
    products: Mapping[str, str]
    own: str
    links: dict[str, MessageLink] = field(default_factory=dict)
    _made: dict[str, str] = field(default_factory=dict)

    def url(self, address: str) -> str:
        """The address of the redirect, or ``address`` itself where it is none that may be followed."""
        made = self._made.get(address)
        if made is None:
            made = self._made[address] = self._followed(address)
        return made

    def _followed(self, address: str) -> str:
        if not may_lead_to(address) or (self.own and address.startswith(self.own)) or len(self.links) >= MOST_LINKS:
            return address
        url = self.decorate(address)
        if not may_lead_to(url):
            url = address
        link = MessageLink(self.message_id, len(self.links) + 1, url, self.products.get(address, ""))
        self.links[address] = link
        return self.address_of(link)

    def html(self, html: str) -> str:
        """Links of ``a`` and ``area``; everything else stays, letter by letter."""

        known: dict[str, str] = {}

        def quoted(written: str) -> str:
            address = unescape(written[1:-1]).strip()
            tracked = self.url(address)
            return written if tracked == address else f'"{escape(tracked)}"'

        def replaced(found: re.Match[str]) -> str:
            written = found[2]
            if written not in known:
                known[written] = quoted(written)
            return found[1] + known[written]

        return _HREF.sub(replaced, html)

    def text(self, text: str) -> str:
        """Addresses that stand in a text; a full stop or a bracket behind one is not part of it."""
        return _ADDRESS.sub(lambda found: self.url(found[0]), text)


def tracked(content: Content, links: TrackedLinks, *, clicks: bool, pixel: str = "") -> Content:
    """The content with its links replaced (if ``clicks``), and with the picture ``pixel`` at the end of an e-mail."""
    match content:
        case EmailContent(subject, html, text):
            if clicks:
                html, text = links.html(html), links.text(text)
            return EmailContent(subject, _with_pixel(html, pixel), text)
        case SmsContent(text):
            return SmsContent(links.text(text)) if clicks else content
        case PushContent():
            return replace(content, url=links.url(content.url)) if clicks else content


def product_addresses(view: Mapping[str, Any]) -> dict[str, str]:
    """Address to the id of the product that it leads to, of all products that a message may show.

    An address that several products share (the cart's) names none of them.
    """
    found: dict[str, set[str]] = {}
    groups = (view.get(name) for name in ("cart", "order", "recommended", "store", "guide"))
    items = [item for group in groups if isinstance(group, dict) for item in group.get("items") or ()]
    for item in (*items, view.get("product")):
        if isinstance(item, dict) and item.get("url") and item.get("id"):
            found.setdefault(str(item["url"]), set()).add(str(item["id"]))
    return {url: next(iter(products)) for url, products in found.items() if len(products) == 1}


def _with_pixel(html: str, pixel: str) -> str:
    if not pixel:
        return html
    image = f'<img src="{escape(pixel)}" width="1" height="1" alt="" style="display:block;border:0">'
    end = _END.search(html)
    return html[: end.start()] + image + html[end.start() :] if end else html + image
