"""``POST /v1/subscribe``: the sign-up form of a shop. What it asks for counts when the address confirms it: a mailbox
by the link of a mail, a phone by the code of a text message.

The answer is the same whether or not the address is known, and whether or not it was asked too often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from functions.ingest.environment import Environment
from functions.ingest.page import page
from functions.ingest.page_style import current_release, page_language, page_style_of
from functions.ingest.page_texts import TEXTS
from functions.ingest.sign_up_form import (
    DAY,
    HOUR,
    fields_of,
    hold_back,
    is_form,
    text_field,
    too_many,
    too_often,
    used_up,
)
from functions.ingest.subscribe_code import code_form
from functions.ingest.unsubscribe import consent_event
from shared.adapters.phones import country_of, may_be_mobile
from shared.domain.consent.consent import EVERY_PURPOSE, Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.sign_up import REQUESTED, SignUp
from shared.domain.consent.suppression import suppressed
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.sign_up import SignUpLimits
from shared.domain.events.event import Event, EventType, Source
from shared.domain.events.quota import PAUSED
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, identifier
from shared.domain.identity.keys import milliseconds
from shared.http.answers import Answer, answer, malformed, unauthorized
from shared.http.answers import too_many as come_again
from shared.http.request import Request, basic_key
from shared.queries.customer_tree import load_tree
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item
from shared.stores.sign_ups import PendingSignUps

HONEYPOT = "website"
"""A field that people do not see; whoever fills it is a program."""
PER_ADDRESS = 3
"""Sign-ups of one address a day."""
CODES_A_WEEK = 6
"""For one phone: each code disturbs somebody who perhaps never asked, and no reply ends them."""
PAUSED_SECONDS = 60
"""After which a form of a paused source may be sent again: a key is looked up once a minute."""
FORM_ORIGIN = "sign_up_form"
SOURCE = "kervan"
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’-]){0,39}")
"""Letters, blanks, hyphens: no address of a page fits into a name that is written into a mail."""
_PURPOSE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
RESERVED = frozenset({EVERY_PURPOSE, "transactional"})
_CHANNELS = {IdentifierType.EMAIL: "email", IdentifierType.PHONE: "sms"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that was read."""

    address: Identifier
    purposes: tuple[str, ...]
    text_version: str
    traits: dict[str, str] = field(default_factory=dict)
    filled_honeypot: bool = False

    @property
    def channel(self) -> str:
        """The channel of the address."""
        return _CHANNELS[self.address.type]


def subscribe(request: Request, composed: Environment) -> Answer:
    """Take one sign-up.

    Raises
    ------
    Problem
        For a form that cannot be read, an unknown key, a visitor who signs up too often, a key that brought too
        many sign-ups or codes: the same for every address, and before the address is counted.
    """
    fields = fields_of(request)
    key = basic_key(request.headers)
    found = composed.sources.find(key if key is not None else str(fields.get("writeKey", "")))
    if found is None or found.kind != "write":
        raise unauthorized()
    if found.quota == PAUSED:
        raise come_again("the shop has paused this source", PAUSED_SECONDS)
    shop = current_release(composed.catalog).shop
    asked = _asked(fields, shop, composed)
    now = composed.clock.now()
    hold_back(composed, request.ip, shop.sign_up_limits, now)
    key = composed.keys(asked.address)
    sign_up = SignUp(key, asked.channel, asked.purposes, asked.text_version, now, found.source.name)
    by_code = asked.channel == "sms" and _must_confirm(shop, "sms")
    by_key = _LimitsOfKey(found.source.name, shop.sign_up_limits, by_code, composed)
    by_key.look(now)
    mailbox = composed.keys(_mailbox(asked.address))
    if not asked.filled_honeypot and not _asked_too_often(composed, mailbox, now, by_code=by_code):
        by_key.count(now)
        _store(asked, sign_up, shop, found.source, composed)
    name = composed.tokens.sign_up.name(sign_up) if by_code else ""
    if not is_form(request):
        return answer({"success": True, **({"sign_up": name} if name else {})}, 202)
    return _thanks(asked, shop, request, composed, name)


