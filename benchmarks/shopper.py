"""A shopper of a web shop, as the browser SDK (analytics-next) reports her: the bytes that really come in."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
BRANDS = [
    {"brand": "Chromium", "version": "142"},
    {"brand": "Google Chrome", "version": "142"},
    {"brand": "Not_A Brand", "version": "99"},
]
NAMES = (
    "Keten Gömlek",
    "Örme Kazak",
    "Yün Palto",
    "Spor Ayakkabı",
    "İpek Eşarp",
    "Deri Çanta",
    "Kot Pantolon",
    "Triko Elbise",
)
COLOURS = ("Lacivert", "Siyah", "Ekru", "Haki", "Bordo")
CATEGORIES = ("Kadın/Dış Giyim", "Kadın/Üst Giyim", "Kadın/Ayakkabı", "Aksesuar")
CAMPAIGN = {"source": "google", "medium": "cpc", "name": "sonbahar-2026", "content": "yun-palto"}
SHOP = "https://www.kervanmoda.example"
EVENTS_BETWEEN_ORDERS = 55
"""A shopper with 1,000 events has some 18 orders; roughly what shops report for their regular customers."""

Message = dict[str, Any]


class Shopper:
    """One person, endlessly browsing. ``user`` is None before sign-in; every event carries the browser's id.

    The same seed gives the same messages: 250 products, sessions of some ten events, two or three sessions a week.
    """

    def __init__(self, seed: int = 1, user: str | None = "u-48213", start: datetime = START) -> None:
        self._random = random.Random(seed)
        self.user = user
        self.anonymous = self._uuid()
        self._now = start
        self._cart: list[int] = []
        self._orders = 0
        self._since_order = 0
        self._landing: dict[str, str] = {}
        self._stream = self._sessions()

    def messages(self, count: int) -> list[Message]:
        """The next ones; whoever is signed in says who she is with the first."""
        return [next(self._stream) for _ in range(count)]

    def _sessions(self) -> Iterator[Message]:
        if self.user:
            yield self.identify()
        while True:
            self._landing = CAMPAIGN if self._random.random() < 0.3 else {}
            yield from self._session()
            self._now += timedelta(hours=self._random.uniform(8, 110))

    def _session(self) -> Iterator[Message]:
        yield self._page("/", "Kervan Moda | Kadın Giyim, Ayakkabı ve Aksesuar")
        category = self._random.choice(CATEGORIES)
        yield self._page(f"/kategori/{_slug(category)}", f"{category} | Kervan Moda")
        yield self._track("Product List Viewed", {"list_id": _slug(category), "category": category})
        for _ in range(self._random.randint(1, 3)):
            number = self._random.randrange(250)
            product = _product(number)
            yield self._page(_path(product), f"{product['name']} | Kervan Moda")
            yield self._track("Product Viewed", product)
            if self._random.random() < 0.3:
                self._cart.append(number)
                yield self._track("Product Added", {**product, "cart_id": "c-77120", "quantity": 1})
        if self._cart and self._random.random() < 0.15:
            yield self._track("Product Removed", {**_product(self._cart.pop()), "cart_id": "c-77120", "quantity": 1})
        if self._cart and self._since_order >= EVENTS_BETWEEN_ORDERS - 10:
            yield from self._buy()

    def _buy(self) -> Iterator[Message]:
        lines = [{**_product(number), "quantity": 1} for number in self._cart]
        total = round(sum(line["price"] for line in lines), 2)
        yield self._track("Cart Viewed", {"cart_id": "c-77120", "products": lines})
        self._orders += 1
        order = {"order_id": f"K{2_600_000 + self._orders * 137}", "total": total, "currency": "TRY"}
        yield self._track("Checkout Started", {**order, "products": lines})
        self._cart = []
        self._since_order = 0
        completed = {**order, "revenue": total, "shipping": 49.9, "tax": round(total / 6, 2), "coupon": "YENI10"}
        yield self._track("Order Completed", {**completed, "checkout_id": "ck-9921", "products": lines})

    def identify(self) -> Message:
        traits = {
            "email": "ayse.yilmaz@example.com", "firstName": "Ayşe", "lastName": "Yılmaz", "phone": "+905321112233",
            "birthday": "1991-04-17", "gender": "female", "address": {"city": "İstanbul", "country": "TR"},
        }  # fmt: skip
        return self._message("identify", "/giris", "Giriş | Kervan Moda", traits=traits)

    def viewed(self) -> Message:
        """One Product Viewed, the commonest event of all."""
        return self._track("Product Viewed", _product(17))

    def added(self) -> Message:
        """One Product Added."""
        return self._track("Product Added", {**_product(17), "cart_id": "c-77120", "quantity": 1})

    def paged(self) -> Message:
        """One page, from a campaign."""
        self._landing = CAMPAIGN
        return self._page("/kategori/kadin-dis-giyim", "Kadın Dış Giyim | Kervan Moda")

    def ordered(self) -> Message:
        """One Order Completed with three products."""
        self._cart = [17, 42, 101]
        return list(self._buy())[-1]

    def _track(self, event: str, properties: dict[str, Any]) -> Message:
        path = _path(properties) if "product_id" in properties else "/sepet"
        title = f"{properties.get('name', 'Sepetim')} | Kervan Moda"
        return self._message("track", path, title, event=event, properties=properties)

    def _page(self, path: str, title: str) -> Message:
        page = self._place(path, title)
        return self._message("page", path, title, properties=page)

    def _message(self, kind: str, path: str, title: str, **said: Any) -> Message:
        self._now += timedelta(seconds=self._random.uniform(3, 90))
        self._since_order += 1
        stamp = f"{self._now:%Y-%m-%dT%H:%M:%S}.{self._now.microsecond // 1000:03d}Z"
        campaign = {"campaign": dict(self._landing)} if self._landing else {}
        return {
            "timestamp": stamp,
            "integrations": {"Segment.io": True},
            **({"userId": self.user} if self.user else {}),
            "anonymousId": self.anonymous,
            "type": kind,
            **said,
            "context": {
                "page": self._place(path, title),
                "userAgent": USER_AGENT,
                "userAgentData": {"brands": BRANDS, "mobile": False, "platform": "Windows"},
                "locale": "tr-TR",
                "timezone": "Europe/Istanbul",
                "library": {"name": "analytics.js", "version": "npm:next-1.81.1"},
                **campaign,
            },
            "messageId": f"ajs-next-{int(self._now.timestamp() * 1000)}-{self._uuid()}",
            "_metadata": {"bundled": ["Segment.io"], "unbundled": [], "bundledIds": []},
        }

    def _place(self, path: str, title: str) -> dict[str, str]:
        search = "?" + "&".join(f"utm_{name}={value}" for name, value in self._landing.items()) if self._landing else ""
        referrer = "https://www.google.com/" if self._landing else f"{SHOP}/"
        return {"path": path, "referrer": referrer, "search": search, "title": title, "url": f"{SHOP}{path}{search}"}

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def crowd(count: int, start: datetime, apart: timedelta, people: int = 50) -> list[Message]:
    """Events of many people in turn, as they reach one Lambda environment: ``apart`` from each other, the last one at
    about ``start + count * apart``."""
    shoppers = [iter(Shopper(seed=seed, user=f"u-{seed}").messages(-(-count // people))) for seed in range(people)]
    moments = (start + place * apart for place in range(count))
    return [
        next(shoppers[place % people]) | {"timestamp": moment.isoformat(timespec="milliseconds")}
        for place, moment in enumerate(moments)
    ]


def _product(number: int) -> dict[str, Any]:
    name = f"{COLOURS[number % len(COLOURS)]} {NAMES[number % len(NAMES)]}"
    return {
        "product_id": f"P{10_000 + number}",
        "sku": f"P{10_000 + number}-38",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "name": name,
        "brand": "Kervan",
        "variant": "38",
        "price": 249.9 + 50 * (number % 23),
        "currency": "TRY",
        "url": f"{SHOP}/urun/{_slug(name)}-{10_000 + number}",
        "image_url": f"https://cdn.kervanmoda.example/p/{10_000 + number}/1.jpg",
    }


def _path(product: dict[str, Any]) -> str:
    return str(product["url"]).removeprefix(SHOP)


def _slug(text: str) -> str:
    plain = text.lower().translate(str.maketrans("çğıöşü/ ", "cgiosu--"))
    return "".join(letter for letter in plain if letter.isascii())
