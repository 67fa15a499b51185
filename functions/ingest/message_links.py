"""Links and pixels of our own messages: who clicks is sent on at once, and the click is an event of the customer.

A GET records, a HEAD does not. The address of a link is signed, so nobody can make one that leads elsewhere.
"""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from functions.ingest.message_events import about_message
from shared.domain.events.event import Event, EventType
from shared.domain.events.machine_reactions import by_user_agent
from shared.domain.identity.keys import IdentifierKeys, milliseconds, moment
from shared.domain.identity.signed_token import InvalidToken
from shared.domain.message_links.message_link import PIXEL_END, LinkTokens, MessageLink, is_short
from shared.ports import Conflict, Table
from shared.stores.event_items import event_item
from shared.stores.ledger import REACTION, Ledger
from shared.stores.short_links import KEPT, ShortLinks

log = logging.getLogger("kervan.ingest")

SOURCE = "kervan"
CLICKED = {"email": "Email Link Clicked", "sms": "SMS Link Clicked", "push": "Push Link Clicked"}
OPENED = "Email Opened"

_MINUTE = 60_000
_AGENT_LENGTH = 300
_PIXEL = base64.b64encode(base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")).decode()
"""A transparent GIF of one point."""
_HEADERS = {"cache-control": "no-store, private", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, as far as the request tells."""

    user_agent: str
    ip: str


@dataclass(frozen=True, slots=True)
class Reactions:
    """Records opens and clicks of our messages. Whatever goes wrong here, the person is sent on."""

    customers: Table
    messages: Table
    keys: IdentifierKeys

    def clicked(self, link: MessageLink, visitor: Visitor, now: datetime) -> None:
        """An event of the message's customer; a second click within the same minute is the same click."""
        about: dict[str, Any] = {"link": link.url, "link_number": link.number}
        about |= {"product_id": link.product} if link.product else {}
        self._note(link.message_id, f"click#{link.number}", about, visitor, now)

    def opened(self, message_id: str, visitor: Visitor, now: datetime) -> None:
        self._note(message_id, "open", {}, visitor, now)

    def _note(self, message_id: str, what: str, about: dict[str, Any], visitor: Visitor, now: datetime) -> None:
        record = Ledger(self.messages).get(message_id)
        if record is None or record.test:  # a test tells nothing of its recipient
            return
        time, repeated = self._when(message_id, what, visitor, now)
        if time is None:
            return
        machine = by_user_agent(visitor.user_agent)
        properties = about_message(record) | about | {"repeated": repeated} | ({"machine": machine} if machine else {})
        event = Event(
            type=EventType.TRACK,
            name=OPENED if what == "open" else CLICKED.get(record.channel, "Link Clicked"),
            message_id=f"{message_id}-{what.replace('#', '-')}-{milliseconds(time)}",
            time=time,
            received_at=now,
            source=SOURCE,
            channel=record.channel,
            trusted=True,
            identifiers=(),
            properties=properties,
            context={name: text for name, text in (("ip", visitor.ip), ("userAgent", visitor.user_agent)) if text},
        )
        self.customers.put_many([event_item(event, self.keys, home=record.home)])

    def _when(self, message_id: str, what: str, visitor: Visitor, now: datetime) -> tuple[datetime | None, bool]:
        """The time of the event, and whether it is a repetition; None if the same was noted in this minute.

        People and programs are told apart: a scanner's click does not make the person's a repetition. A repetition
        counts for its whole minute, so that an address that is called in a loop makes one event a minute.
        """
        by = "machine" if by_user_agent(visitor.user_agent) else "person"
        at = milliseconds(now)
        marker = {"pk": f"{REACTION}{message_id}", "sk": f"{what}#{by}"}
        expires = int((now + KEPT).timestamp())
        try:
            self.messages.put({**marker, "first_ms": at, "expires": expires}, expect={"pk": None})
        except Conflict:
            first = self.messages.get(marker["pk"], marker["sk"])
            minute = at - at % _MINUTE
            same = first is not None and minute <= int(first["first_ms"])
            return (None if same else moment(minute)), True
        return moment(at), False


@dataclass(frozen=True, slots=True)
class MessageLinkPages:
    """Answers of ``/l/{token}``, ``/o/{token}.gif`` and ``/{short link}``."""

    tokens: LinkTokens
    short: ShortLinks
    reactions: Reactions

    def click(self, method: str, token: str, visitor: Visitor, now: datetime) -> dict[str, Any]:
        """Sends the person on; 404 and a plain page for a token that was not made here."""
        try:
            link = self.tokens.read(token)
        except InvalidToken:
            return _page()
        return self._sent_on(method, link, visitor, now)

    def short_click(self, method: str, name: str, visitor: Visitor, now: datetime) -> dict[str, Any]:
        """The same for a link of a text message.

        Raises
        ------
        Throttled
            If the link cannot be read now.
        """
        link = self.short.get(name) if is_short(name) else None
        return _page() if link is None else self._sent_on(method, link, visitor, now)

    def open(self, method: str, token: str, visitor: Visitor, now: datetime) -> dict[str, Any]:
        """The picture, whatever the token: a mail program shows no error to anybody."""
        try:
            message_id = self.tokens.read_pixel(token.removesuffix(PIXEL_END))
        except InvalidToken:
            return _picture(404)
        if method == "GET":
            try:
                self.reactions.opened(message_id, visitor, now)
            except Exception as error:  # noqa: BLE001 - the picture is shown all the same
                log.warning("an open was not recorded: %s", type(error).__name__)
        return _picture(200)

    def _sent_on(self, method: str, link: MessageLink, visitor: Visitor, now: datetime) -> dict[str, Any]:
        if method == "GET":
            try:
                self.reactions.clicked(link, visitor, now)
            except Exception as error:  # noqa: BLE001 - nobody waits for our bookkeeping
                log.warning("a click was not recorded: %s", type(error).__name__)
        location = quote(link.url, safe="/:?#[]@!$&'()*+,;=%-._~")
        return {"statusCode": 302, "headers": {**_HEADERS, "location": location}, "body": "", "isBase64Encoded": False}


def visitor_of(headers: Any, ip: str) -> Visitor:
    """Who asks; what the request tells too much of is cut."""
    return Visitor(str(headers.get("user-agent", ""))[:_AGENT_LENGTH], ip[:45])


def _page() -> dict[str, Any]:
    from functions.ingest.unsubscribe import broken_link  # pages are imported where one is shown

    return broken_link()


def _picture(status: int) -> dict[str, Any]:
    headers = {**_HEADERS, "content-type": "image/gif"}
    return {"statusCode": status, "headers": headers, "body": _PIXEL, "isBase64Encoded": True}
