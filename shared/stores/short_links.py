"""Links of text messages, stored under short names in ``messages``.

Item: ``pk`` ``link#<name>``, ``sk`` ``link``; the message, the number of the link, where it leads, and the product.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.message_links.message_link import MessageLink
from shared.ports import Table

PREFIX = "link#"
SK = "link"
KEPT = timedelta(days=400)
"""How long a link in an SMS leads somewhere."""


class ShortLinks:
    def __init__(self, messages: Table) -> None:
        self._messages = messages

    def put_all(self, links: Iterable[tuple[str, MessageLink]], now: datetime) -> None:
        """Stores names and links; durable when it returns. The same again changes nothing."""
        expires = int((now + KEPT).timestamp())
        items = [
            {"pk": PREFIX + name, "sk": SK, "message": link.message_id, "number": link.number, "url": link.url,
             "expires": expires} | ({"product": link.product} if link.product else {})
            for name, link in links
        ]  # fmt: skip
        if items:
            self._messages.put_many(items)

    def get(self, name: str) -> MessageLink | None:
        item = self._messages.get(PREFIX + name, SK)
        if item is None:
            return None
        return MessageLink(str(item["message"]), int(item["number"]), str(item["url"]), str(item.get("product", "")))
