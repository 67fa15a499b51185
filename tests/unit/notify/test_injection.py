"""Hostile values through every field that a customer or a product has, into every ready template on every channel."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace

from shared.adapters.push_web import headers, payload
from shared.domain.messages.address import Address
from shared.domain.messages.sms_length import sms_length
from shared.domain.products.product import Product
from shared.domain.profile.profile import Profile, Trait
from shared.domain.stock.location import Location
from shared.domain.templates.content import (
    BODY_LENGTH,
    SMS_PARTS,
    SUBJECT_LENGTH,
    TITLE_LENGTH,
    Content,
    EmailContent,
    PushContent,
    SmsContent,
    Unrenderable,
    compose,
)
from shared.domain.templates.html_rules import allowed_link
from shared.domain.templates.near_store import NearStore
from shared.domain.templates.product_of_now import ProductsOfNow
from shared.domain.templates.refresh_products import parts_of, refreshed
from shared.domain.templates.sample import NOW, _profile, _request, _trigger_event
from shared.domain.templates.trigger_event import TriggerEvent
from shared.domain.templates.view import Reader, view_of
from shared.ports.sender import Outgoing
from tests.support.cases import LONG, also_long
from tests.unit.notify.test_ready_templates import CHANNELS, READER, RENDER, SHOP, TEMPLATES

pytestmark = pytest.mark.unit

CORPUS = {
    "liquid value": "{{ customer.name }}{{ unsubscribe.url }}",
    "liquid tag": "{% for i in (1..99999) %}x{% endfor %}{% include 'x' %}",
    "unclosed liquid": "{{ customer.name",
    "script": '"><script>alert(1)</script>',
    "event handler": "\" onerror=alert(1) x='",
    "image": "<img src=x onerror=alert(1)>",
    "style": "</style><style>*{display:none}</style>",
    "comment": "<!-- --><![endif]--><b>",
    "mjml": '</mj-text></mj-column><mj-include path="head" /><mj-raw>',
    "entities": "&lt;script&gt;&#60;script&#62;",
    "javascript link": "javascript:alert(1)",
    "data link": "data:text/html,<script>alert(1)</script>",
    "stranger's link": "https://evil.example/",
    "look-alike host": "https://shop.example@evil.example/",
    "header": "x\r\nBcc: all@evil.example\r\n\r\n<html>",
    "other line ends": "x\u2028Bcc: a@evil.example\u2029\x85\x0b\x0cy",
    "null": "a\x00b\x1b[31mc\x7f",
    "bidi override": "\u202egnp.exe\u202c",
    "bidi isolate": "\u2066\u2067\u2068x\u2069",
    "invisible": "a\u200b\u200e\u200f\ufeff\u00adb",
    "surrogate": "a\ud800b",
    "private use": "\ue0000\ue001",
    "marks of the text": "\x01\x02\x03https://evil.example\x04\x05\x06",
    "combining": "a" + "\u0301" * 400,
    "long": "Uzun " * 4000,
    "long word": "x" * 20_000,
    "no text": "\u200b\u200b",
    "attribute end": "' \" ` > = x",
}
LANGUAGES = ("tr", "en")
TRAITS = ("first_name", "firstName", "last_name", "name", "language", "time_zone")
DETAILS = ("name", "brand", "variant", "price", "currency", "image_url", "url", "quantity", "category")
SAID = ("order_id", "order_number", "total", "order_url", "name", "price", "old_price", "url", "image_url", "percent",
        "coupon", "ends_at")  # fmt: skip
NOTHING, KEPT = frozenset[str](), frozenset({"order_id", "price", "old_price", "ends_at"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Active(HTMLParser):
    """Collects what could run, and where links and pictures lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.active: list[str] = []
        self.elements: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag in {"script", "iframe", "object", "embed", "form", "svg", "link", "base"}:
            self.active.append(tag)
        for name, value in attributes:
            if name.startswith("on"):
                self.active.append(name)
            if name == "href":
                self.links.append(value or "")
            if name == "src":
                self.pictures.append(value or "")


def hostile_profile(value: str) -> Profile:
    """Every trait, and every detail of every product in the cart."""
    base = _profile(3, "", "")
    traits = {name: Trait(value, NOW, trusted=True) for name in TRAITS}
    items = tuple(replace(line, details=dict.fromkeys(DETAILS, value)) for line in base.cart.items)
    orders = tuple(
        replace(order, details={"tracking_number": value, "tracking_url": value, "carrier": value})
        for order in base.orders
    )
    return replace(base, traits=traits, cart=replace(base.cart, items=items), orders=orders)


def hostile_event(value: str, kept: frozenset[str]) -> TriggerEvent:
    """Every property but those in ``kept``, which a template could not be rendered without."""
    base = _trigger_event(3, "")
    product = {**dict.fromkeys(DETAILS, value), "product_id": "p1"}
    said = {**base.properties, **{name: value for name in SAID if name not in kept}, "products": [product, product]}
    lines = tuple(replace(line, details=dict.fromkeys(DETAILS, value)) for line in base.recommended)
    return TriggerEvent("x", said, trusted=True, at=base.at, recommended=lines)


def hostile_products(value: str, profile: Profile, event: TriggerEvent) -> dict[str, Product]:
    """The shop's own table says it too: a feed is written by many hands."""
    known = {line.product_id for line in (*profile.cart.items, *event.recommended)} | {"p1"}
    return {
        id_: Product(
            id_, value, Decimal(100), value, sale_price=Decimal(90), group=value, brand=value, categories=(value,),
            url=value, image_url=value, manual_url=value, care=(("", value), ("tr", value)),
        )
        for id_ in known
    }  # fmt: skip


