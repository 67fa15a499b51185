"""``POST /v1/subscribe``: the sign-up form of a shop. What it asks for counts when the mailbox confirms it.

The answer is the same whether or not the address is known, and whether or not it was asked too often.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qs

from functions.ingest.environment import Environment
from functions.ingest.page import page
from functions.ingest.page_style import current_release, page_language, page_style_of
from functions.ingest.page_texts import TEXTS
from functions.ingest.unsubscribe import consent_event
from shared.domain.consent.consent import EVERY_PURPOSE, Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.sign_up import REQUESTED, SignUp
from shared.domain.consent.suppression import suppressed
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event, EventType, Source
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, identifier
from shared.domain.identity.keys import milliseconds
from shared.http.answers import Answer, Problem, answer, malformed, unauthorized
from shared.http.request import Request, basic_key
from shared.http.request_body import body_of
from shared.stores.consent_items import consent_items, put_first, statements
from shared.stores.event_items import event_item

LONGEST_BODY = 4_000
HONEYPOT = "website"
"""A field that people do not see; whoever fills it is a program."""
PER_ADDRESS, PER_VISITOR = 3, 20
"""Sign-ups of one address a day, and from one IP address an hour."""
FORM_ORIGIN = "sign_up_form"
SOURCE = "kervan"
_PREFIX = "signup#"
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
        For a form that cannot be read, an unknown key, a visitor who signs up too often.
    """
    body = body_of(request)
    if len(body) > LONGEST_BODY:
        raise malformed(f"a sign-up has at most {LONGEST_BODY} bytes")
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    fields = _form(body) if is_form else _json(body)
    key = basic_key(request.headers)
    found = composed.sources.find(key if key is not None else str(fields.get("writeKey", "")))
    if found is None or found.kind != "write":
        raise unauthorized()
    shop = current_release(composed.catalog).shop
    asked = _asked(fields, shop, composed)
    now = composed.clock.now()
    _hold_back(composed, request.ip, now)
    mailbox = composed.keys(_mailbox(asked.address))
    if not asked.filled_honeypot and not _too_often(composed, mailbox, PER_ADDRESS, now, 24):
        _store(asked, shop, found.source, composed, now)
    if not is_form:
        return answer({"success": True}, 202)
    style = page_style_of(composed.catalog)
    language = page_language(request.query, asked.traits.get("language", ""), request.headers, style)
    texts = TEXTS[language]
    said = texts["subscribe_check"] if _must_confirm(shop, asked.channel) else texts["subscribe_done"]
    return page(style, language, texts["subscribe_title"], f"<p>{said}</p>", switch=False)


def _store(asked: Asked, shop: Shop, source: Source, composed: Environment, now: datetime) -> None:
    """The event, from which the journey of the confirmation begins; without double opt-in, the consent itself."""
    key = composed.keys(asked.address)
    sign_up = SignUp(key, asked.channel, asked.purposes, asked.text_version, now, source.name)
    event_id = f"sign-up-{key[2:12]}-{milliseconds(now)}"
    confirm = _must_confirm(shop, asked.channel)
    if not confirm and _refused(asked, key, composed, now):
        if asked.channel == "sms":
            return  # nothing can confirm it, and a stranger's form never undoes a person's no
        confirm = True
    ticket = {"ticket": composed.tokens.sign_up.ticket(sign_up)} if confirm else {}
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
    """Whether somebody said no under this address to one of these purposes, or to everything."""
    said = [one for one, _trusted in statements(composed.customers, key)]
    if suppressed(said, asked.channel, key, now) is not None:
        return True
    states = [consent_state(said, asked.channel, purpose, key, now) for purpose in asked.purposes]
    return any(state.proof is not None and not state.granted for state in states)


def _must_confirm(shop: Shop, channel: str) -> bool:
    return {str(name): wanted for name, wanted in shop.double_opt_in.items()}.get(channel, True)


