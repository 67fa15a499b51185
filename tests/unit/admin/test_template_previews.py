"""What a message would say: the same as what is sent, to a customer or to a made-up one, and nothing is stored."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from functions.admin.environment import Environment
from functions.admin.models.templates import TemplatePreview
from shared.adapters.liquid import LiquidRenderer
from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Prices
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.messages.message import Sent
from shared.domain.templates.content import EmailContent, PushContent
from shared.domain.templates.preview import PREFERENCES, UNSUBSCRIBE
from shared.http.answers import Problem
from shared.operators import template_previews
from shared.operators.template_previews import Asked
from shared.stores.audience_entries import AudienceEntries
from shared.stores.conversations import Conversations
from shared.stores.iys_records import IysRecords
from shared.stores.releases import Releases
from shared.stores.sources import Sources
from tests.support.world import KEYS
from tests.unit.ingest.world import ADMIN_KEY, StoppedClock, World
from tests.unit.notify.world import MORNING, SHOP, TEMPLATES, ListQueue, Shopping, request

pytestmark = pytest.mark.unit
RENDER = LiquidRenderer()

OFFER = JourneyDefinition.model_validate(
    {
        "journey": "offers",
        "start": {"when": "cart_changed", "if": {"cart": {"items": {"at_least": 1}}}},
        "steps": [
            {"id": "offer", "at": "1h", "send": "cart-offer", "purpose": "marketing", "channels": ["email"],
             "give": {"coupon": "SPRING", "percent": 15, "valid": "48h"}}
        ],
    }
)  # fmt: skip


def environment(shop: Shopping) -> Environment:
    return Environment(
        clock=StoppedClock(MORNING),
        customers=shop.customers,
        messages=shop.messages,
        catalog=shop.catalog,
        timers=shop.timers,
        metrics=MemoryTable(),
        conversations=Conversations(MemoryTable()),
        keys=KEYS,
        phone=phone_reader("TR"),
        sources=Sources(shop.catalog, lambda: 0.0),
        erasures=ListQueue(),
        iys=IysRecords(MemoryTable()),
        audiences=AudienceEntries(MemoryTable()),
        iys_tasks=ListQueue(),
    )


def shown(shop: Shopping, name: str, **asked: Any) -> dict[str, dict[str, Any]]:
    """The answer's channels by name; the answer is as its model says."""
    answer = template_previews.shown(environment(shop), name, Asked(**asked), RENDER)
    TemplatePreview.model_validate_json(json.dumps(answer))
    return {one["channel"]: one for one in answer["channels"]}


def test_a_preview_says_what_is_sent() -> None:
    """Letter by letter, on e-mail and push; only the link to unsubscribe is none that works."""
    shop = Shopping()
    shop.ayse()
    seen = shown(shop, "cart-reminder", customer="user:42")
    for channel in ("email", "push"):
        assert isinstance(shop.notifying().handle(request(channel), MORNING).outcome, Sent)
    email, push = (outgoing.content for outgoing in shop.sender.sent)
    assert isinstance(email, EmailContent)
    assert isinstance(push, PushContent)
    link = shop.sender.sent[0].headers["List-Unsubscribe"].strip("<>")
    assert seen["email"]["email"]["subject"] == email.subject
    (choose,) = set(re.findall(r"https://api\.example/p/[\w-]+", email.html))
    for kind, sent in (("html", email.html), ("text", email.text)):
        assert seen["email"]["email"][kind] == sent.replace(link, UNSUBSCRIBE).replace(choose, PREFERENCES)
    assert seen["email"]["email"]["preheader"]
    assert (seen["push"]["push"]["title"], seen["push"]["push"]["body"]) == (push.title, push.body)
    assert "Ayşe" in email.subject


def test_a_preview_writes_nothing() -> None:
    """No table has changed."""
    shop = Shopping()
    shop.ayse()
    tables = [shop.messages, shop.timers, shop.catalog, shop.world.memory]
    before = [sorted(json.dumps(item, default=str, sort_keys=True) for item in table.items()) for table in tables]
    shown(shop, "cart-reminder", customer="user:42")
    shown(shop, "cart-offer", sample="many")
    after = [sorted(json.dumps(item, default=str, sort_keys=True) for item in table.items()) for table in tables]
    assert before == after


