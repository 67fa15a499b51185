"""A snow jacket: seen on the desktop, put into the cart on the phone, bought on the laptop, picked up at the store by
code, exchanged there for a larger size, complained about on Instagram, replaced by parcel. One customer, one timeline,
the stock right at every step, and no wrong message."""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.conftest import Kervan
from tests.e2e.test_conversations import agents, post, wrote

pytestmark = pytest.mark.e2e
STORE, DEPOT = "kadikoy", "depot"
OPEN = {"city": "İstanbul", "opening": {"mon": "10:00-22:00"}, "ready_within": "2h"}


class Story:
    """One customer on six channels, and the stock of three skus at a store and a depot."""

    def __init__(self, kervan: Kervan, name: str) -> None:
        self.kervan, self.name = kervan, name
        self.account = f"88{secrets.randbelow(10**8):08}"
        self.medium, self.large, self.gloves = (f"{sku}-{name}" for sku in ("jacket-m", "jacket-l", "gloves"))
        self.store, self.depot = f"{STORE}-{name}", f"{DEPOT}-{name}"
        self.order, self.exchange = f"K-{name}", f"X-{name}"
        self.desktop, self.phone, self.laptop = (
            {"anonymousId": f"desktop-{name}"}, {"anonymousId": f"phone-{name}"}, {"anonymousId": f"laptop-{name}"},
        )  # fmt: skip
        self.card = {"context": {"externalIds": [{"id": f"L-{name}", "type": "loyalty"}]}}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, *, admin: bool = False) -> Any:
        """What the till or the shop's server asks of the stock: status and answer."""
        key = self.kervan.api.key if admin else self.kervan.write_keys["store"]
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        status, _headers, found = self.kervan.http(method, path, content, headers)
        self.kervan.settle()
        return status, found

    def moved(self, kind: str, sku: str, location: str, quantity: int, key: str, **more: Any) -> None:
        """A movement that is sent twice, because the till heard no answer the first time."""
        body = {"key": f"{key}-{self.name}", "kind": kind, "sku": sku, "location": location, "quantity": quantity}
        for state in ("applied", "repeated"):
            status, found = self.ask("POST", "/v1/stock/movements", {**body, **more})
            assert (status, found["items"][0]["state"]) == (200, state)

    def levels(self) -> dict[str, tuple[int, int]]:
        """``on_hand`` and ``reserved`` by sku and location; each is what its log adds up to."""
        found = {}
        for word, sku in (("m", self.medium), ("l", self.large), ("gloves", self.gloves)):
            for row in self.ask("GET", f"/v1/stock/{sku}")[1]["locations"]:
                found[f"{word}@{row['location'].partition('-')[0]}"] = (row["on_hand"], row["reserved"])
        return found

    def track(self, by: str, event: str, who: dict[str, Any], /, **properties: Any) -> None:
        self.kervan.channel(by).send("track", event=event, properties=properties, **who)
        self.kervan.settle()

    def product(self, sku: str, name: str, price: float) -> dict[str, Any]:
        return {"product_id": sku, "sku": sku, "name": name, "price": price, "currency": "TRY", "quantity": 1}

    def sent(self) -> list[str]:
        """Every message to the customer but what agents answered, in order of time."""
        everything = self.kervan.messages(f"user:{self.name}")
        found = [one for one in everything if one["state"] == "sent" and one["purpose"] != "service"]
        return [f"{one['step']} {one['channel']}" for one in sorted(found, key=lambda one: one["at"])]

    def stocked(self) -> None:
        """A store that serves pick-up and a depot, described by the shop, with the first receipts."""
        for name, more in ((self.store, {"pickup": True, "label": "Kadıköy", **OPEN}), (self.depot, {})):
            assert self.ask("PUT", f"/v1/locations/{name}", more, admin=True)[0] == 200
        for sku, title, price in (
            (self.medium, "Kar Montu M", "2499.90"), (self.large, "Kar Montu L", "2499.90"),
            (self.gloves, "Eldiven", "299.90"),
        ):  # fmt: skip
            product = {"name": title, "price": price, "currency": "TRY"}
            assert self.ask("PUT", f"/v1/products/{sku}", product)[0] == 200
        for number, (sku, place, count) in enumerate(
            ((self.medium, self.store, 2), (self.large, self.store, 1), (self.large, self.depot, 3),
             (self.gloves, self.store, 1))
        ):  # fmt: skip
            self.moved("receipt", sku, place, count, f"in-{number}")

    def met(self) -> None:
        """Seen on the desktop, where she signs in the next day; put into the cart on the phone, which has the app."""
        who = {"userId": self.name}
        traits = {"email": f"{self.name}@example.com", "firstName": "Elif", "language": "tr"}
        jacket = self.product(self.medium, "Kar Montu M", 2499.9)
        self.track("web", "Product Viewed", self.desktop, **jacket)
        self.kervan.channel("server").send(
            "identify", traits=traits, **who, context={"externalIds": [{"id": self.account, "type": "instagram"}]}
        )
        for channel in ("email", "push"):
            self.track("server", "Consent Granted", who, channel=channel, purpose="marketing")
        token = {"device": {"type": "android", "token": f"token-{self.name}"}}
        self.kervan.channel("mobile").send(
            "track", event="Application Opened", properties={}, context=token, **who, **self.phone
        )
        self.track("mobile", "Product Added", {**who, **self.phone}, **jacket)
        self.track("web", "Signed In", {**who, **self.desktop})

    def bought(self) -> None:
        """On the laptop, to be picked up; the shop's server sends the order and holds the piece, each twice."""
        self.track("web", "Signed In", {"userId": self.name, **self.laptop})
        order = {
            "order_id": self.order, "total": 2499.9, "currency": "TRY",
            "products": [self.product(self.medium, "Kar Montu M", 2499.9)],
        }  # fmt: skip
        wanted = {
            "key": self.order, "customer": f"user:{self.name}", "order_id": self.order, "location": self.store,
            "sku": self.medium, "quantity": 1,
        }  # fmt: skip
        for _ in range(2):
            self.track("server", "Order Completed", {"userId": self.name, "messageId": self.order}, **order)
            status, made = self.ask("POST", "/v1/stock/pickups", wanted)
            assert (status, made["pickup"]["state"]) == (200, "requested")

    def code(self) -> str:
        """As the push to her phone says it."""
        self.kervan.advance(timedelta(minutes=2))
        pushes = [one for one in self.kervan.outbox() if one["channel"] == "push" and self.name in str(one["to"])]
        assert len(pushes) == 1, self.kervan.messages(f"user:{self.name}")
        (push,) = pushes
        found = re.search(r"kod: ([A-Z0-9]{6})", push["text"])
        assert found is not None
        return found[1]


