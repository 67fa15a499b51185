"""Erasing a person: nothing of him is left, nothing of anybody else is touched, whatever crashes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from functions.privacy.environment import Environment
from functions.privacy.erasing import Erasing
from functions.privacy.on_queue import respond
from shared.adapters.memory import MemoryTable
from shared.domain.consent.preferences import Preference
from shared.domain.events.event import Event, EventType
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.address import token_key
from shared.domain.privacy.erasure import CONFIRM_AFTER, REFUSED_FOR
from shared.domain.stock.pickup import Pickup, PickupLine
from shared.ports import Conflict, Table
from shared.queries.customer_tree import load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item, read_event
from shared.stores.pickups import Pickups, pickup_write
from shared.stores.preference_items import preference_items
from shared.stores.releases import Releases
from shared.stores.source_counters import count_erased
from shared.stores.stock_events import Notice, notice_id
from tests.support.backfills import FusedTable
from tests.support.interleaving import Crash
from tests.support.memory_objects import MemoryObjects
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, NOW, STORE_KEY, WEB_KEY
from tests.unit.privacy.shop import MARK, Context, Shop42, marked, readable

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def test_nothing_of_the_person_is_left(shop: Shop42) -> None:
    """Forty marked values in events, facts, orders, consents, tokens and messages; then none, and a proof."""
    before = shop.everything()
    assert before.count(MARK) > 40
    status, asked = shop.ask()
    assert (status, asked["state"]) == (202, "running")
    shop.work()
    left = shop.everything()
    assert MARK not in left
    assert "user:42" not in left
    proof = shop.world.get(f"/v1/erasures/{asked['id']}")[1]
    assert proof["state"] == "erased"
    assert proof["removed"]["events"] >= 6
    assert proof["removed"]["messages"] == 1
    assert proof["kept"] == {"refusals": 1}
    assert shop.world.messages.items() == []
    token = token_key("canary-token", shop.world.keys)
    assert not [item for item in shop.world.customers.items() if item["pk"] == token]
    assert shop.queue.later[0][1] == CONFIRM_AFTER
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    assert shop.world.get(f"/v1/erasures/{asked['id']}")[1]["state"] == "confirmed"
    assert shop.queue.later == []
    assert shop.world.get("/v1/customers/user:42")[0] == 404
    assert [one["id"] for one in shop.world.get("/v1/erasures")[1]["items"]] == [asked["id"]]


def test_who_said_no_is_not_written_to_afterwards(shop: Shop42) -> None:
    """The refusal stays under the digest of the address; the consent before it does not."""
    shop.ask()
    shop.work()
    kept = [item for item in shop.world.customers.items() if item["sk"].startswith("consent#")]
    assert [(item["granted"], item["pk"]) for item in kept] == [
        (False, shop.world.keys(parse_identifier("email:canary@example.com")))
    ]


def test_what_was_chosen_by_a_link_goes_under_the_address_too(shop: Shop42) -> None:
    """The page of preferences writes it under the customer and under the address of the message."""
    [record] = [item for item in shop.world.messages.items() if item["sk"] == "message"]
    said = Preference(time=shop.world.clock.now(), message_id="p", one_in_days=7, source="kervan", link=record["pk"])
    shop.world.customers.put_many(preference_items((record["home"], record["address_key"]), said))
    shop.ask()
    shop.work()
    assert not [item for item in shop.world.customers.items() if item["sk"].startswith("preference#")]


def test_a_pick_up_goes_on_without_its_person(shop: Shop42) -> None:
    """The pieces wait and the code opens them; who they were for is nobody, and what follows is told to nobody."""
    world = shop.world
    pickup = Pickup(
        "P-1", "user:42", "kadikoy", (PickupLine("sku", 1),), "ABC234", "ready", NOW, NOW + timedelta(days=3), "o", 0, 1
    )
    notice = Notice(notice_id("pickup", "P-1", "ready"), "user:42", "Pickup Ready", NOW, {"pickup_id": "P-1"})
    shop.stock.put_many([pickup_write(pickup).item, notice.write().item])
    world.customers.put_many([event_item(notice.event(), world.keys)])
    shop.ask()
    shop.work()
    left = Pickups(shop.stock).read("P-1")
    assert left is not None
    assert left == replace(pickup, who=left.who, version=2)
    assert [item["sk"] for item in shop.stock.items()] == ["pickup"]
    assert "user:42" not in shop.everything()
    later = replace(notice, id="later", who=left.who, name="Picked Up", at=world.clock.now())
    world.customers.put_many([event_item(later.event(), world.keys)])
    assert shop.fold() == 1


def test_the_stream_counts_what_it_refuses(shop: Shop42) -> None:
    """By source, under the reason erased: `kervan sources` shows it to the sender."""
    shop.ask()
    shop.work()
    events = [Event(
        type=EventType.TRACK, name="Opened", message_id=f"late-{n}", time=shop.world.clock.now(),
        received_at=shop.world.clock.now(), source="store", channel="store", trusted=True,
        identifiers=(parse_identifier("user:42"),),
    ) for n in range(3)]  # fmt: skip
    count_erased(shop.world.metrics, events, shop.world.clock.now())
    store = next(one for one in shop.world.get("/v1/sources")[1]["items"] if one["name"] == "store")
    assert {one["reason"]: one["count"] for one in store["refused"]}["erased"] == 3


def test_a_refusal_for_all_addresses_goes_on_under_each(shop: Shop42) -> None:
    """It stood under the customer alone; an old list that is imported later must find it under the address."""
    told(shop.world, event="Consent Withdrawn", properties={"channel": "email", "purpose": "news"})
    told(shop.world, event="Consent Granted", properties={"channel": "email", "purpose": "sales"})
    shop.fold()
    before = [item for item in shop.of("user:42").values() if item.get("purpose") == "news"]
    assert [item["granted"] for item in before] == [False]
    shop.ask()
    shop.work()
    kept = [item for item in shop.of("email:canary@example.com").values() if "granted" in item]
    assert sorted((item["purpose"], item["granted"]) for item in kept) == [("marketing", False), ("news", False)]
    everywhere = [item for item in shop.world.customers.items() if "granted" in item]
    assert [item for item in everywhere if item["granted"]] == []
    [erasure] = shop.world.get("/v1/erasures")[1]["items"]
    assert erasure["kept"] == {"refusals": len(everywhere)}


def test_another_person_keeps_everything(shop: Shop42) -> None:
    """Can's own items stay byte for byte. Of the laptop only what was said before he signed in goes; then it is his."""
    theirs = shop.of("user:77")
    before = len([sk for sk in shop.of("anonymous:laptop") if sk.startswith("t#")])
    shop.ask()
    shop.work()
    assert {sk: item for sk, item in shop.of("user:77").items() if not sk.startswith("owns#")} == theirs
    laptop = shop.of("anonymous:laptop")
    assert before == 2
    assert [read_event(item).properties["product_id"] for sk, item in laptop.items() if sk.startswith("t#")] == ["p8"]
    tree = load_tree(CustomerStore(shop.world.customers), shop.world.keys(parse_identifier("user:77")))
    assert shop.world.keys(parse_identifier("anonymous:laptop")) in tree.keys
    assert [order.id for order in tree.profile().orders] == ["theirs"]
    assert [seen.product_id for seen in tree.profile().viewed] == ["p8"]