def test_what_is_missing_is_named() -> None:
    """Without a cart the reminder would be skipped, and the preview says so; the others have no channel to speak on."""
    shop = Shopping()
    shop.ayse()
    shop.send("Product Removed", at=MORNING - timedelta(minutes=1), product_id="p1", quantity=1)
    assert shown(shop, "cart-reminder", customer="user:42")["email"]["missing"] == ["cart.items"]
    assert shown(shop, "welcome", customer="user:42")["sms"]["problem"] == "the template has no sms"
    assert "tr" in shown(shop, "welcome", sample="one", language="de")["email"]["problem"]


def test_the_step_says_what_is_given() -> None:
    """Percent and end are those of the journey's step; a coupon with codes of its own shows none of them."""
    shop = Shopping()
    shop.ayse()
    shop.publish(more=(OFFER,))
    email = shown(shop, "cart-offer", customer="user:42", channel="email")["email"]["email"]
    assert "SPRING" in email["html"]
    assert "%15" in email["subject"]
    assert "25 Kasım 2026, 10:00" in email["html"]
    assert "CART10" not in email["html"]


@pytest.mark.parametrize("sample", ["one", "two", "three", "four", "many"])
def test_a_made_up_customer_sees_every_template(sample: str) -> None:
    """Every channel that is served has content, in the language that is asked for."""
    shop = Shopping()
    for name, template in TEMPLATES.items():
        for language in ("tr", "en"):
            for channel, one in shown(shop, name, sample=sample, language=language).items():
                served = language in template.languages(channel)
                assert (one[channel] is not None) is served, (name, channel, one["problem"])
                assert one["missing"] == []


def test_a_text_message_is_priced_by_its_parts() -> None:
    """What the shop pays for one part, times the parts; nothing if the shop does not say it."""
    shop = Shopping()
    assert shown(shop, "cart-offer", sample="two")["sms"]["sms"]["price"] is None
    shop.publish(SHOP.model_copy(update={"prices": Prices.model_validate({"sms_part": 0.35})}))
    sms = shown(shop, "cart-offer", sample="two")["sms"]["sms"]
    assert (sms["parts"], sms["encoding"]) == (1, "gsm-7")
    assert sms["price"] == {"amount": "0.35", "currency": "TRY", "text": "0,35 TL"}


def test_a_customer_and_a_sample_are_not_both_meant() -> None:
    """One of the two; a template or a customer that is not there is a 404."""
    shop = Shopping()
    shop.ayse()
    for name, asked, status in (
        ("cart-offer", {"customer": "user:42", "sample": "two"}, 400),
        ("nothing", {}, 404),
        ("cart-offer", {"customer": "user:nobody"}, 404),
        ("cart-offer", {"customer": "nobody"}, 400),
    ):
        with pytest.raises(Problem) as refused:
            shown(shop, name, **asked)
        assert refused.value.status == status


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"sample": "six"}, "sample is one of"),
        ({"channel": "fax"}, "channel is email, sms or push"),
        ({"language": "TR"}, "language has two letters"),
        ({"customer": 7}, "customer is an identifier"),
        ({"who": "user:42"}, "the body is"),
    ],
)
def test_a_body_that_cannot_be_read_is_told(body: dict[str, Any], says: str) -> None:
    """A sentence for each field; nothing of what was sent is repeated."""
    world = World()
    Releases(world.catalog).publish(Release(0, SHOP, templates=tuple(TEMPLATES.values())))
    status, answer = world.post("/v1/templates/welcome/preview", body, None, authorization=f"Bearer {ADMIN_KEY}")
    assert status == 400
    assert says in answer["message"]


def test_only_post_asks_for_a_preview() -> None:
    """A GET is told so; without the admin key nothing is shown."""
    world = World()
    Releases(world.catalog).publish(Release(0, SHOP, templates=tuple(TEMPLATES.values())))
    assert world.get("/v1/templates/welcome/preview")[0] == 405
    assert world.get("/v1/templates/welcome")[0] == 404
    assert world.post("/v1/templates/welcome/preview", {})[0] in {401, 403}