def contents(value: str, *languages: str) -> Iterator[tuple[str, str, Content]]:
    """Everything that can be rendered with the value everywhere, and with names kept where a need would be empty."""
    profile = hostile_profile(value)
    for name, template in TEMPLATES.items():
        for language in languages:
            reader = Reader(language, READER.zone, NOW, READER.unsubscribe_url)
            for kept, stored in ((NOTHING, False), (KEPT, False), (KEPT, True)):
                if stored and not parts_of(template):
                    continue
                event = hostile_event(value, kept)
                products = hostile_products(value, profile, event) if stored else {}
                shown = refreshed(template, profile, event, ProductsOfNow(products))
                store = NearStore(Location(value, value, pickup=True, city=value, address=value), profile.cart.items)
                view = view_of(
                    shown.profile, SHOP, _request(template), template, reader, shown.trigger_event,
                    store if stored else None, shown.guide,
                )  # fmt: skip
                for channel in CHANNELS:
                    if language in template.languages(channel):
                        try:
                            yield name, channel, compose(template, channel, language, view, RENDER)
                        except Unrenderable:
                            continue


@also_long
@pytest.mark.parametrize(("place", "value"), list(enumerate(CORPUS.values())), ids=CORPUS.keys())
def test_a_value_stays_a_value(place: int, value: str) -> None:
    """On no channel does it become markup, a link, a header or a command of Liquid. Each language meets every second
    value, and all of them in the long run."""
    seen = set[str]()
    for name, channel, content in contents(value, *(LANGUAGES if LONG else LANGUAGES[place % 2 :][:1])):
        seen.add(channel)
        match content:
            case EmailContent(subject, html, text):
                check_line(subject, SUBJECT_LENGTH)
                check_header(subject)
                check_html(html)
                check_text(text)
            case SmsContent(text):
                check_line(text, 1000)
                assert sms_length(text).parts <= SMS_PARTS
            case PushContent(title, body, url, image):
                check_line(title, TITLE_LENGTH)
                check_line(body, BODY_LENGTH)
                check_link(url)
                assert image == "" or image.startswith("https://")
                check_browser(content)
        assert name
    assert seen == set(CHANNELS)


def check_line(text: str, most: int) -> None:
    """One line without control, direction or invisible characters; what is not text was left out, not sent."""
    assert 0 < len(text) <= most
    assert not [c for c in set(text) if unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"} or c in _BIDI]
    text.encode()


def check_browser(content: PushContent) -> None:
    """What the service worker of a page reads is JSON with these texts, and nothing else."""
    outgoing = Outgoing("m-1", Address("push", "k"), content, "Shop", "marketing")
    said = json.loads(payload(content, outgoing))
    assert said.keys() <= {"title", "body", "url", "image", "tag", "badge", "message"}
    assert (said["title"], said["body"], said.get("url", "")) == (content.title, content.body, content.url)
    sent = headers(content, outgoing)
    assert all(re.fullmatch(r"[ -~]+", value) for value in sent.values())


def check_header(subject: str) -> None:
    """The subject as a mail library writes it is one header."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    lines = message.as_bytes().split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert all(line.startswith((b"Subject:", b" ", b"\t")) for line in lines if line)


def check_html(html: str) -> None:
    read = Active()
    read.feed(html)
    read.close()
    assert read.active == []
    assert "mj-raw" not in read.elements
    assert read.elements.count("body") == read.elements.count("head") == 1
    assert html.count("</html>") == 1
    for link in read.links:
        check_link(link)
    assert all(picture.startswith("https://") for picture in read.pictures)
    assert not [
        c for c in set(html) if (unicodedata.category(c) in {"Cc", "Cs", "Co"} and c not in "\n\r\t") or c in _BIDI
    ]


def check_link(url: str) -> None:
    """Over https, and to the shop, the parcel or the page to refuse: to no stranger's host."""
    assert allowed_link(url), url
    assert url.startswith("https://shop.example") or "kargo" in url or is_parcel(url), url
    assert re.fullmatch(r"https://shop\.example([/?#].*)?", url) or is_parcel(url), url


def is_parcel(url: str) -> bool:
    """A trusted source may say where a parcel is followed."""
    return url.startswith("https://") and url in {CORPUS["stranger's link"], CORPUS["look-alike host"]}


def check_text(text: str) -> None:
    assert not [c for c in set(text) if (unicodedata.category(c) in {"Cc", "Cs", "Co"} and c != "\n") or c in _BIDI]
    assert len(text) < 20_000
    text.encode()


def test_a_link_to_a_stranger_is_taken_from_a_server_for_the_parcel_only() -> None:
    """Neither a product nor the order's page nor an offer leads away from the shop, whoever says it."""
    for url in (CORPUS["stranger's link"], CORPUS["look-alike host"]):
        for name, channel, content in contents(url, *LANGUAGES):
            links: list[Any] = []
            if isinstance(content, EmailContent):
                read = Active()
                read.feed(content.html)
                links = read.links
            elif isinstance(content, PushContent):
                links = [content.url]
            leading = [link for link in links if "evil.example" in link]
            assert not leading or name == "order-shipped", (name, channel, leading)


def test_names_of_people_who_write_otherwise_stay() -> None:
    """Letters of any script, joined emoji, apostrophes and ampersands are no attack."""
    for name in ("Gülşen", "محمد", "Zoë", "O’Brien & Söhne", "👩‍👩‍👧", "𝔸yşe"):
        profile = replace(_profile(1, "", ""), traits={"first_name": Trait(name, NOW, trusted=True)})
        view = view_of(profile, SHOP, _request(TEMPLATES["welcome"]), TEMPLATES["welcome"], READER)
        content = compose(TEMPLATES["welcome"], "email", "tr", view, RENDER)
        assert isinstance(content, EmailContent)
        assert content.subject.startswith(name)
        assert name in content.text
