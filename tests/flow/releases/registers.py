"""What is told to others: consents at Turkey's register, lists at advertising platforms, both half done."""

from __future__ import annotations

from typing import Any

from tests.flow.releases.scene import Scene
from tests.unit.audiences.world import World as Platforms
from tests.unit.audiences.world import audience
from tests.unit.iys.world import World as Register

AYSE, MEHMET = "email:ayse@example.com", "email:mehmet@example.com"
PHONES = ("phone:+905321112233", "phone:+905321112234")
PEOPLE = (AYSE, *PHONES, MEHMET)
ZEYNEP = "email:zeynep@example.com"


def consents(world: Register) -> dict[str, Any]:
    """Ayşe's consent was taken, those of two phones wait for an answer, Mehmet's was not yet told."""
    world.say(AYSE, granted=True)
    world.refresh(AYSE)
    world.run(3)
    for phone in PHONES:
        world.say(phone, granted=True)
        world.refresh(phone)
    world.run()
    world.records.keep_unreadable({"status": "?"}, world.moment)
    world.say(MEHMET, granted=True)
    world.refresh(MEHMET)
    return {"at": world.moment.timestamp(), "held": world.iys.held, "requests": world.iys.requests}


def after_consents(world: Register, carried: Any) -> dict[str, Any]:
    world.moment = world.moment.fromtimestamp(carried["at"], world.moment.tzinfo)
    world.iys.held, world.iys.requests = carried["held"], carried["requests"]
    states = {who: _states(world, who) for who in PEOPLE}
    unreadable = [one["row"] for one in world.seen_records.unreadable()]
    world.say(AYSE, granted=False)
    world.refresh(AYSE)
    world.run(8)
    return {
        "before": states,
        "unreadable": unreadable,
        "after": {who: _states(world, who) for who in PEOPLE},
        "granted": {who: world.granted(who) for who in PEOPLE},
        "told": {who: list(world.told(who)) for who in (AYSE, MEHMET)},
    }


def _states(world: Register, who: str) -> Any:
    record = world.record(who)
    return record and {"known": record.known and record.known.status, "told": [one.state for one in record.statements]}


def lists(world: Platforms) -> dict[str, Any]:
    """Two are in the list at Meta, Google was told of a change and has not answered, one waits to be told."""
    world.audiences = {"at-meta": audience("meta"), "at-google": audience("google")}
    for who in (AYSE, MEHMET):
        world.person(who, inside=True)
        world.agree(who)
        world.refresh(who)
    world.run(2)
    world.person(ZEYNEP, inside=True)
    world.agree(ZEYNEP)
    world.refresh(ZEYNEP)
    return {"at": world.moment.timestamp(), "lists": world.ads.lists, "jobs": world.ads.jobs}


def after_lists(world: Platforms, carried: Any) -> dict[str, Any]:
    world.audiences = {"at-meta": audience("meta"), "at-google": audience("google")}
    world.moment = world.moment.fromtimestamp(carried["at"], world.moment.tzinfo)
    world.ads.lists, world.ads.jobs = carried["lists"], carried["jobs"]
    world.person(AYSE, inside=False)
    world.refresh(AYSE)
    world.run(6)
    return {
        "listed": {to: sorted(world.held(to)) for to in ("meta", "google")},
    }


REGISTER = Scene(
    "iys", Register, lambda world: {"iys": world.iys_table, "customers": world.customers_table},
    consents, after_consents,
)  # fmt: skip
PLATFORMS = Scene(
    "audiences", Platforms, lambda world: {"audiences": world.audiences_table, "customers": world.customers_table},
    lists, after_lists,
)  # fmt: skip
