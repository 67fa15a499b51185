"""How far work is: what was decided and sent, outages, walks, keys. Written and read by the stores alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.campaigns.campaign import Walk
from shared.domain.coupons.given import Given
from shared.domain.events.event import Source
from shared.domain.events.quota import Quota
from shared.domain.facts.facts import Facts
from shared.domain.messages.breaker import Breaker, Phase
from shared.domain.messages.campaign_deduplication import Noted
from shared.domain.messages.caps import Place
from shared.domain.messages.message import Deferred, Record, Sent, State
from shared.domain.profile.customer_item import Customer
from shared.stores.breakers import Breakers
from shared.stores.campaign_items import Group
from shared.stores.campaigns import Campaigns
from shared.stores.customers import SHARDS, CustomerStore, StoredFacts
from shared.stores.ledger import Ledger, write_record
from shared.stores.links import Links, parted_item
from shared.stores.sends import Sends, put_sends, read_sends
from shared.stores.sources import Sources, add_source, key_digest, set_quota
from tests.flow.releases.scene import Scene
from tests.unit.ingest.world import NOW

HOME = "u.person"
HOUR = timedelta(hours=1)
LATER = NOW + HOUR
KEYS = ("a-key", "a-key-that-was-taken-back")
DECIDED = Customer(
    4, 3, {"new": 1_000}, armed=2_000, cart_at=3_000, cart_count=2, entered=("new",), left=("at-risk",),
    left_at={"at-risk": 900}, history=True, backfilled=("new",),
)  # fmt: skip
SENT = Record(
    "m-1", State.SENT, HOME, HOME, "e", "cart-recovery", 1, "reminder", "cart", "marketing", "sms", 7, 8, NOW, LATER, 3,
    attempts=1, outcome=Sent(NOW, "op-1"), text="Sepetin", address_key="p.1", language="tr", coupon="KIS-1", parts=2,
    test=True,
)  # fmt: skip
WAITS = replace(
    SENT, message_id="m-2", state=State.DEFERRED, outcome=Deferred(LATER, "quiet_hours", "20:00", ({"what": "hours"},))
)
OUT = Breaker(Phase.OPEN, 3, NOW, LATER, HOUR, LATER, LATER, 40, "timeout", "m-3")
GROUP = Group(2, LATER, "p1", (HOME, "u.other"))
WALK = Walk(2, "place", 1, 9, 2, 1, ended=True, last=True, upto="2026", behind=("a", "b"), finished=True, touched=NOW)


@dataclass
class Progress:
    catalog: MemoryTable = field(default_factory=MemoryTable)
    customers: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["customers"]))
    messages: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["messages"]))


def play(world: Progress) -> dict[str, Any]:
    catalog, store = world.catalog, CustomerStore(world.customers)
    store.put_customer(HOME, DECIDED, previous=0)
    store.put_customer("u.other", Customer(1, state="absorbed"), previous=0)
    store.put_member(HOME, "new", "2026-11-22T10:00:00.000Z")
    store.put_facts(HOME, StoredFacts(Facts(), 1, 3, until=5_000, listed=True), previous=0)
    sends = Sends(
        frozenset({Place("u1", "marketing", NOW, "sms", "m-1")}), {"t.dead": NOW}, 0,
        {"u1": Given("u1", "CART10", "KIS-1", NOW, LATER, 7)}, frozenset({Noted("autumn", "m-1", LATER)}),
    )  # fmt: skip
    put_sends(store, HOME, sends)
    world.customers.put(parted_item(HOME, "a.browser", {"verdict-1": 1_000}))
    for record in (SENT, WAITS):
        world.messages.put(write_record(record))
    Breakers(catalog, "sms").change(lambda _closed: OUT)
    campaigns = Campaigns(catalog)
    campaigns.put_walk("autumn", WALK)
    campaigns.put_walk("autumn", Walk(3, ended=True))
    campaigns.put_groups("autumn", [GROUP])
    for what in ("bounced", "complained"):
        campaigns.report("autumn", "email", what)
    for key in KEYS:
        add_source(catalog, key, Source("app", "mobile", trusted=False), created_at=NOW)
    [kept] = [item for item in catalog.items() if item["pk"].endswith(key_digest(KEYS[0]))]
    set_quota(catalog, kept, Quota(events_per_minute=60))
    Sources(catalog, lambda: 0.0).disable(KEYS[1])
    return {}


def answers(world: Progress, _carried: Any) -> dict[str, Any]:
    catalog, store = world.catalog, CustomerStore(world.customers)
    control, campaigns, ledger = store.control(HOME), Campaigns(catalog), Ledger(world.messages)
    kept = control.facts
    opened = [Sources(catalog, lambda: 0.0).find(key) for key in KEYS]
    return {
        "decided": to_builtins(control.customer),
        "absorbed": to_builtins(store.control("u.other").customer),
        "members": [item["customer"] for n in range(SHARDS) for item in store.members_page("new", n, limit=9).items],
        "live": [item["pk"] for n in range(SHARDS) for item in store.live_page(n, limit=9).items],
        "facts": kept and [kept.version, kept.release, kept.until, kept.listed],
        "sends": _of_one(read_sends(control.sends)),
        "verdicts": [Links(world.customers).parted(HOME), Links(world.customers).verdict_times(HOME, "a.browser")],
        "messages": to_builtins(ledger.get_many(["m-1", "m-2"])),
        "of one home": [[item["pk"], item["state"]] for item in ledger.of_home(HOME).items],
        "provider": to_builtins(Breakers(catalog, "sms").read()),
        "walk": to_builtins(campaigns.walk("autumn", WALK.shard)),
        "walked on": campaigns.put_walk("autumn", campaigns.walk("autumn", WALK.shard)).version,
        "group": to_builtins(campaigns.group("autumn", GROUP.sort_key)),
        "ended": campaigns.walk("autumn", 3).ended,
        "reports": [campaigns.report("autumn", "email", what).bounced for what in ("complained", "bounced")],
        "complaints": campaigns.report("autumn", "email", "complained").complained,
        "keys": [
            found and [found.source.name, found.source.trusted, found.kind, found.quota.as_json()] for found in opened
        ],
        "taken back": [Sources(catalog, lambda: 0.0).disable(KEYS[0]), Sources(catalog, lambda: 0.0).find(KEYS[0])],
        "the next decision": [stored["version"] for stored in _written_again(world, store)],
    }


def _written_again(world: Progress, store: CustomerStore) -> list[Any]:
    """Whoever read the version of then writes the next one."""
    store.put_customer(HOME, replace(DECIDED, version=5), previous=4)
    Breakers(world.catalog, "sms").change(lambda open_: replace(open_, top=1))
    return [world.customers.get(HOME, "customer"), world.catalog.get(*Breakers(world.catalog, "sms").key)]


def _of_one(sends: Sends) -> dict[str, Any]:
    """The sets hold one each, so they have an order."""
    return {
        "places": to_builtins(list(sends.places)), "dead": to_builtins(sends.dead), "version": sends.version,
        "given": to_builtins(sends.given), "noted": to_builtins(list(sends.noted)),
    }  # fmt: skip


PROGRESS = Scene(
    "progress",
    Progress,
    lambda world: {"catalog": world.catalog, "customers": world.customers, "messages": world.messages},
    play,
    answers,
)
