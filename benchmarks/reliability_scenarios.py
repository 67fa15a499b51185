"""Messages that meet faults: each takes another part of the send path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from benchmarks.deployment import KEYS, NOW, ready_definitions
from benchmarks.mailing_list import MailingList
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.definitions.release import Release
from shared.domain.definitions.warm_up import WarmUp
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.message import State
from shared.domain.messages.request import Channel, Give, SendRequest
from shared.domain.templates.definition import Template
from shared.ports.sender import Accepted
from shared.stores.consent_items import consent_items
from shared.stores.coupons import CouponCodes

COUPON = "CART10"
CODES = tuple(f"CART10-{number}" for number in range(200))
GONE = "token-0"
"""A phone that the provider gives up."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A message and what becomes of it if nothing fails."""

    title: str
    channel: Channel
    ends: State
    purpose: str = "marketing"
    template: str = ""
    """Another than that of the cart's step."""
    hour: int = 0
    """Hours after ten in the morning."""
    refused: bool = False
    """The customer gave no consent for the channel."""
    quota: bool = False
    """SES is asked for its quota, and the day is nearly used."""
    warm_up: bool = False
    """The sender is new, and its day has room."""
    coupon: bool = False
    """It gives a code of a pool."""
    campaign: bool = False
    dead_phone: bool = False
    """The provider takes it for one phone, and gives another up."""

    @property
    def answer(self) -> Accepted:
        """What the provider says if nothing fails."""
        return Accepted("p-1", dead=(GONE,) if self.dead_phone else ())


SCENARIOS: Mapping[str, Scenario] = {
    "commercial": Scenario("A commercial e-mail", "email", State.SENT),
    "transactional": Scenario("A transactional e-mail", "email", State.SENT, purpose="transactional"),
    "coupon": Scenario(
        "A commercial e-mail with a code of its own, from a new sender", "email", State.SENT, template="cart-offer",
        coupon=True, warm_up=True,
    ),
    "campaign": Scenario("An e-mail of a campaign", "email", State.SENT, template="newsletter", campaign=True),
    "link": Scenario("A text message with a link", "sms", State.SENT, template="cart-link"),
    "phones": Scenario("Push to a phone that is gone", "push", State.SENT, dead_phone=True),
    "quota": Scenario(
        "A commercial e-mail near the end of SES's quota", "email", State.SENT  , quota=True
    ),
    "next channel": Scenario("Push without consent: the next channel", "push", State.SKIPPED, refused=True),
    "deferred": Scenario("At night: deferred to the morning", "email", State.DEFERRED, hour=11),
}  # fmt: skip

Items = dict[str, list[dict[str, Any]]]


@cache
def stored(name: str) -> tuple[Items, SendRequest]:
    """The items of a customer who waits for a message, by table, and the message."""
    scenario, people = SCENARIOS[name], MailingList(1, release=_release(name))
    home = people.homes[0]
    if scenario.refused:
        said = NOW - timedelta(hours=1)
        no = Consent("push", "marketing", False, said, said, True, "web", "push-no", "")
        people.memory["customers"].put_many(consent_items(ConsentRecord((home,), no), trusted=True))
    if scenario.coupon:
        CouponCodes(people.memory["messages"], lambda most: most - 1).add(COUPON, CODES)
    request = people.request(home, scenario.channel)
    wanted: dict[str, object] = {
        "purpose": scenario.purpose,
        "channels": (scenario.channel, "email") if scenario.refused else (scenario.channel,),
        "fresh_until_ms": request.fresh_until_ms + 86_400_000,
        "template": scenario.template or request.template,
    }
    if scenario.coupon:
        wanted["give"] = Give(coupon=COUPON, percent=10, valid_ms=259_200_000, once_per_ms=86_400_000)
    if scenario.campaign:
        wanted |= {"campaign": "spring-sale", "journey": "spring-sale", "enrollment": "campaign"}
        wanted["address"] = KEYS(parse_identifier("email:ayse-0@example.com"))
    return {table: held.items() for table, held in people.memory.items()}, request.model_copy(update=wanted)


@cache
def _release(name: str) -> Release:
    """The ready cart journey and the one template: a worker reads the release anew with each delivery."""
    scenario, ready = SCENARIOS[name], ready_definitions()
    plain = {"email": "cart-reminder", "sms": "cart-last", "push": "cart-reminder"}[scenario.channel]
    templates = [_with_link(ready), *ready.templates]
    shop = ready.shop
    if scenario.warm_up:
        shop = shop.model_copy(update={"warm_up": {"email": WarmUp(started=NOW.date(), daily=(1_000, 2_000))}})
    return replace(
        ready,
        shop=shop,
        segments=(),
        journeys=tuple(one for one in ready.journeys if one.journey == "cart-recovery"),
        templates=tuple(one for one in templates if one.template in {plain, scenario.template}),
        coupons=(CouponDefinition(coupon=COUPON, codes="imported"),) if scenario.coupon else (),
    )


def _with_link(ready: Release) -> Template:
    """A text message that leads to the cart, as a shop outside Turkey may write it."""
    last = ready.template("cart-last")
    if last is None:
        raise ValueError("the ready template cart-last is gone")
    text = "{{ cart.first | gsm | truncate: 30 }}: {{ cart.url }} {{ shop.name | gsm }}"
    return last.model_copy(update={"template": "cart-link", "sms": dict.fromkeys(last.sms, text)})


def codes_of(items: Iterable[Mapping[str, Any]]) -> tuple[frozenset[str], frozenset[str]]:
    """The free codes in the table ``messages``, and those that somebody has. A free item beside a claim is no code."""
    free, given = set[str](), set[str]()
    for item in items:
        kind, _, rest = str(item["pk"]).removeprefix(f"coupon#{COUPON}#").partition("#")
        if kind == "free":
            free.add(str(item["sk"]).partition("#")[2])
        elif kind == "code" and item["unit"]:
            given.add(rest)
    return frozenset(free - given), frozenset(given)
