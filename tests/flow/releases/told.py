"""What is on its way to the register of consent and to advertising platforms, a short link, counts of chats. Written
and read by the stores alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec import to_builtins

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.audience import Audience
from shared.domain.message_links.message_link import MessageLink
from shared.stores.audience_entries import AudienceEntries, AudienceState, Batch
from shared.stores.chat_limits import ChatLimits, Limit
from shared.stores.iys_records import IysRecords, Pull, UploadItem
from shared.stores.short_links import ShortLinks
from tests.flow.releases.scene import Scene
from tests.unit.ingest.world import NOW

HOUR = timedelta(hours=1)
LINK = MessageLink("m-1", 2, "https://shop.example/p/shirt", "shirt")
LISTED = AudienceState(
    "lost", Audience(segment="lost", to="meta", list="123"), 5, "place", NOW, NOW + HOUR, "refused", closing=True
)
CHATS = (Limit(3, HOUR),)


@dataclass
class Told:
    iys: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["iys"]))
    audiences: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["audiences"]))
    conversations: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["conversations"]))
    messages: MemoryTable = field(default_factory=lambda: MemoryTable(indexes=INDEXES["messages"]))


def play(world: Told) -> dict[str, Any]:
    register, audiences = IysRecords(world.iys, "77"), AudienceEntries(world.audiences)
    register.put_upload(UploadItem("u-1", NOW, (("e.address", "BIREYSEL"),), request="r-1", lost=True))
    register.put_pull(Pull("after-9", NOW, NOW - HOUR))
    register.keep_unreadable({"status": "?"}, NOW, "e.address")
    audiences.put_state(LISTED)
    audiences.put_batch("lost", Batch("job-1", NOW, (("e.address", 3, True),)))
    ShortLinks(world.messages).put_all([("abcdefghij", LINK)], NOW)
    for _ in range(2):
        ChatLimits(world.conversations).spend("c.chat", CHATS, NOW)
    return {}


def answers(world: Told, _carried: Any) -> dict[str, Any]:
    register, audiences = IysRecords(world.iys, "77"), AudienceEntries(world.audiences)
    return {
        "uploads": to_builtins(register.uploads()),
        "pull": to_builtins(register.pull()),
        "unreadable": [[one["row"], one["customer"], str(one["at"])] for one in register.unreadable()],
        "lists": [[one.name, one.settings.model_dump(), one.size, one.walk, *_said(one)] for one in audiences.states()],
        "batch": to_builtins(audiences.batch("lost")),
        "link": to_builtins(ShortLinks(world.messages).get("abcdefghij")),
        "chats": ChatLimits(world.conversations).used("c.chat", CHATS[0], NOW),
    }


def _said(one: AudienceState) -> list[str]:
    return [str(one.walked), str(one.failing), one.problem, str(one.closing)]


TOLD = Scene(
    "told",
    Told,
    lambda world: {
        "iys": world.iys, "audiences": world.audiences, "conversations": world.conversations,
        "messages": world.messages,
    },
    play,
    answers,
)  # fmt: skip
