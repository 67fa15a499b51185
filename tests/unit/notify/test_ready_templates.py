"""The templates that Kervan ships: every one, in every language, on every channel, for whoever gets it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from msgspec.structs import replace

from cli.definitions.templates import check_templates, read_templates
from shared.adapters.liquid import LiquidRenderer
from shared.domain.definitions.brand import Brand
from shared.domain.definitions.shop import Shop
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import Content, EmailContent, PushContent, SmsContent, compose
from shared.domain.templates.definition import Template
from shared.domain.templates.html_rules import html_findings
from shared.domain.templates.preview import preheader_of
from shared.domain.templates.sample import NOW, PICTURES, _profile, _request, _trigger_event, sample_view
from shared.domain.templates.text_alternative import text_alternative
from shared.domain.templates.trigger_event import NOTHING, TriggerEvent, offer_of
from shared.domain.templates.view import Reader, View, missing, view_of

pytestmark = pytest.mark.unit

DEFINITIONS = Path(__file__).parents[3] / "definitions"
SHOP = Shop.model_validate(yaml.safe_load((DEFINITIONS / "shop.yaml").read_text("utf-8")))
RENDER = LiquidRenderer(kept=1_000)
TEMPLATES = read_templates(DEFINITIONS / "templates")
CHANNELS = ("email", "push", "sms")
SERVED = [
    (name, channel, language)
    for name, template in sorted(TEMPLATES.items())
    for channel in CHANNELS
    for language in template.languages(channel)
]
MAILS = {name: template for name, template in TEMPLATES.items() if template.languages("email")}
POINTS = {
    "confirm-phone": ("Onay kodunuz 482913", "Your code is 482913"),
    "cart-reminder": ("Sepetiniz", "Your cart"),
    "cart-offer": ("%10 indirim", "10% off your cart"),
    "cart-last": ("Sepetiniz", "Your cart"),
    "order-shipped": ("Paketiniz yolda", "on its way"),
    "pickup-ready": ("Siparisiniz hazir, kod 7KQ2MX", "Your order is ready, code 7KQ2MX"),
    "pickup-reminder": ("Siparisiniz bekliyor, kod 7KQ2MX", "Your order is waiting, code 7KQ2MX"),
    "pickup-expired": ("teslim süresi doldu", "The time to pick up your order is over"),
    "review-request": ("Yorumunuzu", "How do you like it"),
    "win-back": ("%10 indirim", "10% off"),
    "back-in-stock": ("Yeniden stokta: Keten", "Back in stock: Keten"),
    "last-hours": ("%10 indirim 12:00'de bitiyo", "10% off ends at 12:00"),
}
"""What the first 40 characters of a text message must say."""
SEN = re.compile(
    r"\b(sen|sana|seni|senin|sende|seninle)\b|\w(ersin|arsın|irsin|ırsın|ndin|dığın|diğin)\b", re.IGNORECASE
)
READER = Reader("tr", ZoneInfo("Europe/Istanbul"), NOW, "https://shop.example/v1/unsubscribe/x")


def made(name: str, channel: str, language: str, view: View) -> Content:
    return compose(TEMPLATES[name], channel, language, view, RENDER)


def visible(content: Content) -> str:
    match content:
        case EmailContent():
            return f"{content.subject}\n{content.text}"
        case SmsContent():
            return content.text
        case PushContent():
            return f"{content.title}\n{content.body}"


def test_they_keep_every_rule_in_both_languages() -> None:
    """What is shipped passes its own check; a channel that is served is served in Turkish and in English."""
    assert check_templates(TEMPLATES, SHOP, RENDER) == []
    assert set(TEMPLATES) == {
        "cart-reminder", "cart-offer", "cart-last", "order-confirmed", "order-shipped", "review-request",
        "browse-follow-up", "bought-together", "win-back", "welcome", "vip-early-access", "back-in-stock",
        "price-drop", "last-hours", "birthday", "newsletter", "confirm-subscription", "confirm-phone",
        "pickup-ready", "pickup-reminder", "pickup-expired", "care-guide", "near-store",
    }  # fmt: skip
    for name, template in TEMPLATES.items():
        assert template.languages("email") == (() if name in {"confirm-phone", "near-store"} else ("en", "tr"))
        silent = name.startswith("confirm-") or name == "care-guide"
        assert template.languages("push") == (() if silent else ("en", "tr"))
        assert template.languages("sms") in ((), ("en", "tr"))


@pytest.mark.parametrize(("name", "channel", "language"), SERVED)
def test_every_message_is_whole_and_personal(name: str, channel: str, language: str) -> None:
    """With much and with little known, with a name and without: nothing left open, one call to action, the name said
    where there is one, no informal "sen", a push title that is not cut."""
    for products, first_name in ((1, ""), (2, "Ayşe"), (7, "Ayşegül Nur")):
        view = sample_view(TEMPLATES[name], SHOP, language, products=products, first_name=first_name)
        content = made(name, channel, language, view)
        shown = visible(content)
        assert not re.search(r"None|\{\{|\{%|undefined|  ,| \.(\s|$)|\(\)|%\s*indirim", shown), shown
        assert language == "en" or not SEN.search(shown), shown
        if first_name and channel == "email":
            assert first_name in shown
        if isinstance(content, EmailContent):
            assert len(re.findall(rf">\s*{re.escape(view['action']['text'])}\s*</a>", content.html)) == 1
        if isinstance(content, PushContent):
            assert content.url.startswith("https://")
            assert not content.title.endswith("…"), content.title


@pytest.mark.parametrize(("name", "language"), [(name, lang) for name, channel, lang in SERVED if channel == "email"])
@pytest.mark.parametrize("products", [1, 2, 3, 4, 5, 7])
def test_every_email_is_whole_with_one_product_and_with_many(name: str, language: str, products: int) -> None:
    """With pictures: every link over https, text for every picture, colours for dark mode, below what Gmail shows; the
    preheader is a sentence of its own, and the plain text needs no HTML of the message."""
    view = sample_view(TEMPLATES[name], SHOP, language, products=products, image=PICTURES)
    content = made(name, "email", language, view)
    assert isinstance(content, EmailContent)
    assert list(html_findings(content.html)) == []
    assert "{{" not in content.html
    assert "None" not in content.html
    preheader = preheader_of(content.html)
    assert 10 < len(preheader) <= 110
    assert preheader != content.subject
    assert text_alternative(content.html) == content.text
    assert TEMPLATES[name].text_made[language]


def test_the_brand_is_in_every_email() -> None:
    """The colour and the font of the shop, and its logo in the place of its name; another shop's is not in it."""
    brand = Brand(colour="#0b6e4f", background="#101820", text="#ffffff", logo="https://shop.example/l.png")
    shop = SHOP.model_copy(update={"brand": brand})
    for name, template in MAILS.items():
        html = compose(template, "email", "tr", sample_view(template, shop, "tr"), RENDER)
        assert isinstance(html, EmailContent)
        assert 'src="https://shop.example/l.png" alt="Kervan Moda"' in html.html, name
        assert "#0b6e4f" in html.html
        assert "#101820" in html.html
        assert SHOP.brand.colour not in html.html


