"""A made-up customer for whom templates are tried when they are published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from shared.domain.definitions.shop import Shop
from shared.domain.identity.identifiers import Identifier, IdentifierType
from shared.domain.messages.request import Give, SendRequest
from shared.domain.products.product import Product
from shared.domain.profile.profile import Cart, Line, Order, Profile, Trait
from shared.domain.stock.location import Location
from shared.domain.stock.opening_hours import OpeningHours, Span
from shared.domain.templates.definition import Template
from shared.domain.templates.near_store import NearStore
from shared.domain.templates.trigger_event import TriggerEvent
from shared.domain.templates.view import Reader, View, missing, view_of

UNSUBSCRIBE, PREFERENCES = "https://shop.example/v1/unsubscribe/sample", "https://shop.example/p/sample"
CONFIRM = "https://shop.example/s/sample"
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

SAMPLES: dict[str, tuple[int, str]] = {
    "one": (1, ""),
    "two": (2, "Ayşe"),
    "three": (3, "Mehmet"),
    "four": (4, "Ayşe"),
    "many": (7, "Ayşegül Nur"),
}
"""By name: how many products a made-up customer has in cart and order, and the first name; ``one`` tells none."""
PICTURES = "https://shop.example/i/"
"""Where the pictures of the made-up products would be; the command shows its own in their place."""
_FILES = (
    "keten-elbise.png", "sile-bezi-bluz.png", "orgu-hirka.png", "deri-kemer.png", "ipek-fular.png", "suet-canta.png",
    "yun-bere.png",
)  # fmt: skip
_MADE_UP = ("cart", "order", "product", "recommended", "offer", "pickup", "confirmation", "store", "guide")
"""Parts of a view that a made-up customer can stand in for."""
_CARE_TR = "30 derecede, ters çevirip yıkayın; kurutucuda kurutmayın. Gölgede, askıda kurutun."
_CARE_EN = "Wash inside out at 30 degrees; do not tumble dry. Dry on a hanger in the shade."
_STORE = Location(
    "bagdat",
    "Bağdat Caddesi",
    pickup=True,
    city="İstanbul",
    address="Bağdat Caddesi 310, Kadıköy",
    opening=OpeningHours(dict.fromkeys(range(7), Span(10 * 60, 22 * 60))),
    ready_within=timedelta(hours=2),
)
_NAMES = ("Keten Gömlek Elbise", "Şile Bezi Bluz", "Örgü Hırka", "Deri Kemer", "İpek Fular", "Süet Çanta", "Yün Bere")
_PRICES = ("1299.90", "749.50", "1850", "420", "389.99", "2650", "199")


def sample_view(
    template: Template, shop: Shop, language: str, *, products: int = 2, first_name: str = "Ayşe", image: str = ""
) -> View:
    """The view of a customer with so many products in the cart and in the order; with one product, the parcel has no
    number. ``image`` is the address of every picture, or, if it ends with a slash, where each product has its own.
    Empty settings of the shop get stand-ins."""
    filled = with_stand_ins(shop)
    reader = Reader(language, ZoneInfo(shop.time_zone), NOW, UNSUBSCRIBE, PREFERENCES, None, CONFIRM, "482913")
    profile, trigger_event = _profile(products, first_name, image), _trigger_event(products, image)
    lines = profile.cart.items
    store = NearStore(_STORE, lines) if products > 1 or _needs("store", template) else None
    guide = tuple((line, _guide_of(line)) for line in lines)
    return view_of(profile, filled, _request(template), template, reader, trigger_event, store, guide)


def _needs(part: str, template: Template) -> bool:
    """Whether a template cannot do without this part of the view."""
    return any(name.partition(".")[0] == part for name in template.needs)


def _guide_of(line: Line) -> Product:
    """The made-up product of a line, with a manual and care advice."""
    return Product(
        id=line.product_id,
        name=str(line.details["name"]),
        price=Decimal(str(line.details["price"])),
        currency="TRY",
        image_url=str(line.details["image_url"]),
        manual_url=f"https://shop.example/m/{line.product_id}.pdf" if line.product_id != "p1" else "",
        care=(("en", _CARE_EN), ("tr", _CARE_TR)),
    )


def with_samples(view: View, template: Template, shop: Shop, language: str) -> View:
    """The view with made-up products, order or offer in the place of what the template needs and does not find.

    What is there stays, and so do the customer and the shop: a test shows its recipient's own name.
    """
    absent = {name.partition(".")[0] for name in missing(template, view)} & set(_MADE_UP)
    if not absent:
        return view
    sample = sample_view(template, shop, language, image=PICTURES)
    known = {name: {part: value for part, value in view[name].items() if value} for name in absent}
    return {**view, **{name: {**sample[name], **known[name]} for name in absent}}


def with_stand_ins(shop: Shop) -> Shop:
    """The shop, with something in the place of what it has not said yet."""
    return shop.model_copy(
        update={
            name: stand_in
            for name, stand_in in (
                ("cart_url", "https://shop.example/cart"),
                ("contact", "destek@shop.example"),
                ("mersis", "0123456789012345"),
                ("address", "İstiklal Caddesi 1, Beyoğlu, İstanbul"),
            )
            if not getattr(shop, name)
        }
    )


def _profile(products: int, first_name: str, image: str) -> Profile:
    lines = tuple(
        Line(
            f"p{place}",
            1 + place % 2,
            NOW - timedelta(minutes=60 + place),
            {
                "name": name,
                "price": price,
                "currency": "TRY",
                "variant": "36, toprak",
                "image_url": _image(image, place),
            },
        )
        for place, (name, price) in enumerate(zip(_NAMES, _PRICES, strict=True))
    )[:products]
    traits = {"first_name": Trait(first_name, NOW, trusted=True)} if first_name else {}
    return Profile(
        id="u.sample",
        keys=("u.sample",),
        identifiers=(Identifier(IdentifierType.USER, "sample"),),
        traits=traits,
        cart=Cart(lines, NOW - timedelta(hours=1)),
        wishlist=(),
        orders=(_order(products),),
        tokens=(),
        seen={},
        first_seen={},
    )


def _image(image: str, place: int) -> str:
    return image + _FILES[place] if image.endswith("/") else image


def _order(products: int) -> Order:
    parcel = {"tracking_number": "7260115834502", "tracking_url": "https://kargo.example/7260115834502"}
    return Order(
        id="K-100245",
        at=NOW - timedelta(days=3),
        total=_total(products),
        currency="TRY",
        channel="web",
        state="completed",
        refunded=Decimal(0),
        details={**parcel, "carrier": "Yurtiçi Kargo"} if products > 1 else {},
    )


def _total(products: int) -> Decimal:
    """What the order's products cost together."""
    bought = enumerate(_PRICES[:products])
    return sum((Decimal(price) * (1 + place % 2) for place, price in bought), Decimal(0))


