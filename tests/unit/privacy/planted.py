"""Two customers who left something of every kind that the data map knows, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from functions.stock.tell_people import told_event
from shared.adapters.memory import MemoryTable
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.interests.announcement import Announcement
from shared.domain.privacy.case import PERSON, CaseState, Right, new_case
from shared.domain.privacy.copy_files import place_of
from shared.domain.stock.pickup import Pickup, PickupLine
from shared.stores.announcements import Announcements, Told
from shared.stores.cases import Cases
from shared.stores.conversation_items import pk_of
from shared.stores.event_items import event_item
from shared.stores.pickups import pickup_write
from shared.stores.stock_events import Notice, notice_id
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, NOW, WEB_KEY
from tests.unit.privacy.shop import MARK, Shop42, marked
from tests.unit.privacy.test_erasing_conversations import wrote


def plant(shop: Shop42) -> None:
    """What the two customers of ``Shop42`` do not leave by themselves."""
    world = shop.world
    home = world.keys(parse_identifier("user:42"))
    address = world.keys(parse_identifier("email:canary@example.com"))
    told(world, WEB_KEY, anonymousId="kiosk", event="Product Viewed", properties=marked("kiosk"))
    shop.fold()
    said = {"owner": "user:42", "reason": "the shop's own"}
    assert world.post("/v1/customers/anonymous:kiosk/release", said, ADMIN_KEY)[0] == 202
    told(world, event="Product Added to Wishlist", properties=marked("wish"))
    told(world, type="identify", traits={"firstName": MARK, "lastName": f"{MARK}oglu"})
    for number in range(130):  # so many orders that some lie in items of their own
        told(world, event="Order Completed", messageId=f"o{number}", properties={"order_id": f"{MARK}-{number}"})
    refusals = [
        {"type": "track", "userId": "42", "messageId": f"{MARK}-{number}", "event": "Consent Withdrawn",
         "properties": {"channel": "push"}}
        for number in range(40)
    ]  # fmt: skip
    assert world.post("/v1/batch", {"batch": refusals}, WEB_KEY)[0] == 200
    shop.fold()
    for who in ("user:42", "email:canary@example.com"):
        conversation = wrote(shop, who, f"m-{who}", f"{MARK} question")
        shop.conversations.put({"pk": pk_of(conversation), "sk": "told#team", "at": MARK})
    wrote(shop, "user:77", "m-77", "theirs")
    pickup = Pickup(
        "P-1", "user:42", "kadikoy", (PickupLine("sku", 1),), "ABC234", "ready", NOW, NOW + timedelta(days=3), "o", 0, 1
    )
    notice = Notice(notice_id("pickup", "P-1", "ready"), "user:42", "Pickup Ready", NOW, {"pickup_id": "P-1"})
    shop.stock.put_many([pickup_write(pickup).item, notice.write().item])
    world.customers.put_many([
        event_item(notice.event(), world.keys),
        {"pk": home, "sk": "enrollment#cart#1", "version": 1, "started": 1, "state": "live", "one": MARK},
        {"pk": home, "sk": "sends", "version": 1, "given": {"c": MARK}},
        {"pk": home, "sk": "member#new", "seg": "new#1", "since": "x", "customer": home},
        {"pk": home, "sk": "preference#m1", "at": 1, "id": "m1", "one_in": 7, "source": "kervan", "link": "m1"},
        {"pk": address, "sk": "bounces", "version": 1, "soft": [1]},
        {"pk": home, "sk": "right#object#c1", "root": home, "held_ms": 1, "lifted_ms": 2},
    ])  # fmt: skip
    made = Announcement("back", "p9", 1, NOW, 1, 1)
    note = Told(home, 1, NOW, "w", {"product_id": "p9", "sku": "p9"})
    Announcements(shop.interests).record(made, note, None)
    user = next(member for member in shop.tree("user:42").members if member.key == home)
    world.customers.put_many([event_item(told_event(made, note, user), world.keys)])
    case = Cases(world.catalog).put(new_case("20261122T100000Z-1", Right.EXPORT, home, NOW, PERSON))
    Cases(world.catalog).put(case.moved(CaseState.DONE, NOW, PERSON))
    shop.files.kept[place_of(case.id)] = f"a copy, {MARK}".encode()
    shop.files.kept["mail/m1"] = f"From: canary@example.com\r\n\r\n{MARK}, taken by nobody".encode()
    shop.conversations.put({"pk": f"home#{address}", "sk": "asked", "at": 1})


def items_of(shop: Shop42) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    world = shop.world
    tables: dict[str, MemoryTable] = {
        "customers": world.customers, "messages": world.messages, "catalog": world.catalog, "metrics": world.metrics,
        "timers": world.timers, "stock": shop.stock, "interests": shop.interests, "conversations": shop.conversations,
        "iys": world.iys_table,
    }  # fmt: skip
    for table, held in tables.items():
        for item in held.items():
            yield (table, str(item["pk"]), str(item["sk"])), item
