"""Messages in the middle of a day: one sent with a code, one that waits, links in an inbox, a provider that is out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from functions.notify.message_links import MessageLinks
from functions.notify.service import Notifying
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import Release
from shared.domain.message_links.message_link import LinkTokens
from shared.domain.messages.request import Channel, SendRequest
from shared.ports.sender import Postponed
from shared.stores.breakers import Breakers
from shared.stores.coupons import CouponCodes
from shared.stores.releases import Releases
from shared.stores.short_links import ShortLinks
from tests.flow.releases.scene import Scene
from tests.unit.ingest.test_preferences import Recipient
from tests.unit.notify.test_coupons import UNCAPPED, offer
from tests.unit.notify.world import JOURNEY, MORNING, SECRET, TEMPLATES, Shopping, request

COUPON = CouponDefinition(coupon="CART10", codes="imported")
CODES = ("KIS-1", "KIS-2", "KIS-3")
HOUR = timedelta(hours=1)
URL = "https://api.example"


class Shop(Shopping):
    """With a coupon, the templates that are used, and a link in the text message."""

    def publish(self, shop: Any = UNCAPPED, **_more: Any) -> Release:
        ready = TEMPLATES["cart-reminder"]
        linked = ready.model_copy(update={"sms": dict.fromkeys(ready.sms, "Sepetin: {{ action.url }}")})
        release = Release(0, UNCAPPED, (), (JOURNEY,), (linked, TEMPLATES["cart-offer"]), (COUPON,))
        return Releases(self.catalog).publish(release)


def notifying(shop: Shopping, channel: Channel) -> Notifying:
    """A worker of a channel, with links of the shop's own."""
    links = MessageLinks(LinkTokens(SECRET), ShortLinks(shop.messages), URL)
    return replace(shop.notifying(channel=channel, url=URL), links=links)


def handle(shop: Shopping, wanted: SendRequest, after: timedelta = timedelta(), worker: Notifying | None = None) -> Any:
    """What becomes of a request."""
    service = worker or notifying(shop, cast("Channel", wanted.channels[0]))
    record = service.handle(wanted.model_copy(update={"release": 1}), MORNING + after)
    return [record.state, str(record.outcome).split("(")[0], bool(record.coupon), record.channel]


def play(shop: Shopping) -> dict[str, Any]:
    """In inboxes: links of a mail and of a text message. In queues: a request that nobody worked on, and one that
    waits because the provider of push messages is out."""
    shop.ayse()
    CouponCodes(shop.messages, shop.chance.randrange).add("CART10", CODES)
    handle(shop, offer())
    handle(shop, request("sms", step="text"))
    shop.sender.answers = [Postponed("provider_endpoint_connection")] * 40
    waits = request("push", step="waits", enrollment="w0")
    worker = notifying(shop, "push")
    for number in range(5):
        one = waits.model_copy(update={"enrollment": f"w{number}"})
        handle(shop, one, timedelta(seconds=number), worker)
    mail, text = (one.content for one in shop.sender.sent[:2])
    html = str(getattr(mail, "html", ""))
    return {
        "page": Recipient(_first(shop)).token,
        "click": _found(r"https://api\.example/l/([\w-]+)", html),
        "text": str(getattr(text, "text", "")),
        "queued": offer(enrollment="e2").model_dump_json(),
        "waits": waits.model_dump_json(),
    }


def answers(shop: Shopping, carried: Any) -> dict[str, Any]:
    shop.sender.sent.clear()
    codes = CouponCodes(shop.messages, shop.chance.randrange)
    short = _found(r"https://api\.example/([A-Za-z0-9]+)", carried["text"])
    link = ShortLinks(shop.messages).get(short)
    return {
        "ledger": Counter(
            f"{item['step']} {item['state']} {item.get('coupon', '')}"
            for item in shop.messages.items()
            if "step" in item
        ),
        "who has a code": [
            (held := codes.find("CART10", code)) and [held.percent, str(held.valid_until)] for code in CODES
        ],
        "the mail leads to": LinkTokens(SECRET).read(carried["click"]).url,
        "the text leads to": link and link.url,
        "the provider": str(Breakers(shop.catalog, "push").read().phase),
        "sent again": handle(shop, offer(), HOUR),
        "the next in the queue": handle(shop, SendRequest.model_validate_json(carried["queued"]), HOUR),
        "what waits": handle(shop, SendRequest.model_validate_json(carried["waits"]), 3 * HOUR),
        "went out": [one.address.to for one in shop.sender.sent],
    }


def _first(shop: Shopping) -> Shopping:
    """The mail alone."""
    shop.sender.sent.sort(key=lambda one: not hasattr(one.content, "html"))
    shop.sender.sent[:] = shop.sender.sent[:1]
    return shop


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return found[1]


SENDING = Scene(
    "sending",
    Shop,
    lambda shop: {
        "customers": shop.world.memory, "messages": shop.messages, "timers": shop.timers, "catalog": shop.catalog,
        "products": shop.products, "stock": shop.stock,
    },
    play,
    answers,
)  # fmt: skip
