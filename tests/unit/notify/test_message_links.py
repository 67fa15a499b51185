"""Links of what is sent: on each channel, by the shop's settings, and never at the price of another part."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from functions.notify.message_links import MessageLinks
from functions.notify.service import Notifying
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.message_links.message_link import LinkTokens
from shared.domain.message_links.settings import LinkSettings
from shared.domain.messages.request import Channel
from shared.domain.templates.content import Content, EmailContent, PushContent, SmsContent
from shared.ports.sender import Accepted, Answer, Outgoing
from shared.stores.releases import Releases
from shared.stores.short_links import ShortLinks
from tests.unit.notify.world import JOURNEY, MORNING, SECRET, SHOP, TEMPLATES, Shopping, request

pytestmark = pytest.mark.unit
TOKENS = LinkTokens(SECRET)
SHORT = "https://krv.example"
"""An address of the shop's own for links."""


def notifying(shopping: Shopping, url: str = SHORT, **more: Any) -> Notifying:
    links = MessageLinks(TOKENS, ShortLinks(shopping.messages), url)
    return replace(shopping.notifying(url=url, **more), links=links)


def sent(channel: Channel, shop: Shop = SHOP, url: str = SHORT) -> tuple[Content, Shopping]:
    shopping = Shopping(shop)
    shopping.ayse()
    notifying(shopping, url).handle(request(channel), MORNING)
    (outgoing,) = shopping.sender.sent
    return outgoing.content, shopping


def leads_to(address: str, shopping: Shopping) -> str:
    name = address.rpartition("/")[2]
    stored = ShortLinks(shopping.messages).get(name)
    return stored.url if stored else TOKENS.read(name).url


def test_each_channel_leads_through_us() -> None:
    email, shopping = sent("email")
    assert isinstance(email, EmailContent)
    (address, *_) = re.findall(rf'href="({SHORT}/l/[\w-]+)"', email.html)
    assert leads_to(address, shopping).endswith(
        "utm_source=kervan&utm_medium=email&utm_campaign=cart-recovery&utm_content=reminder"
    )
    assert email.html.count(f"{SHORT}/o/") == 1
    push, shopping = sent("push")
    assert isinstance(push, PushContent)
    assert "utm_medium=push" in leads_to(push.url, shopping)


def test_what_the_shop_switched_off_is_off() -> None:
    quiet = SHOP.model_copy(update={"links": LinkSettings(opens=False, clicks=("push",))})
    email, _ = sent("email", quiet)
    assert isinstance(email, EmailContent)
    assert f"{SHORT}/l/" not in email.html
    assert f"{SHORT}/o/" not in email.html
    push, _ = sent("push", quiet)
    assert isinstance(push, PushContent)
    assert push.url.startswith(f"{SHORT}/l/")
    nowhere, _ = sent("push", url="")
    assert isinstance(nowhere, PushContent)
    assert nowhere.url.startswith("https://www.kervan.example/")


def test_a_link_in_a_text_message_costs_no_part() -> None:
    """API Gateway's own address is long: with it the text would need another part, so its own link stays."""
    text = "Sepetiniz: " + "x" * 110 + " https://www.kervan.example/cart"
    shopping = Shopping()
    shopping.ayse()
    reading = notifying(shopping).contexts.read(request("sms"), MORNING)
    for url, followed in ((SHORT, True), ("https://" + "a" * 60 + ".example", False)):
        links = MessageLinks(TOKENS, ShortLinks(shopping.messages), url)
        shopping.messages.usage.reset()
        content = links.follow(request("sms"), reading, SmsContent(text), MORNING)
        assert isinstance(content, SmsContent)
        assert (content.text != text) is followed
        assert shopping.messages.usage.requests == followed


def test_a_short_link_is_stored_before_the_call() -> None:
    """Whoever gets the message at once finds the link; a second attempt after a crash stores the same one."""
    seen: list[list[str]] = []

    class Looking:
        def send(self, outgoing: Outgoing) -> Answer:
            assert isinstance(outgoing.content, SmsContent)
            names = re.findall(rf"{SHORT}/(\w+)", outgoing.content.text)
            seen.append([name for name in names if ShortLinks(shopping.messages).get(name)])
            assert len(seen[-1]) == len(names)
            return Accepted("sns-1")

    shopping = Shopping()
    shopping.ayse()
    service = notifying(shopping, sender=Looking())
    service.handle(request("sms", release=with_link(shopping)), MORNING)
    assert [len(names) for names in seen] == [1]


def with_link(shopping: Shopping) -> int:
    """The number of a release whose text message holds a link."""
    ready = TEMPLATES["cart-reminder"]
    made = ready.model_copy(update={"sms": dict.fromkeys(ready.sms, "Sepetin bekliyor: {{ action.url }}")})
    templates = {**TEMPLATES, "cart-reminder": made}
    return Releases(shopping.catalog).publish(Release(0, SHOP, (), (JOURNEY,), tuple(templates.values()))).number