def _thanks(asked: Asked, shop: Shop, request: Request, composed: Environment, name: str) -> Answer:
    """The page after a form of a page: what happens now, or the field for the code."""
    style = page_style_of(composed.catalog)
    language = page_language(request.query, asked.traits.get("language", ""), request.headers, style)
    texts = TEXTS[language]
    if name:
        form = code_form(texts, name, language, action="subscribe/confirm")
        return page(style, language, texts["code_title"], form, switch=False)
    said = texts["subscribe_check"] if _must_confirm(shop, asked.channel) else texts["subscribe_done"]
    return page(style, language, texts["subscribe_title"], f"<p>{escape(said)}</p>", switch=False)


def _asked_too_often(composed: Environment, mailbox: str, now: datetime, *, by_code: bool) -> bool:
    if too_often(composed, mailbox, PER_ADDRESS, now, DAY):
        return True
    return by_code and too_often(composed, mailbox, CODES_A_WEEK, now, 7 * DAY)


@dataclass(frozen=True, slots=True)
class _LimitsOfKey:
    """Sign-ups, and text messages with a code, by the key that the form shows: whoever reads it could make the shop
    write to anybody, and pay for it."""

    source: str
    limits: SignUpLimits
    by_code: bool
    composed: Environment

    @property
    def _most(self) -> dict[tuple[str, int], int]:
        found = {(self._who("forms"), HOUR): self.limits.per_hour}
        if self.by_code:
            codes = self._who("codes")
            found |= {(codes, HOUR): self.limits.codes_per_hour, (codes, DAY): self.limits.codes_per_day}
        return found

    def _who(self, what: str) -> str:
        return self.composed.keys(Identifier(IdentifierType.DEVICE, f"{what}:{self.source}"))

    def look(self, now: datetime) -> None:
        """Before the address is counted: who is turned away has lost no sign-up, and an address that was asked too
        often takes none from others. Raises Problem if nothing is left."""
        hours = used_up(self.composed, self._most, now)
        if hours:
            raise too_many("by this form", now, hours)

    def count(self, now: datetime) -> None:
        """Raises Problem for who comes too late, beside others."""
        late = [hours for (who, hours), most in self._most.items() if too_often(self.composed, who, most, now, hours)]
        if late:
            raise too_many("by this form", now, max(late))


def _store(asked: Asked, sign_up: SignUp, shop: Shop, source: Source, composed: Environment) -> None:
    """The event, from which the journey of the confirmation begins; without double opt-in, the consent itself."""
    key, now = sign_up.address_key, sign_up.at
    event_id = f"sign-up-{key[2:12]}-{milliseconds(now)}"
    confirm = _must_confirm(shop, asked.channel)
    if not confirm and _refused(asked, key, composed, now):
        if asked.channel == "sms":
            return  # the form asks for no code, and a stranger's form never undoes a person's no
        confirm = True
    ticket = {"ticket": composed.tokens.sign_up.ticket(sign_up)} if confirm else {}
    if confirm and asked.channel == "sms":
        pending = replace(sign_up, message_id=event_id)
        PendingSignUps(composed.messages).put(composed.tokens.sign_up.name(sign_up), pending)
    about = {
        "channel": asked.channel, "purposes": list(asked.purposes), "text_version": asked.text_version,
        "sign_up": event_id, "double_opt_in": confirm,
    }  # fmt: skip
    event = Event(
        type=EventType.TRACK, name=REQUESTED, message_id=event_id, time=now, received_at=now, source=source.name,
        channel=source.channel, trusted=False, identifiers=(asked.address,), traits=asked.traits,
        properties=about | ticket,
    )  # fmt: skip
    if not confirm:
        for purpose in asked.purposes:
            said = Consent(
                asked.channel, purpose, True, now, now, True, source.name, f"{event_id}-{purpose}", key,
                asked.text_version, FORM_ORIGIN,
            )  # fmt: skip
            put_first(composed.customers, consent_items(ConsentRecord((key,), said), trusted=True))
            composed.customers.put_many(
                [event_item(consent_event(said, asked.address, asked.channel), composed.keys, home=key)]
            )
    composed.customers.put_many([event_item(event, composed.keys)])


