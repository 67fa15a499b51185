"""Erasing a person: that she cared about products, and was told of them, is forgotten."""

from __future__ import annotations

import pytest

from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from functions.stock.tell_people import told_event
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.interests.announcement import Announcement
from shared.stores.announcements import Announcements, Told
from shared.stores.customers import CustomerStore, StoredFacts
from shared.stores.event_items import event_item
from shared.stores.interests import Interests
from tests.support.world import Rules, Timers
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import NOW
from tests.unit.privacy.shop import MARK, Shop42, marked

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def test_that_she_cared_about_products_is_forgotten(shop: Shop42) -> None:
    """What the index holds of her goes, also of a product that left her cart long ago; Can's stays."""
    told(shop.world, event="Product Added to Wishlist", properties=marked("wish"))
    told(shop.world, event="Product Alert Requested", properties={"product_id": "p9"})
    shop.fold()
    made = Announcement("back", "p9", 1, NOW, 1, 1)
    user = shop.tree("user:42").members[0]
    note = Told(user.key, 1, NOW, "w", {"product_id": "p9", "sku": "p9", **marked("told")})
    Announcements(shop.interests).record(made, note, None)
    shop.world.customers.put_many([event_item(told_event(made, note, user), shop.world.keys)])
    told(shop.world, event="Product Removed from Wishlist", properties=marked("wish"))
    shop.fold()
    mine = {shop.world.keys(parse_identifier(who)) for who in ("user:42", "anonymous:own-browser")}
    theirs = [item for item in shop.interests.items() if item["sk"].rpartition("#")[2] not in mine]
    assert len(shop.interests.items()) == len(theirs) + 3
    _, asked = shop.ask()
    shop.work()
    laptop = shop.world.keys(parse_identifier("anonymous:laptop"))
    left = shop.interests.items()
    assert [(item["pk"].split("#")[1], item["sk"].rpartition("#")[2]) for item in left] == [("p8", laptop)]
    assert shop.world.get(f"/v1/erasures/{asked['id']}")[1]["removed"]["interests"] == 4


def test_an_interest_that_is_noted_while_she_is_erased_goes_again(shop: Shop42) -> None:
    """A worker read her before the marks and noted what an event shows; his facts meet the mark, the note goes."""
    store = CustomerStore(shop.world.customers)
    told(shop.world, event="Product Viewed", properties=marked("late"))
    home = shop.world.keys(parse_identifier("user:42"))
    [late] = [one for one in store.events(home) if one.properties.get("product_id") == f"{MARK}-late"]

    class Between(CustomerStore):
        def put_facts(self, key: str, stored: StoredFacts, *, previous: int) -> None:
            shop.ask()
            shop.work()
            super().put_facts(key, stored, previous=previous)

    between = Between(shop.world.customers)
    segmentation = Segmentation(between, Timers(), shop.world.keys, Rules(), interests=Interests(shop.interests))
    segmentation.fold([Batch(home, [late])], shop.world.clock.now())
    assert [item for item in shop.interests.items() if item["sk"].endswith(home)] == []
    assert MARK not in shop.everything()
