"""Who does what in the story of the ready journeys, journey by journey. Day 0 is the day on which it begins."""

from __future__ import annotations

from typing import Any

from tests.e2e.ready_journeys_play import Person, Told, look, told

DRESS: dict[str, Any] = {
    "product_id": "ready-dress", "name": "Keten Elbise", "price": 1299.9, "currency": "TRY",
    "url": "https://shop.example/p/dress",
}  # fmt: skip
BELT: dict[str, Any] = {
    "product_id": "ready-belt", "name": "Deri Kemer", "price": 449.5, "currency": "TRY",
    "url": "https://shop.example/p/belt",
}  # fmt: skip
OFFER: dict[str, Any] = {"offer_id": "november", "name": "Kasım fırsatı", "percent": 20, "coupon": "KASIM20"}
PARCEL = {"tracking_number": "726011", "carrier": "Yurtiçi Kargo"}
STOCK, DROP, ORDER, CASE = "Product Back in Stock", "Product Price Dropped", "Order Completed", "Complaint Opened"


def bought(number: str, *products: dict[str, Any]) -> dict[str, Any]:
    lines = [{**product, "quantity": 1} for product in products]
    return {"order_id": number, "total": sum(one["price"] for one in products), "currency": "TRY", "products": lines}


PEOPLE = {
    "ayla": Person(("email", "push"), token="token"),
    "emma": Person(("email", "push"), language="en", token="dead"),
    **dict.fromkeys(("lara", "lale", "leman", "levent", "leyla", "onur"), Person(("email", "sms"))),
    "ufuk": Person(("email", "push"), token="token"),
    "utku": Person(()),
    "gonca": Person(birthday=2),
    "deniz": Person((), birthday=2),
}
"""All others are as ``Person()`` says."""

BACK_IN_STOCK = [
    told(0, "10:00", "emma", STOCK, **DRESS),
    told(0, "21:00", "ayla", STOCK, **DRESS),
    told(0, "21:00", "asli", STOCK, **DRESS),
    told(0, "22:00", "asli", ORDER, "store", **bought("K-1", DRESS)),
    told(0, "21:00", "arda", STOCK, **DRESS),
    told(0, "22:00", "arda", "Product Added", "web", **DRESS, quantity=1),
]
PRICE_DROP = [
    told(0, "10:00", "pelin", DROP, **DRESS, old_price=1799.9),
    told(0, "12:00", "pelin", STOCK, **BELT),
    look(0, "21:00", "pelin"),
    told(0, "10:00", "polat", DROP, **DRESS, old_price=999),
    told(0, "21:00", "poyraz", DROP, **DRESS, old_price=1799.9),
    told(0, "22:00", "poyraz", ORDER, "store", **bought("K-1", DRESS)),
]
LAST_HOURS = [
    *(told(0, "10:00", who, "Offer Started", **OFFER, ends_at=(2, "19:00")) for who in ("lara", "lale", "leyla")),
    told(0, "10:00", "lara", "Offer Started", **{**OFFER, "offer_id": "second"}, ends_at=(4, "19:00")),
    told(1, "22:00", "lale", ORDER, "store", **bought("K-1", BELT)),
    told(0, "10:00", "levent", "Offer Started", **OFFER, ends_at=(3, "00:00")),
    told(0, "21:00", "leman", "Offer Started", **OFFER, ends_at=(1, "00:00")),
    *(told(1, clock, "leyla", "Product Viewed", "web", **DRESS) for clock in ("10:55", "11:00")),
]
WELCOME = [
    *(told(0, "12:00", who, "Signed Up") for who in ("umay", "utku", "umut")),
    *(told(0, "21:00", "umut", event, **DRESS, old_price=1799.9) for event in (STOCK, DROP)),
    *(told(0, clock, "ufuk", "Product Viewed", "web", **DRESS) for clock in ("09:50", "09:55")),
    told(0, "10:00", "ufuk", "Signed Up"),
    told(0, "10:00", "ufuk", "Product Added", "web", **DRESS, quantity=1),
    told(0, "10:01", "ufuk", DROP, **BELT, old_price=599),
]
BROWSE_FOLLOW_UP = [
    *(told(0, clock, "vera", "Product Viewed", "web", **DRESS) for clock in ("09:50", "10:00")),
    told(0, "09:55", "vera", "Product Viewed", "web", **BELT),
    told(0, "09:55", "volkan", "Product Viewed", "web", **DRESS),
    told(0, "10:00", "volkan", "Product Viewed", "web", **BELT),
]
POST_PURCHASE = [
    told(0, "22:00", "onur", ORDER, **bought("K-1", DRESS, BELT)),
    told(1, "11:00", "onur", "Order Shipped", order_id="K-1", **PARCEL),
    told(1, "22:00", "onur", "Order Delivered", order_id="K-1"),
    told(0, "10:00", "oya", ORDER, **bought("K-2", BELT)),
    told(0, "12:00", "oya", "Order Cancelled", order_id="K-2"),
    told(1, "11:00", "oya", "Order Shipped", order_id="K-2"),
    told(0, "10:00", "orhan", ORDER, **bought("K-3", DRESS, BELT)),
    told(1, "11:00", "orhan", "Order Shipped", order_id="K-3"),
    told(1, "11:00", "orhan", "Order Delivered", order_id="K-3"),
    told(1, "22:00", "orhan", "Return Opened", order_id="K-3", return_id="r-1"),
]
COMPLEMENTARY = [
    *(told(day, "11:00", "ceren", "Product List Viewed", "web", category="elbise") for day in (-2, -1)),
    told(0, "10:00", "ceren", ORDER, **bought("K-4", DRESS)),
    told(1, "22:00", "ceren", "Order Delivered", order_id="K-4"),
]
VIP = [
    *(told(day, "10:00", "hale", ORDER, **bought(f"K{day}", BELT)) for day in (-75, -65, -55, -45, -35, 0)),
    *(told(day, "10:00", "hakan", ORDER, **bought(f"K{day}", BELT)) for day in (-75, -65, -55, -45, -35, 0)),
    told(0, "12:00", "hakan", CASE, complaint_id="c-1"),
]
WIN_BACK = [
    *(told(day, "10:00", "rana", ORDER, **bought(f"K{day}", BELT)) for day in (-129, -119, -109, -99, -89)),
    told(-89, "10:00", "reyhan", ORDER, **bought("K-1", BELT)),
    told(0, "12:00", "reyhan", CASE, complaint_id="c-2"),
    *(told(-89, "21:00", who, ORDER, **bought("K-1", BELT)) for who in ("remzi", "gonca")),
    told(1, "22:00", "remzi", ORDER, "store", **bought("K-2", BELT)),
]
STORY: list[Told] = [
    *BACK_IN_STOCK, *PRICE_DROP, *LAST_HOURS, *WELCOME, *BROWSE_FOLLOW_UP, *POST_PURCHASE, *COMPLEMENTARY, *VIP,
    *WIN_BACK,
]  # fmt: skip
END = (9, "11:30")
