"""What stands on a customer's page beside the line of messages: wishlist, orders, consents with proof, filters."""

from __future__ import annotations

import re

import pytest

from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.sign_up import ConsentText
from shared.stores.releases import Releases
from tests.unit.admin.test_questions import fold, told
from tests.unit.console.shop_world import ShopWorld

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> ShopWorld:
    return ShopWorld()


def test_wishlist_orders_and_cases_are_shown(shop: ShopWorld) -> None:
    """An order of any channel with its state and what was given back, and what is owed."""
    told(shop, userId="42", event="Order Completed", properties={"order_id": "S-2", "total": 40, "currency": "TRY"})
    refund = {"order_id": "S-2", "refund_id": "r-1", "total": 10, "currency": "TRY"}
    told(shop, userId="42", event="Order Refunded", properties=refund)
    told(shop, userId="42", event="Product Added", properties={"product_id": "nameless"})
    told(shop, userId="42", event="Product Added to Wishlist", properties={"product_id": "wish-2"})
    told(shop, userId="42", event="Case Opened", properties={"case_id": "c-1", "kind": "complaint", "order_id": "S-2"})
    fold(shop)
    page = shop.browser("agent").get(f"/console/customers/{shop.ayse}").text
    assert "nameless" in page  # told by an event that says its id alone
    assert "wish-2" in page
    assert "7.50" in page.split('id="wishlist"')[1].split("</section>")[0]
    orders = page.split('id="orders"')[1].split("</section>")[0]
    assert orders.index("S-2") < orders.index("S-1")
    for said in ("complaint", "40.00 TRY", "refunded 10.00 TRY", "100.50 TRY"):
        assert said in orders


def test_an_empty_wishlist_says_so() -> None:
    """Of somebody of whom only the name is known."""
    shop = ShopWorld()
    page = shop.browser("agent").get(f"/console/customers/{shop.aysegul}").text
    assert "The wishlist is empty." in page
    assert "No order yet." in page


@pytest.mark.parametrize("language", ["tr", "en"])
def test_a_consent_stands_with_who_said_it_where_and_to_which_text(shop: ShopWorld, language: str) -> None:
    """And with the text itself, if the shop's definitions hold it; what nobody said is said, too."""
    wording = {"channels": ["email"], "tr": "İzin <b>veriyorum</b>.", "en": "I <b>agree</b>."}
    texts = {"v-7": ConsentText.model_validate(wording)}
    Releases(shop.catalog).publish(Release(0, Shop(name="Kervan Moda", consent_texts=texts)))
    proof = {"channel": "email", "address": "ayse@example.com", "text_version": "v-7", "source": "till"}
    told(shop, userId="42", event="Consent Granted", properties=proof)
    fold(shop)
    part = shop.browser("privacy").get(f"/console/customers/{shop.ayse}/consents", accept_language=language).text
    now, every = part.split('<details class="more"><summary>', 1)
    for said in ("email:ayse@example.com", "store", "(till)", "v-7"):
        assert said in now
        assert said in every
    assert ("I &lt;b&gt;agree&lt;/b&gt;." if language == "en" else "İzin &lt;b&gt;veriyorum&lt;/b&gt;.") in now
    assert ("Nobody ever said" if language == "en" else "hiç beyan yok") in now
    assert "<b>" not in part


def test_what_happened_is_filtered_by_channel_and_kind(shop: ShopWorld) -> None:
    """Both at once; the links keep what was chosen, and older ones are of the same choice."""
    told(shop, userId="42", event="Store Visited", context={"channel": "web"})
    browser = shop.browser("agent")
    base = f"/console/customers/{shop.ayse}/events"
    sent = browser.get(f"{base}?kind=message&channel=sms").text
    assert sent.count('<div class="event-text">') == 1
    assert f'href="{base}?kind=message&amp;channel=email"' in sent
    assert f'href="{base}?kind=&amp;channel=sms"' in sent
    events = browser.get(f"{base}?kind=event&channel=store").text
    assert "may have gone out" not in events
    older = re.search(r'href="([^"]+cursor=[^"]+)"', events)
    assert older is not None
    assert "kind=event&amp;channel=store" in older[1]
    assert browser.get(older[1].replace("&amp;", "&")).status == 200
    assert "Nothing here" in browser.get(f"{base}?channel=push").text