def _hold_back(composed: Environment, ip: str, now: datetime) -> None:
    """By the keyed digest of the network that the request came from, which is kept for two hours."""
    visitor = composed.keys(Identifier(IdentifierType.DEVICE, f"visitor:{network_of(ip)}"))
    if _too_often(composed, visitor, PER_VISITOR, now, 1):
        sentence = "too many sign-ups from here; try again in an hour"
        raise Problem(429, "too_many_sign_ups", sentence, {"retry-after": "3600"})


def network_of(ip: str) -> str:
    """The address itself; of IPv6 the first 64 bits, which one household or server has in any number."""
    try:
        read = ip_address(ip)
    except ValueError:
        return ip
    return str(ip_network(f"{ip}/64", strict=False)) if read.version == 6 else str(read)


def _mailbox(address: Identifier) -> Identifier:
    """For counting only: ``ayse+news@`` is read in the mailbox of ``ayse@``."""
    local, at, domain = address.value.partition("@")
    return Identifier(address.type, f"{local.partition('+')[0]}{at}{domain}") if at else address


def _too_often(composed: Environment, who: str, most: int, now: datetime, hours: int) -> bool:
    """Counts this one, and says whether there were too many in these hours of the clock."""
    window = milliseconds(now) // (hours * 3_600_000)
    expires = int((now + timedelta(hours=2 * hours)).timestamp())
    counted = composed.messages.add(f"{_PREFIX}{who}", str(window), {"count": 1}, set_to={"expires": expires})
    return counted["count"] > most


def _asked(fields: dict[str, Any], shop: Shop, composed: Environment) -> Asked:
    version = _text(fields, "text_version")
    if version not in shop.consent_texts:
        raise malformed("text_version must name one of the shop's consent_texts, the text that the form shows")
    purposes = fields.get("purposes", fields.get("purpose", "marketing"))
    listed = purposes if isinstance(purposes, list) else [purposes]
    if RESERVED & {one for one in listed if isinstance(one, str)}:
        raise malformed("all and transactional are no purposes to sign up for")
    if not 0 < len(listed) <= 5 or not all(isinstance(one, str) and _PURPOSE.fullmatch(one) for one in listed):
        raise malformed("purposes is a list of words, such as marketing")
    traits: dict[str, str] = {}
    for name in ("first_name", "last_name"):
        text = _text(fields, name)
        if text and _NAME.fullmatch(text) is None:
            raise malformed(f"{name} has letters only, at most 40")
        traits |= {name: text} if text else {}
    language = _text(fields, "language")
    if language and language not in shop.languages:
        raise malformed(f"language is one of {', '.join(shop.languages)}")
    traits |= {"language": language} if language else {}
    address = _address(fields, shop, composed)
    return Asked(address, tuple(dict.fromkeys(listed)), version, traits, bool(_text(fields, HONEYPOT)))


def _address(fields: dict[str, Any], shop: Shop, composed: Environment) -> Identifier:
    email, phone = _text(fields, "email"), _text(fields, "phone")
    if bool(email) == bool(phone):
        raise malformed("say either email or phone")
    kind = IdentifierType.EMAIL if email else IdentifierType.PHONE
    try:
        address = identifier(kind, email or phone, composed.phone)
    except InvalidIdentifier as broken:
        raise malformed(f"{kind.value} is no address that can be written to") from broken
    if kind is IdentifierType.PHONE and _must_confirm(shop, "sms"):
        raise malformed("phones are not taken here, because a link in an SMS cannot confirm them; ask for email")
    return address


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 320:
        raise malformed(f"{name} is a text")
    return value.strip()


def _form(body: bytes) -> dict[str, Any]:
    try:
        said = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=40)
    except ValueError as broken:
        raise malformed("the form cannot be read") from broken
    return {name: values if name == "purposes" else values[-1] for name, values in said.items()}


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise malformed("the body is JSON, or a form") from broken
    if not isinstance(said, dict):
        raise malformed("the body must be a JSON object")
    return said