def _trigger_event(products: int, image: str) -> TriggerEvent:
    """An event that says everything at once: what an enrollment may be about."""
    bought = [
        {
            "product_id": f"p{place}",
            "name": name,
            "price": price,
            "quantity": 1 + place % 2,
            "image_url": _image(image, place),
        }
        for place, (name, price) in enumerate(zip(_NAMES, _PRICES, strict=True))
    ]
    said = {
        "order_id": "K-100245",
        "products": bought[:products],
        "total": str(_total(products)),
        **bought[0],
        "old_price": "1799.90",
        "reason": "wishlist",
        "ends_at": (NOW + timedelta(hours=2)).isoformat(),
        "pickup_id": "K-100245",
        "code": "7KQ2MX",
        "location_name": "Bağdat Caddesi",
        "location_address": "Bağdat Caddesi 310, Kadıköy",
        "until": (NOW + timedelta(days=3)).isoformat(),
    }
    recommended = tuple(Line(f"r{place}", 1, NOW, product) for place, product in enumerate(bought[-min(products, 4) :]))
    return TriggerEvent("Sample", said, trusted=True, at=NOW - timedelta(hours=1), recommended=recommended)


def _request(template: Template) -> SendRequest:
    at = int(NOW.timestamp() * 1000)
    return SendRequest(
        home="u.sample",
        enrollment="sample",
        journey="sample",
        release=0,
        step="sample",
        template=template.template,
        purpose=template.purpose,
        channels=("email",),
        due_ms=at,
        fresh_until_ms=at + 86_400_000,
        clock_ms=at,
        give=Give(coupon="CART10", percent=10, valid_ms=72 * 3_600_000),
    )