def test_preferences_are_offered_where_there_is_a_page_for_them() -> None:
    """Beside the link to unsubscribe, in marketing only; without the page nothing of it is left."""
    for name, template in MAILS.items():
        view = sample_view(template, SHOP, "tr")
        with_page = {**view, "preferences": {"url": "https://api.example/v1/preferences/x"}}
        content = made(name, "email", "tr", with_page)
        without = made(name, "email", "tr", {**view, "preferences": {"url": None}})
        marketing = template.purpose == "marketing"
        assert ("İleti tercihleriniz: https://api.example/v1/preferences/x" in visible(content)) is marketing
        assert "tercihleriniz" not in visible(without)


@pytest.mark.parametrize(("name", "language"), [(name, lang) for name, channel, lang in SERVED if channel == "sms"])
def test_a_text_message_says_its_point_at_once_and_costs_one_part(name: str, language: str) -> None:
    """Even with a long Turkish name: one part of GSM-7, the point in the first 40 characters, and no link."""
    view = sample_view(TEMPLATES[name], SHOP, language, first_name="Ayşegül Nur Gökçen")
    content = made(name, "sms", language, view)
    assert isinstance(content, SmsContent)
    length = sms_length(content.text)
    assert (length.encoding, length.parts) == ("gsm-7", 1), content.text
    assert POINTS[name][language == "en"] in content.text[:40], content.text
    assert "http" not in content.text


SERVICE = {
    "order-confirmed", "order-shipped", "confirm-subscription", "confirm-phone", "pickup-ready", "pickup-reminder",
    "pickup-expired", "care-guide",
}  # fmt: skip


def test_a_notice_about_an_order_promotes_nothing_and_asks_for_no_consent() -> None:
    """Order and parcel are transactional: no code, no way out of offers; everything else says how to refuse."""
    for name, template in TEMPLATES.items():
        channel = next(channel for channel in ("email", "sms", "push") if template.languages(channel))
        content = made(name, channel, "tr", sample_view(template, SHOP, "tr"))
        service = template.purpose == "transactional"
        assert service is (name in SERVICE)
        assert ("v1/unsubscribe" in visible(content)) is (not service and channel != "push")
        assert not service or not re.search("indirim|kampanya|CART10", visible(content))


def test_a_parcel_is_followed_at_its_carrier_or_in_the_shop() -> None:
    """The button leads to where a server said the parcel is, and without that to the order."""
    template = TEMPLATES["order-shipped"]
    known = made("order-shipped", "push", "tr", sample_view(template, SHOP, "tr"))
    unknown = made("order-shipped", "push", "tr", sample_view(template, SHOP, "tr", products=1))
    assert isinstance(known, PushContent)
    assert isinstance(unknown, PushContent)
    assert known.url == "https://kargo.example/7260115834502"
    assert unknown.url == "https://shop.example"
    assert "Takip" not in unknown.body


