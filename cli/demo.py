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

from cli import paths
from cli.deployment.api import AdminApi, quoted
from cli.deployment.track import Channel
from cli.failure import Failure
from cli.local import clock
from cli.local.outbox import delivered
from cli.local.running import LocalStack, local_stack
from cli.local.wait_until_idle import settle

SHIRT = {
    "product_id": "keten-gomlek-m",
    "name": "Keten gömlek",
    "price": 899.9,
    "quantity": 1,
    "url": "https://shop.example/p/keten-gomlek",
    "image_url": "https://shop.example/i/keten-gomlek.png",
}
SHOES = {
    "product_id": "deri-ayakkabi-42",
    "name": "Deri ayakkabı",
    "price": 2499.0,
    "quantity": 1,
    "url": "https://shop.example/p/deri-ayakkabi",
    "image_url": "https://shop.example/i/deri-ayakkabi.png",
}
CART = "cart-recovery"
Tell = Callable[[str], None]


@dataclass
class Demo:
    """One play. ``run`` makes the names of its people new."""

    stack: LocalStack
    api: AdminApi
    keys: dict[str, str]
    tell: Tell
    run: str
    met: bool = False

    def channel(self, name: str) -> Channel:
        return Channel(self.api.endpoint, self.keys[name], clock.now)

    def play(self) -> None:
        """The whole story.

        Raises
        ------
        Failure
            If something is not as it must be.
        """
        self.advance(clock.next_local("10:00", clock.now(), self.zone))
        self.ayse_leaves_a_cart()
        self.mehmet_leaves_a_cart()
        settle(self.stack.base)
        self.met = True
        self.two_devices_one_customer()
        left = clock.now()
        self.advance(left + timedelta(hours=1))
        self.expect(self.ayse, "reminder")
        self.expect(self.mehmet, "reminder")
        self.mehmet_buys_in_the_store()
        self.advance(left + timedelta(hours=24))
        self.expect(self.ayse, "offer")
        self.advance(left + timedelta(hours=72))
        self.expect(self.ayse, "last")
        self.nothing_more_for_mehmet()

    @property
    def zone(self) -> str:
        return self.stack.time_zone()

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
        cart = [item["product_id"] for item in found["cart"]["items"]]
        if found["id"] != other["id"] or SHIRT["product_id"] not in cart:
            raise Failure(
                "the demo expected phone and desktop to be one customer with the shirt in the cart; they are not"
            )
        names = ", ".join(found["identifiers"])
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

    def expect(self, user: str, step: str) -> None:
        if step not in {item["step"] for item in self.sent_to(user)}:
            reasons = "; ".join(self.why(user)) or "no message is recorded"
            raise Failure(f"the demo expected the step {step} to be sent to {user}, and it was not: {reasons}")

    def nothing_more_for_mehmet(self) -> None:
        sent = self.sent_to(self.mehmet)
        steps = {item["step"] for item in sent if item["journey"] == CART}
        if steps - {"reminder"}:
            raise Failure(
                f"the demo expected no word of the cart after the purchase of {self.mehmet}; "
                f"sent were {', '.join(sorted(steps))}"
            )
        self.expect(self.mehmet, "confirmed")
        reasons = self.why(self.mehmet)
        if not reasons:
            raise Failure(f"the demo expected a reason why {self.mehmet} got nothing more; none is recorded")
        self.tell(f"Nothing more of the cart for Mehmet, but his order confirmed: {'; '.join(reasons)}.")

    def sent_to(self, user: str) -> list[dict[str, Any]]:
        """What is in the outbox for this user; nothing if the user is not known yet."""
        mine = {item["message_id"] for item in self.messages(user)} if self.met else set()
        return [item for item in delivered(self.stack) if item["message_id"] in mine] if mine else []

    def why(self, user: str) -> list[str]:
        """What was not sent, and the reason of each; also why the journey ended."""
        said = [
            f"{item['step']} by {item['channel']}: {item['reason']}" for item in self.messages(user) if item["reason"]
        ]
        for run in self.customer(f"user:{user}")["journeys"]:
            said += [f"{step['step']}: {step['reason']}" for step in run["steps"] if step.get("reason")]
            said += [f"{run['journey']} ended: {run['reason']}"] if run.get("reason") else []
        return list(dict.fromkeys(said))

    def messages(self, user: str) -> list[dict[str, Any]]:
        return list(self.api.items(f"/v1/customers/{quoted('user:' + user)}/messages"))

    def customer(self, identifier: str) -> dict[str, Any]:
        return dict(self.api.get(f"/v1/customers/{quoted(identifier)}"))

    def advance(self, target: datetime) -> None:
        """Moves time on, says so, and tells what was sent meanwhile, each at its own time."""
        before = {item["message_id"] for user in (self.ayse, self.mehmet) for item in self.sent_to(user)}
        clock.advance(self.stack.movable(), target)
        self.tell(f"[bold]Time passes until {clock.in_zone(clock.now(), self.zone):%a %H:%M}.[/bold]")
        news = [(item, user) for user in (self.ayse, self.mehmet) for item in self.sent_to(user)]
        for item, user in sorted(news, key=lambda pair: str(pair[0]["sent_at"])):
            if item["message_id"] not in before:
                at = clock.in_zone(datetime.fromisoformat(item["sent_at"]), self.zone)
                says = item.get("subject") or item.get("title") or item["text"]
                self.tell(f"{at:%a %H:%M}  [green]{item['channel']}[/green] to {user} ({item['step']}): {says}")


def play(tell: Tell) -> str:
    """Plays the demo on the running local stack; the user id of its Ayşe.

    Raises
    ------
    Failure
        If the stack does not run, or something is not as it must be.
    """
    local = paths.read(paths.LOCAL)
    if not local:
        raise Failure("no local stack is running: start it with `make run`")
    api = AdminApi(local["endpoint"], local["admin_key"])
    demo = Demo(local_stack(), api, local["write_keys"], tell, secrets.token_hex(2))
    demo.play()
    return demo.ayse


def main() -> None:
    """Plays it once more: `python -m cli.demo`."""
    from cli.output.tables import line

    try:
        play(line)
    except Failure as failed:
        print(f"kervan: {failed}", file=sys.stderr)
        sys.exit(failed.status)


if __name__ == "__main__":
    main()