def test_of_a_shared_browser_what_belongs_to_the_other_person_stays(shop: Shop42) -> None:
    """Enrollments and messages from the moment of Can's claim are his, to the millisecond; those before go."""
    keys = shop.world.keys
    laptop, theirs = keys(parse_identifier("anonymous:laptop")), keys(parse_identifier("user:77"))
    claim = CustomerStore(shop.world.customers).control(laptop).claim
    assert claim is not None
    since = claim.owners()[theirs][1][0]
    [mail] = [item for item in shop.world.messages.items() if item["sk"] == "message"]
    for name, at in (("before", since - 1), ("his", since)):
        shop.world.customers.put({"pk": laptop, "sk": f"enrollment#{name}", "started": at})
        shop.world.messages.put({**mail, "pk": name, "home": laptop, "decided_ms": at})
    shop.ask()
    shop.work()
    assert [sk for sk in shop.of("anonymous:laptop") if sk.startswith("enrollment#")] == ["enrollment#his"]
    assert [item["pk"] for item in shop.world.messages.items()] == ["his"]


def test_what_comes_later_is_refused_and_told(shop: Shop42) -> None:
    """A late webhook of her order changes nothing, its sender sees it; after thirty days she begins anew, empty."""
    shop.ask()
    shop.work()
    before = {sk: item for sk, item in shop.of("email:canary@example.com").items() if sk != "erased"}
    shop.world.clock.advance(timedelta(days=29))
    told(shop.world, event="Order Refunded", properties={"order_id": "canary-1", **marked("late")})
    told(shop.world, event="Consent Granted", properties={"channel": "email", "address": "canary@example.com"})
    assert shop.fold() == 2
    assert MARK not in shop.everything()
    assert [sk for sk in shop.of("user:42") if sk != "erased"] == []
    assert [sk for sk in shop.of("email:canary@example.com") if not sk.startswith("consent#")] == ["erased"]
    assert before == {sk: item for sk, item in shop.of("email:canary@example.com").items() if sk != "erased"}
    assert shop.world.get("/v1/customers/user:42")[0] == 404
    shop.world.clock.advance(REFUSED_FOR)
    told(shop.world, event="Product Added", properties={"product_id": "p1"})
    assert shop.fold() == 0
    again = shop.world.get("/v1/customers/user:42")[1]
    assert (again["orders"]["count"], [line["product_id"] for line in again["cart"]["items"]]) == (0, ["p1"])