def test_the_snow_jacket(kervan: Kervan, name: str) -> None:
    """The whole story, with the levels after each step."""
    kervan.advance_until("10:00")
    story = Story(kervan, name)
    story.stocked()
    assert story.levels() == {"m@kadikoy": (2, 0), "l@kadikoy": (1, 0), "l@depot": (3, 0), "gloves@kadikoy": (1, 0)}
    story.met()
    story.bought()
    assert story.levels()["m@kadikoy"] == (2, 1)
    assert kervan.customer(f"user:{name}")["cart"]["items"] == []

    kervan.advance(timedelta(hours=2))
    picked_up_at_the_store(story)
    kervan.advance(timedelta(hours=1))
    exchanged_for_a_larger_size(story)
    complained_on_instagram(story)
    told_as_one_customer(story)


def picked_up_at_the_store(story: Story) -> None:
    """Ready, told with the code, handed out for it, once."""
    path = f"/v1/stock/pickups/{story.order}"
    assert story.ask("POST", f"{path}/ready", {})[1]["pickup"]["state"] == "ready"
    code = story.code()
    assert story.ask("POST", f"{path}/collect", {"code": "AAAAAA"})[0] == 403
    assert story.levels()["m@kadikoy"] == (2, 1)
    for _ in range(2):
        status, found = story.ask("POST", f"{path}/collect", {"code": code.lower()})
        assert (status, found["pickup"]["state"]) == (200, "picked_up")
    assert story.levels()["m@kadikoy"] == (1, 0)


