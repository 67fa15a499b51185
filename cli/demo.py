"""The demo: a cart left on the phone becomes a reminder, and a purchase in the store ends it.

Talks to the endpoint as the shop's channels do, moves the local clock, and reads the result from the admin API and the
outbox. Every run makes new people, so a second run changes nothing of the first.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli import place
from cli.api import AdminApi, quoted
from cli.failure import Failure
from cli.local import clock
from cli.local.outbox import delivered
from cli.local.running import LocalStack, local_stack
from cli.local.settle import settle
from cli.track import Channel

SHIRT = {
    "product_id": "keten-gomlek-m",
    "name": "Keten gömlek",
    "price": 899.9,
    "quantity": 1,
    "url": "https://shop.example/p/keten-gomlek",
    "image_url": "https://shop.example/i/keten-gomlek.jpg",
}
SHOES = {
    "product_id": "deri-ayakkabi-42",
    "name": "Deri ayakkabı",
    "price": 2499.0,
    "quantity": 1,
    "url": "https://shop.example/p/deri-ayakkabi",
    "image_url": "https://shop.example/i/deri-ayakkabi.jpg",
}
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Demo:
    """One play. ``run`` makes the names of its people new."""

    stack: LocalStack
    api: AdminApi
    keys: dict[str, str]
    tell: Tell
    run: str

    def channel(self, name: str) -> Channel:
        return Channel(self.api.endpoint, self.keys[name], clock.now)

    def play(self) -> None:
        """The whole story.

        Raises
        ------
        Failure
            If something is not as it must be.
        """
        zone = self.stack.time_zone()
        self.advance(clock.next_local("10:00", clock.now(), zone))
        self.ayse_leaves_a_cart()
        self.mehmet_leaves_a_cart()
        settle(self.stack.base)
        self.two_devices_one_customer()
        cart_left = clock.now()
        self.advance(cart_left + timedelta(hours=1))
        self.reminded(self.ayse, "reminder")
        self.reminded(self.mehmet, "reminder")
        self.mehmet_buys_in_the_store()
        self.advance(cart_left + timedelta(hours=24))
        self.reminded(self.ayse, "offer")
        self.advance(cart_left + timedelta(hours=72))
        self.reminded(self.ayse, "last")
        self.nothing_more_for_mehmet()

    @property
    def ayse(self) -> str:
        return f"ayse-{self.run}"

    @property
    def mehmet(self) -> str:
        return f"mehmet-{self.run}"

    def ayse_leaves_a_cart(self) -> None:
        phone, desktop, shop = self.channel("mobile"), self.channel("web"), self.channel("server")
        on_phone = {
            "device": {"id": f"phone-{self.run}", "type": "android", "token": f"token-{self.run}"},
            "locale": "tr-TR",
        }
        unknown = f"app-{self.run}"
        phone.send("screen", anonymousId=unknown, name="Yeni gelenler", context=on_phone)
        phone.send("track", anonymousId=unknown, event="Product Viewed", properties=SHIRT, context=on_phone)
        phone.send("track", anonymousId=unknown, event="Product Added", properties=SHIRT, context=on_phone)
        self.tell("Ayşe browses on her phone, unknown, and adds a linen shirt to her cart.")
        shop.send(
            "identify",
            userId=self.ayse,
            traits={"email": f"{self.ayse}@example.com", "firstName": "Ayşe", "language": "tr"},
        )
        for kind in ("email", "push"):
            self.consent(self.ayse, kind)
        desktop.send("identify", userId=self.ayse, anonymousId=f"browser-{self.run}", context={"locale": "tr-TR"})
        desktop.send("page", userId=self.ayse, anonymousId=f"browser-{self.run}", name="Sepet")
        phone.send("identify", userId=self.ayse, anonymousId=unknown, context=on_phone)
        self.tell("She signs in on the desktop; the app on her phone follows.")

    def mehmet_leaves_a_cart(self) -> None:
        desktop, shop = self.channel("web"), self.channel("server")
        shop.send(
            "identify",
            userId=self.mehmet,
            traits={"email": f"{self.mehmet}@example.com", "firstName": "Mehmet", "language": "tr"},
            context={"externalIds": [{"type": "loyalty", "id": f"L-{self.run}"}]},
        )
        self.consent(self.mehmet, "email")
        desktop.send("identify", userId=self.mehmet, anonymousId=f"mehmet-browser-{self.run}")
        desktop.send(
            "track",
            userId=self.mehmet,
            anonymousId=f"mehmet-browser-{self.run}",
            event="Product Added",
            properties=SHOES,
        )
        self.tell("Mehmet leaves a pair of shoes in his cart on the web.")

    def consent(self, user: str, channel: str) -> None:
        properties = {"channel": channel, "purpose": "marketing", "source": "HS_WEB", "text_version": "2026-01"}
        self.channel("server").send("track", userId=user, event="Consent Granted", properties=properties)

    def two_devices_one_customer(self) -> None:
        found = self.customer(f"user:{self.ayse}")
        other = self.customer(f"anonymous:app-{self.run}")
        carts = [item["product_id"] for item in (found.get("cart") or {}).get("items", [])]
        if found.get("id") != other.get("id") or SHIRT["product_id"] not in carts:
            raise Failure(
                "the demo expected phone and desktop to be one customer with the shirt in the cart; they are not"
            )
        names = ", ".join(str(name) for name in found["identifiers"])
        self.tell(f"Two devices, one customer: {names}; the cart is with her.")

    def mehmet_buys_in_the_store(self) -> None:
        order = {
            "order_id": f"S-{self.run}",
            "total": 2499.0,
            "revenue": 2499.0,
            "currency": "TRY",
            "products": [SHOES],
        }
        card = {"externalIds": [{"type": "loyalty", "id": f"L-{self.run}"}]}
        self.channel("store").send("track", event="Order Completed", properties=order, context=card)
        self.tell("Mehmet buys the shoes in the store and shows his loyalty card.")

    def reminded(self, user: str, step: str) -> None:
        found = [item for item in self.sent_to(user) if item["step"] == step]
        if not found:
            reasons = "; ".join(self.why(user)) or "no message is recorded"
            raise Failure(f"the demo expected the step {step} to be sent to {user}, and it was not: {reasons}")
        for item in found:
            says = item.get("subject") or item.get("title") or item.get("text") or ""
            self.tell(f"[green]{item['channel']:<5}[/green] to {user}: {says}")

    def nothing_more_for_mehmet(self) -> None:
        steps = {item["step"] for item in self.sent_to(self.mehmet)}
        if steps - {"reminder"}:
            raise Failure(
                f"the demo expected nothing after the purchase for {self.mehmet}; sent were {', '.join(sorted(steps))}"
            )
        reasons = self.why(self.mehmet)
        if not reasons:
            raise Failure(f"the demo expected a reason why {self.mehmet} got nothing more; none is recorded")
        self.tell(f"Nothing more for Mehmet: {'; '.join(reasons)}.")

    def sent_to(self, user: str) -> list[dict[str, Any]]:
        mine = {item["message_id"] for item in self.messages(user)}
        return [item for item in delivered(self.stack) if item["message_id"] in mine]

    def why(self, user: str) -> list[str]:
        """What was not sent, and the reason of each; also why the journey ended."""
        said = [f"{item.get('step')}: {item['reason']}" for item in self.messages(user) if item.get("reason")]
        runs = self.customer(f"user:{user}").get("journeys") or []
        ended = [
            f"{run.get('journey')} ended: {run['reason']}"
            for run in runs
            if isinstance(run, dict) and run.get("reason")
        ]
        return said + ended

    def messages(self, user: str) -> list[dict[str, Any]]:
        return list(self.api.items(f"/v1/customers/{quoted('user:' + user)}/messages"))

    def customer(self, identifier: str) -> dict[str, Any]:
        return dict(self.api.get(f"/v1/customers/{quoted(identifier)}"))

    def advance(self, target: datetime) -> None:
        clock.advance(self.stack.movable(), target)
        local = clock.in_zone(clock.now(), self.stack.time_zone())
        self.tell(f"[bold]{local:%A %H:%M}[/bold]")


def play(tell: Tell) -> str:
    """Plays the demo on the running local stack; the user id of its Ayşe.

    Raises
    ------
    Failure
        If the stack does not run, or something is not as it must be.
    """
    local = place.read(place.LOCAL)
    if not local:
        raise Failure("no local stack is running: start it with `make run`")
    api = AdminApi(local["endpoint"], local["admin_key"])
    demo = Demo(local_stack(), api, local["write_keys"], tell, secrets.token_hex(2))
    demo.play()
    return demo.ayse


def main() -> None:
    """Plays it once more: `python -m cli.demo`."""
    from cli.show import line

    try:
        play(line)
    except Failure as failed:
        print(f"kervan: {failed}", file=sys.stderr)
        sys.exit(failed.status)


if __name__ == "__main__":
    main()
