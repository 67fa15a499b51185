"""Links of a message that is about to be sent: through this deployment, with the campaign's parameters."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from msgspec import Struct

from functions.notify.send_context import SendContext
from shared.domain.message_links.campaign_parameters import with_parameters
from shared.domain.message_links.message_link import CLICK_PATH, OPEN_PATH, PIXEL_END, LinkTokens, MessageLink
from shared.domain.message_links.tracked_content import TrackedLinks, product_addresses, tracked
from shared.domain.messages.request import SendRequest
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import Content, EmailContent, SmsContent
from shared.stores.short_links import ShortLinks


class MessageLinks(Struct, frozen=True):
    """Replaces links. ``public_url``: where the HTTP API answers; empty, nothing is followed."""

    tokens: LinkTokens
    short: ShortLinks
    public_url: str

    def follow(self, request: SendRequest, reading: SendContext, content: Content, now: datetime) -> Content:
        """The content as it is sent. Short links are durable when it returns.

        A text message whose links would cost a part more than its own addresses keeps these.

        Raises
        ------
        Throttled
            If the short links could not be stored now.
        """
        settings = reading.context.shop.links
        clicks = settings.follows(request.channel)
        if not self.public_url or not (clicks or settings.opens):
            return content
        said = {
            "channel": request.channel, "campaign": request.campaign or request.journey, "step": request.step,
            "template": request.template, "language": reading.context.language or "",
        }  # fmt: skip
        host = urlsplit(reading.context.shop.cart_url).hostname or ""
        short = isinstance(content, SmsContent)
        links = TrackedLinks(
            request.message_id,
            self._short_address if short else self._address,
            partial(with_parameters, parameters=tuple(settings.parameters(said).items()), host=host),
            product_addresses(reading.view),
            self.public_url,
        )
        pixel = self._pixel(request.message_id) if settings.opens and isinstance(content, EmailContent) else ""
        followed = tracked(content, links, clicks=clicks, pixel=pixel)
        if isinstance(content, SmsContent) and isinstance(followed, SmsContent):
            if sms_length(followed.text).parts > sms_length(content.text).parts:
                return content
            self.short.put_all([(self.tokens.short(link), link) for link in links.links.values()], now)
        return followed

    def _address(self, link: MessageLink) -> str:
        return f"{self.public_url}{CLICK_PATH}{self.tokens.make(link)}"

    def _short_address(self, link: MessageLink) -> str:
        return f"{self.public_url}/{self.tokens.short(link)}"

    def _pixel(self, message_id: str) -> str:
        return f"{self.public_url}{OPEN_PATH}{self.tokens.pixel(message_id)}{PIXEL_END}"
