"""A campaign in the middle of its walk: some were written to, some wait in the queue, bounces were reported."""

from __future__ import annotations

from typing import Any

from functions.ingest.campaign_limits import CampaignLimits
from shared.domain.messages.message import State
from shared.stores.ledger import Ledger
from tests.flow.releases.scene import Scene
from tests.unit.campaigns.world import START, Store, local, numbers_in

PEOPLE, SENT = 7, 2


def play(shop: Store) -> dict[str, Any]:
    """In the queues: messages that nobody sent, and pieces of the walk."""
    for number in numbers_in(0, PEOPLE):  # of one shard, whose walk stops in the middle of a page
        shop.person(number, email=f"p{number}@example.com")
    shop.plan(throttle={"per_minute": 1})
    shop.plan(campaign="later", at="2026-11-25T10:30")
    minute = 30
    while len(shop.addresses) < SENT:
        minute += 1
        shop.until(local(10, minute))
    while not shop.queues["email"].bodies:
        minute += 1
        shop.clock.time = local(10, minute)
        shop.tick()
        bodies, shop.work.bodies = shop.work.bodies, []
        shop.worker(bodies)
    sent = next(item for item in shop.ingest.messages.items() if item.get("state") == State.SENT)
    record = Ledger(shop.ingest.messages).get(sent["pk"])
    assert record is not None
    CampaignLimits(shop.catalog, lambda _told: None).count("bounced", record, shop.clock.time)
    return {
        "work": shop.work.bodies, "email": shop.queues["email"].bodies, "at": shop.clock.time.timestamp(),
        "sent": sorted(shop.addresses),
    }  # fmt: skip


def answers(shop: Store, carried: Any) -> dict[str, Any]:
    """Who was written to is not written to again; the rest is, once; the campaign of tomorrow begins tomorrow."""
    shop.clock.time = START.fromtimestamp(carried["at"], START.tzinfo)
    found = {"shown": shop.shown(), "all": shop.ask("GET"), "later": shop.shown("later")}
    shop.work.bodies = list(carried["work"])
    shop.queues["email"].bodies = [*carried["email"], *carried["email"]]
    shop.settle()
    shop.until(local(20))
    rest = sorted(shop.addresses)
    done = shop.shown()
    shop.until(local(24 + 20))
    return {
        **found, "the rest": rest, "done": [done["state"], done["walked"]], "all at the end": sorted(shop.addresses),
        "tomorrow": shop.shown("later")["state"],
    }  # fmt: skip


CAMPAIGNS = Scene(
    "campaigns",
    Store,
    lambda shop: {
        "customers": shop.customers, "catalog": shop.catalog, "timers": shop.ingest.timers,
        "messages": shop.ingest.messages, "metrics": shop.ingest.metrics,
    },
    play,
    answers,
)  # fmt: skip