def _refused(asked: Asked, key: str, composed: Environment, now: datetime) -> bool:
    """Whether somebody said no under this address, or as the customer who has it, to one of these purposes, or to
    everything."""
    members = load_tree(CustomerStore(composed.customers), key).members
    said = [one for one, _trusted in statements(composed.customers, key)]
    said += [one for member in members if member.key != key for one in member.control.consents]
    if suppressed(said, asked.channel, key, now) is not None:
        return True
    states = [consent_state(said, asked.channel, purpose, key, now) for purpose in asked.purposes]
    return any(state.proof is not None and not state.granted for state in states)


def _must_confirm(shop: Shop, channel: str) -> bool:
    return {str(name): wanted for name, wanted in shop.double_opt_in.items()}.get(channel, True)


def _mailbox(address: Identifier) -> Identifier:
    """For counting only: ``ayse+news@`` is read in the mailbox of ``ayse@``."""
    local, at, domain = address.value.partition("@")
    return Identifier(address.type, f"{local.partition('+')[0]}{at}{domain}") if at else address


def _asked(fields: dict[str, Any], shop: Shop, composed: Environment) -> Asked:
    version = text_field(fields, "text_version")
    if version not in shop.consent_texts:
        raise malformed("text_version must name one of the shop's consent_texts, the text that the form shows")
    asked = Asked(
        _address(fields, shop, composed),
        _purposes(fields),
        version,
        _traits(fields, shop),
        bool(text_field(fields, HONEYPOT)),
    )
    if not shop.consent_texts[version].asks_for(asked.channel):
        channels = ", ".join(shop.consent_texts[version].channels)
        raise malformed(f"text_version {version} is a text for {channels}, not for {asked.channel}")
    if not shop.consent_texts[version].asks_for_purposes(asked.purposes):
        purposes = ", ".join(shop.consent_texts[version].purposes)
        raise malformed(f"text_version {version} is a text for the purposes {purposes}")
    if not shop.consent_texts[version].valid(composed.clock.now().astimezone(ZoneInfo(shop.time_zone)).date()):
        raise malformed(f"text_version {version} is not valid yet")
    return asked


def _purposes(fields: dict[str, Any]) -> tuple[str, ...]:
    purposes = fields.get("purposes", fields.get("purpose", "marketing"))
    listed = purposes if isinstance(purposes, list) else [purposes]
    if RESERVED & {one for one in listed if isinstance(one, str)}:
        raise malformed("all and transactional are no purposes to sign up for")
    if not 0 < len(listed) <= 5 or not all(isinstance(one, str) and _PURPOSE.fullmatch(one) for one in listed):
        raise malformed("purposes is a list of words, such as marketing")
    return tuple(dict.fromkeys(listed))


def _traits(fields: dict[str, Any], shop: Shop) -> dict[str, str]:
    names = {name: text_field(fields, name) for name in ("first_name", "last_name")}
    for name, text in names.items():
        if text and _NAME.fullmatch(text) is None:
            raise malformed(f"{name} has letters only, at most 40")
    language = text_field(fields, "language")
    if language and language not in shop.languages:
        raise malformed(f"language is one of {', '.join(shop.languages)}")
    return {name: text for name, text in (names | {"language": language}).items() if text}


def _address(fields: dict[str, Any], shop: Shop, composed: Environment) -> Identifier:
    email, phone = text_field(fields, "email"), text_field(fields, "phone")
    if bool(email) == bool(phone):
        raise malformed("say either email or phone")
    kind = IdentifierType.EMAIL if email else IdentifierType.PHONE
    try:
        address = identifier(kind, email or phone, composed.phone)
    except InvalidIdentifier as broken:
        raise malformed(f"{kind.value} is no address that can be written to") from broken
    countries = shop.sign_up_countries or (shop.region,)
    if kind is not IdentifierType.PHONE or not _must_confirm(shop, "sms"):
        return address
    if country_of(address.value) not in countries or not may_be_mobile(address.value):
        raise malformed(f"codes go to mobile phones of these countries: {', '.join(countries)}")
    return address