def test_without_what_it_is_about_a_message_is_missing_something() -> None:
    """No order, no product, an offer that has ended: the need is named, so nothing is sent."""
    empty = {
        name: missing(template, view_of(_profile(2, "", ""), SHOP, _request(template), template, READER, NOTHING))
        for name, template in TEMPLATES.items()
    }
    assert empty["order-confirmed"] == ("order.id",)  # the shop's front door stands in for the order's page
    assert empty["review-request"][0] == "order.items"
    assert empty["browse-follow-up"][0] == empty["price-drop"][0] == "product.name"
    assert "recommended.items" in empty["bought-together"]
    assert "offer.ends_at" in empty["last-hours"]
    assert empty["welcome"] == empty["birthday"] == empty["cart-reminder"] == ()


def test_nobody_can_write_to_strangers_through_an_order_that_he_made_up() -> None:
    """What a browser reports of an order is confirmed by its number and total; its words are shown to nobody, unless he
    agreed to marketing. A number that says words is none."""
    said = {
        **_trigger_event(2, "").properties,
        "order_id": "K-7",
        "products": [{"product_id": "p", "name": "evil.example"}],
    }
    public, server = TriggerEvent("Order Completed", said), TriggerEvent("Order Completed", said, trusted=True)
    confirmed, review = TEMPLATES["order-confirmed"], TEMPLATES["review-request"]

    def view(template: Template, trigger_event: TriggerEvent) -> View:
        return view_of(_profile(0, "", ""), SHOP, _request(template), template, READER, trigger_event)

    told = view(confirmed, public)
    assert (told["order"]["number"], told["order"]["total"], told["order"]["items"]) == ("K-7", "2.798,90 TL", [])
    assert missing(confirmed, told) == ()
    assert "evil" not in visible(made("order-confirmed", "email", "tr", told))
    assert view(confirmed, server)["order"]["first"] == view(review, public)["order"]["first"] == "evil.example"
    worded = replace(public, properties={**said, "order_id": "go to evil.example"})
    assert missing(confirmed, view(confirmed, worded)) == ("order.id",)


def test_an_offer_that_is_over_or_that_a_stranger_made_is_none() -> None:
    """Its end is exclusive; the word of a public source announces no offer and no code."""
    said = {"name": "Kış fırsatı", "percent": 20, "coupon": "KIS20", "ends_at": "2026-11-23T22:00:00+03:00"}
    end, zone = datetime(2026, 11, 23, 19, 0, tzinfo=UTC), ZoneInfo("Europe/Istanbul")
    open_ = offer_of(TriggerEvent("Offer Started", said, trusted=True), SHOP, zone, end - timedelta(minutes=1), "tr")
    assert (open_["name"], open_["coupon"], open_["percent"]) == ("Kış fırsatı", "KIS20", 20)
    assert (open_["ends_at"], open_["ends_time"]) == ("23 Kasım 2026, 22:00", "22:00'de")
    for trusted, now in ((True, end), (False, end - timedelta(minutes=1))):
        told = offer_of(TriggerEvent("Offer Started", said, trusted=trusted), SHOP, zone, now, "tr")
        assert (told["name"], told["coupon"], told["percent"], told["ends_at"]) == ("", "", "", "")


def test_only_a_lower_price_is_a_price_drop() -> None:
    """An old price that is not higher, or that a browser made up, is not shown, and without it nothing is sent."""
    template = TEMPLATES["price-drop"]
    for old, shown in (("1799.90", "1.799,90 TL"), ("1299.90", None), ("900", None), (None, None), ("x", None)):
        trigger_event = replace(
            _trigger_event(1, ""), properties={**_trigger_event(1, "").properties, "old_price": old}
        )
        view = view_of(_profile(0, "", ""), SHOP, _request(template), template, READER, trigger_event)
        assert view["product"]["old_price"] == shown
        assert missing(template, view) == (() if shown else ("product.old_price",))
    made_up = replace(_trigger_event(1, ""), trusted=False)
    view = view_of(_profile(0, "", ""), SHOP, _request(template), template, READER, made_up)
    assert view["product"]["old_price"] is None


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        ("00:00", "da"), ("01:00", "de"), ("03:00", "te"), ("06:00", "da"), ("09:00", "da"), ("10:00", "da"),
        ("13:00", "te"), ("20:00", "de"), ("22:00", "de"), ("22:30", "da"), ("22:40", "ta"), ("22:50", "de"),
        ("23:59", "da"), ("23:05", "te"),
    ],
)  # fmt: skip
def test_the_hour_has_the_ending_of_the_number_as_it_is_spoken(said: str, ending: str) -> None:
    """Yirmi ikide, on üçte, otuzda, kırkta: Turkish vowel and consonant harmony."""
    end = datetime.fromisoformat(f"2026-11-24T{said}:00+03:00")
    offer = TriggerEvent("Offer Started", {"ends_at": end.isoformat()}, trusted=True)
    told = offer_of(offer, SHOP, ZoneInfo("Europe/Istanbul"), end - timedelta(hours=2), "tr")
    assert told["ends_time"] == f"{said}'{ending}"