def exchanged_for_a_larger_size(story: Story) -> None:
    """The medium one comes back, which is a refund of the order of the web; the large one is sold by her card."""
    story.kervan.channel("store").send("identify", userId=story.name, traits={}, **story.card)
    story.track("store", "Return Requested", {"userId": story.name}, return_id=f"R-{story.name}", order_id=story.order)
    back = {
        "key": f"R-{story.name}", "customer": f"loyalty:L-{story.name}", "order_id": story.order,
        "location": story.store, "sku": story.medium, "quantity": 1, "refund": "2499.90", "currency": "TRY",
    }  # fmt: skip
    for repeated in (False, True):
        status, found = story.ask("POST", "/v1/stock/returns", back)
        assert (status, found["repeated"]) == (200, repeated)
    story.moved("sale", story.large, story.store, 1, "x", order_id=story.exchange)
    order = {
        "order_id": story.exchange, "total": 2499.9, "currency": "TRY", "location": story.store,
        "products": [story.product(story.large, "Kar Montu L", 2499.9)],
    }  # fmt: skip
    story.track("store", "Order Completed", story.card, **order)
    story.track("store", "Return Completed", {"userId": story.name}, return_id=f"R-{story.name}")
    assert story.levels() == {"m@kadikoy": (2, 0), "l@kadikoy": (0, 0), "l@depot": (3, 0), "gloves@kadikoy": (1, 0)}
    orders = story.kervan.customer(f"user:{story.name}")["orders"]
    assert orders["count"] == 1, "the first one was given back whole"


def complained_on_instagram(story: Story) -> None:
    """A seam is open. Marketing is held while the complaint is; a new one comes by parcel from the depot."""
    conversation = wrote(story.kervan, "instagram", story.account, "Montun dikişi açıldı.")
    post(story.kervan, conversation, "details", kind="complaint", order_id=story.exchange)
    who = {"userId": story.name, **story.phone}
    story.track("mobile", "Product Added", who, **story.product(story.gloves, "Eldiven", 299.9))
    story.kervan.advance(timedelta(hours=3))
    reminders = [one for one in story.kervan.messages(f"user:{story.name}") if one["journey"] == "cart-recovery"]
    held = {(one["state"], one["reason"]) for one in reminders}
    assert ("skipped", "open_case") in held, "it would be stale in the morning"
    assert held <= {("skipped", "open_case"), ("skipped", "stopped_ordered"), ("skipped", "stopped_cart_empty")}

    story.moved("sale", story.large, story.depot, 1, "parcel", order_id=story.exchange)
    parcel = {"order_id": story.exchange, "tracking_number": "TR1", "carrier": "Aras"}
    story.track("server", "Order Shipped", {"userId": story.name}, **parcel)
    seen = agents(story.kervan).get(f"/v1/conversations/{conversation}")["seen"]
    reply = {
        "seen": seen,
        "channel": "instagram",
        "text": "Yenisi yola çıktı.",
        "agent": "deniz",
        "key": f"a-{story.name}",
    }
    post(story.kervan, conversation, "replies", **reply)
    post(story.kervan, conversation, "state", state="closed")
    assert story.levels()["l@depot"] == (2, 0)
    story.kervan.advance(timedelta(hours=24))


def told_as_one_customer(story: Story) -> None:
    """Each identifier leads to her; the timeline has it all; what was sent is what belongs to the story."""
    name, kervan = story.name, story.kervan
    known = [f"user:{name}", f"email:{name}@example.com", f"loyalty:L-{name}", f"external:instagram/{story.account}"]
    known += [f"anonymous:{device}-{name}" for device in ("desktop", "phone", "laptop")]
    assert len({kervan.customer(who)["id"] for who in known}) == 1
    order = [
        "Product Viewed", "Product Added", "Order Completed", "Pickup Requested", "Pickup Ready", "Picked Up",
        "Return Requested", "Order Refunded", "Return Completed", "Message Received", "Case Opened", "Order Shipped",
        "Case Closed",
    ]  # fmt: skip
    timeline = kervan.timeline(f"user:{name}")
    told = [one["event"] for one in timeline]
    first = [min(one["time"] for one in timeline if one["event"] == event) for event in order]
    assert first == sorted(first)
    assert [told.count(event) for event in ("Pickup Ready", "Picked Up", "Order Refunded")] == [1, 1, 1]
    assert sorted(story.sent()) == sorted(
        ["confirmed email", "ready push", "confirmed email", "shipped push", "offer email"]
    )
    assert story.sent()[-1] == "offer email", "the next step of the cart, after the complaint was closed"
    (offer,) = [
        one for one in kervan.outbox() if one["to"] == f"{name}@example.com" and one["template"] == "cart-offer"
    ]
    assert "Kadıköy mağazamızda var" in offer["html"], "the gloves lie where she picked up before"