def test_asking_again_begins_nothing_new(shop: Shop42) -> None:
    """The same erasure is answered, while it runs and when it is done; nobody is 404."""
    first = shop.ask()[1]
    status, again = shop.ask()
    assert (status, again["id"], len(set(shop.world.erasures.bodies))) == (200, first["id"], 1)
    shop.work()
    assert shop.ask()[1]["id"] == first["id"]
    assert shop.ask("user:nobody")[0] == 404
    assert shop.world.post("/v1/customers/user:77/erasure", {"case": "Ayşe Yılmaz"}, ADMIN_KEY)[0] == 400
    assert shop.world.post("/v1/customers/user:77/erasure", {}, key=STORE_KEY)[0] == 403
    assert shop.world.get("/v1/customers/user:77/erasure")[0] == 405
    assert shop.world.get("/v1/erasures/none")[0] == 404


def tables(shop: Shop42) -> str:
    """Everything but how often an item was written, and what the proof counts."""

    def plain(item: dict[str, Any]) -> dict[str, Any]:
        apart = ("version", "removed", "kept", "mark", "erasure", "request")
        return {name: value for name, value in item.items() if name not in apart}

    rows = [readable({**plain(item)}) for item in shop.world.customers.items() if "data" not in item]
    rows += [readable(item) for item in shop.world.customers.items() if "data" in item]
    rows += map(readable, shop.interests.items())
    return "\n".join(sorted(rows)) + str(
        [plain(item) | {"sk": ""} for item in shop.world.catalog.items() if item["pk"] in ("erasures", "cases")]
    )


def test_a_crash_after_any_call_leaves_no_difference() -> None:
    """Whichever call was the last of the first try, the second one comes to the same end."""
    whole = Shop42()
    whole.ask()
    whole.work()
    calls, end = whole.fuse.calls, tables(whole)
    assert calls > 30
    for last in range(1, calls + 1):
        shop = Shop42()
        shop.ask()
        shop.fuse.left = last
        shop.work()
        assert tables(shop) == end, last


def test_an_erasure_out_of_time_goes_on_in_another_message(shop: Shop42) -> None:
    """One identifier per invocation: it takes several, and nothing is done twice."""
    shop.ask()
    turns = iter([300_000, 0] * 20)
    shop.work(lambda: next(turns))
    [erasure] = shop.world.get("/v1/erasures")[1]["items"]
    assert (erasure["state"], MARK in shop.everything()) == ("running", True)
    for _ in range(12):
        shop.work(lambda: next(turns))
    assert MARK not in shop.everything()


def test_a_customer_read_before_the_marks_is_erased_by_the_second_look(shop: Shop42) -> None:
    """A function that had read her before writes her facts after the erasure; five minutes later they are gone."""
    stale = CustomerStore(shop.world.customers).control(shop.world.keys(parse_identifier("user:42")))
    shop.ask()
    shop.work()
    assert stale.facts is not None
    with pytest.raises(Conflict):
        CustomerStore(shop.world.customers).put_facts(stale.key, stale.facts, previous=stale.facts.version)
    CustomerStore(shop.world.customers).put_facts(stale.key, stale.facts, previous=0)
    assert MARK in shop.everything()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    assert MARK not in shop.everything()


def test_events_that_arrive_during_the_erasure_are_refused() -> None:
    """After each call of the worker an event comes and is folded: none of them outlives the erasure."""
    for last in range(1, 60, 7):
        shop = Shop42()
        shop.ask()
        shop.fuse.left = last
        waiting = list(shop.world.erasures.bodies)
        customers = cast("Table", FusedTable(shop.world.customers, shop.fuse))
        erasing = Erasing(
            customers=customers, messages=shop.world.messages, catalog=shop.world.catalog, stock=shop.stock,
            interests=shop.interests, conversations=shop.conversations,
            releases=Releases(shop.world.catalog), keys=shop.world.keys, files=MemoryObjects,
        )  # fmt: skip
        with suppress(Crash):
            erasing.run(json.loads(waiting[0])["erasure"], shop.world.clock.now(), time_left=lambda: True)
        told(shop.world, event="Product Viewed", properties=marked("during"))
        told(
            shop.world, WEB_KEY, userId=None, anonymousId="own-browser", event="Product Viewed", properties=marked("x")
        )
        shop.fold()
        shop.work()
        assert MARK not in shop.everything(), last


def test_a_body_that_names_no_erasure_ends() -> None:
    """An unknown id is done with; a body that is none is offered again and becomes a dead letter."""
    shop = Shop42()
    erasing = Erasing(
        customers=shop.world.customers, messages=shop.world.messages, catalog=MemoryTable(), stock=shop.stock,
        interests=shop.interests, conversations=shop.conversations,
        releases=Releases(shop.world.catalog), keys=shop.world.keys, files=MemoryObjects,
    )  # fmt: skip
    composed = Environment(shop.world.clock, erasing, shop.queue, CONFIRM_AFTER)

    def answer(body: str) -> int:
        records = {"Records": [{"messageId": "m", "body": body}]}
        return len(respond(records, cast("Any", Context(lambda: 300_000)), composed)["batchItemFailures"])

    assert answer('{"erasure": "none"}') == 0
    assert [answer(body) for body in ("", "{}", "[]", "7")] == [1, 1, 1, 1]
