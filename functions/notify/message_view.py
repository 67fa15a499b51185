"""What the template of one message can say: read and made right before the message is sent."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.consent.recipient_tokens import (
    PATH,
    PREFERENCES_PATH,
    InvalidToken,
    RecipientLink,
    RecipientTokens,
)
from shared.domain.consent.sign_up import CONFIRM_PATH
from shared.domain.definitions.release import Release
from shared.domain.journeys.enrollment import Enrollment
from shared.domain.messages.address import Address
from shared.domain.messages.gates import language_of
from shared.domain.messages.message import Skipped
from shared.domain.messages.request import SendRequest
from shared.domain.profile.profile import Profile
from shared.domain.stock.of_now import StockOfNow
from shared.domain.templates.definition import Template
from shared.domain.templates.product_of_now import ProductsOfNow
from shared.domain.templates.refresh_products import Refreshed, asks_stock, products_of, refreshed
from shared.domain.templates.trigger_event import TriggerEvent
from shared.domain.templates.view import Reader, View, missing, view_of
from shared.domain.time.local_time import zone_of
from shared.queries.stock_of_now import StockReader
from shared.queries.trigger_event import read_trigger_event
from shared.stores.companions import CompanionStore
from shared.stores.customers import CustomerStore
from shared.stores.kept_products import ProductReader
from shared.stores.sends import Sends

MOST_IDS = 20
"""Ids that are looked up among the shop's products for one message: it shows five products."""
NO_WAY_TO_REFUSE = "unsubscribe.url"


class MessageView(Struct, frozen=True):
    """The view of one message, in the language of its reader; without template or language it is empty."""

    template: Template | None
    language: str | None
    unsubscribe_url: str
    view: View
    missing: tuple[str, ...] = ()
    """Names that the template needs and that have no value."""
    product_objection: Skipped | None = None
    """Why the products of the message stop it; None if they do not."""


class MessageViewReader(Struct, frozen=True):
    """Reads what began the enrollment and the products, and signs the links of the recipient."""

    customers: CustomerStore
    tokens: RecipientTokens
    public_url: str
    companions: CompanionStore | None
    products: ProductReader | None
    stock: StockReader | None = None

    def read(
        self,
        request: SendRequest,
        release: Release,
        enrollment: Enrollment | None,
        profile: Profile,
        sends: Sends,
        address: Address | None,
        now: datetime,
    ) -> MessageView:
        """The view for ``address``: its links are bound to the message and to that address."""
        url, choose = self._own_links(request, address)
        template = release.template(request.template)
        language = language_of(profile, template, request.channel, release.shop) if template else None
        if template is None or language is None:
            return MessageView(template, language, url, {})
        trigger_event = read_trigger_event(self.customers, self.companions, enrollment, template, profile)
        shown = self._refreshed(template, profile, trigger_event)
        confirm, code = self._confirmation(request, address, shown.trigger_event, now)
        zone = zone_of(profile, release.shop, now)
        reader = Reader(language, zone, now, url, choose, given_at(request, sends, now), confirm, code)
        view = view_of(
            shown.profile, release.shop, request, template, reader, shown.trigger_event, shown.store, shown.guide
        )
        if request.sample:
            from shared.domain.templates.sample import with_samples  # only tests need it

            view = with_samples(view, template, release.shop, language)
        absent = missing(template, view)
        if request.commercial and request.channel == "email" and not url and address is not None:
            absent = (*absent, NO_WAY_TO_REFUSE)
        return MessageView(template, language, url, view, absent, shown.objection)

    def _refreshed(self, template: Template, profile: Profile, trigger_event: TriggerEvent) -> Refreshed:
        """Names, prices, availability and stock of now. Only a message that shows products pays for it: one request,
        and one per product where the shop keeps stock."""
        shown = products_of(template, profile, trigger_event) if self.products is not None else ()
        if self.products is None or not shown:
            return Refreshed(profile, trigger_event)
        ids = list(dict.fromkeys(id_ for ids in shown for id_ in ids))
        stored = self.products.read(ids[:MOST_IDS])
        left = self.stock.read(shown) if self.stock is not None and asks_stock(template) else StockOfNow()
        known = ProductsOfNow(
            {id_: one.product for id_, one in stored.items()},
            left,
            {id_: one.changed_at for id_, one in stored.items()},
        )
        return refreshed(template, profile, trigger_event, known)

    def _own_links(self, request: SendRequest, address: Address | None) -> tuple[str, str]:
        """Where this message is refused, and where its recipient chooses; empty where there is nothing to refuse."""
        if not (self.public_url and request.commercial and request.channel == "email" and address is not None):
            return "", ""
        about = RecipientLink(request.home, request.message_id, request.channel, request.purpose, address.key)
        return (
            f"{self.public_url}{PATH}{self.tokens.make(about)}",
            f"{self.public_url}{PREFERENCES_PATH}{self.tokens.make_preferences(about)}",
        )

    def _confirmation(
        self, request: SendRequest, address: Address | None, trigger_event: TriggerEvent, now: datetime
    ) -> tuple[str, str]:
        """Where the mailbox confirms what was asked for it, and the code by which a phone does; both empty if the event
        is no sign-up of this address."""
        ticket = trigger_event.properties.get("ticket")
        if not (self.public_url and address is not None and isinstance(ticket, str)):
            return "", ""
        try:
            asked = self.tokens.sign_up.read_ticket(ticket)
        except InvalidToken:
            return "", ""
        if (asked.address_key, asked.channel) != (address.key, request.channel):
            return "", ""
        if asked.channel == "sms":
            return "", "" if asked.code_expired(now) else self.tokens.sign_up.code(asked)
        link = self.tokens.sign_up.link(replace(asked, message_id=request.message_id))
        return f"{self.public_url}{CONFIRM_PATH}{link}", ""


def given_at(request: SendRequest, sends: Sends, now: datetime) -> datetime:
    """The instant from which an offer is valid: a second channel or a second attempt does not make it longer."""
    held = sends.given.get(request.gift)
    return held.at if held is not None and held.code else now
