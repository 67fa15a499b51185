"""Conversations in the middle of a day: one that is due, one that was answered, a chat, a rating on its way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.domain.conversations.jobs import Rating, message_job, rating_job
from shared.domain.service.rules import read_rules
from tests.flow.releases.scene import Scene
from tests.unit.ingest.world import WEB_KEY
from tests.unit.support.world import EMAIL, INSTAGRAM, PHONE, Support

CONVERSATIONS, OLD = "/v1/conversations", "email:eski@example.com"
RULES = {
    "shop": {"name": "Kervan", "languages": ["en", "tr"], "time_zone": "Europe/Istanbul"},
    "teams": [
        {
            "team": "support", "default": True, "hours": {"mon-sun": "00:00-24:00"}, "holidays": "none",
            "answer": {"first": "2h", "next": "4h", "warn_before": "30m"}, "tell": ["desk@shop.example"],
            "satisfaction": {"after": "10m", "consent": "not_needed"},
        }
    ],
}  # fmt: skip


def opened() -> Support:
    world = Support()
    world.rules = read_rules(RULES)
    return world


def play(world: Support) -> dict[str, Any]:
    """On the way: a mail in the queue that nobody read yet, and a rating; in a browser: the token of the chat."""
    old = world.taken(OLD, "o1", text="Late?").conversation
    world.tick(minutes=95)  # the team is told that an answer is due
    world.answer(old)
    world.ask("POST", f"{CONVERSATIONS}/{old}/state", {"state": "closed"})
    world.tick(minutes=11)  # he is asked how it was
    mail = world.taken(EMAIL, "m1", text="Where is S-1?").conversation
    world.later(minutes=1)
    answered = world.taken(PHONE, "s1", text="iade").conversation
    world.answer(answered, channel="sms")
    world.later(minutes=1)
    world.link(INSTAGRAM, EMAIL)
    world.taken(INSTAGRAM, "i1", text="Merhaba")
    status, begun = world.ask("POST", "/v1/chat", {"id": "1", "text": "Beden?"}, WEB_KEY)
    assert status == 200
    world.ask("POST", f"{CONVERSATIONS}/{mail}/notes", {"text": "VIP", "agent": "deniz"})
    world.tick(minutes=1)
    world.ask("POST", f"{CONVERSATIONS}/{mail}/presence", {"agent": "deniz"})
    waiting = message_job(world.inbound(EMAIL, "m2", text="Still waiting"))
    return {
        "mail": mail, "answered": answered, "chat": begun["token"], "waiting": waiting,
        "rated": rating_job(Rating(answered, world.clock.time, 5)), "at": world.clock.time.isoformat(),
        "seen": world.seen(mail),
    }  # fmt: skip


def answers(world: Support, carried: Any) -> dict[str, Any]:
    world.clock.time = datetime.fromisoformat(carried["at"])
    mail, answered = carried["mail"], carried["answered"]
    found = {
        "pool": world.ask("GET", CONVERSATIONS, query={"order": "due"}),
        "the pool by age": world.ask("GET", CONVERSATIONS),
        "a desk": world.ask("GET", CONVERSATIONS, query={"assignee": "deniz"}),
        "nobody's": world.ask("GET", CONVERSATIONS, query={"assignee": ""}),
        "a conversation": world.ask("GET", f"{CONVERSATIONS}/{mail}"),
        "an answered one": world.ask("GET", f"{CONVERSATIONS}/{answered}"),
        "the chat": world.ask("GET", "/v1/chat", key=carried["chat"]),
        "who looks": world.ask("POST", f"{CONVERSATIONS}/{mail}/presence", {"agent": "ali"}),
        "answered as it was seen": world.answer(mail, "k9", seen=carried["seen"]).text,
        "the same mail again": [world.taken(EMAIL, "m1").id, len(world.all_messages())],
        "offered again": world.work(carried["waiting"], carried["rated"]),
        "handed": [[one.text, one.channel] for one in world.handed],
        "chat goes on": world.ask("POST", "/v1/chat", {"id": "2", "text": "M", "token": carried["chat"]}, WEB_KEY)[0],
    }
    ticks = [world.tick(hours=hours) for hours in (1, 2, 24)]
    return {
        **found,
        "became due": sum(tick["due"] for tick in ticks),
        "events": sorted({event.name for who in (EMAIL, PHONE) for event in world.events(who)}),
        "closed": world.ask("POST", f"{CONVERSATIONS}/{mail}/state", {"state": "closed"}),
        "at the end": world.ask("GET", f"{CONVERSATIONS}/{mail}"),
    }


SERVICE = Scene(
    "service",
    opened,
    lambda world: {
        "conversations": world.table, "customers": world.customers_table, "timers": world.timers_table,
        "catalog": world.catalog,
    },
    play,
    answers,
)  # fmt: skip
