"""The forms of a campaign's items in the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from shared.domain.campaigns.campaign import Campaign, Stopped, Walk
from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.domain.messages.reputation import Feedback

PK = "campaigns"
BELOW = "campaign#"
WALK, GROUP = "walk#", "group#"
DIGEST = 8
"""Bytes that tell the customers of a shard apart: two of 100,000 are equal once in some billions of campaigns."""


class Group(Struct, frozen=True):
    """Customers of one page of a shard who are due at one instant. ``page`` is the version of the walk that the page
    was read at: the same page once more is the same group, another page never is."""

    shard: int
    due: datetime
    page: str
    homes: tuple[str, ...]
    version: int = 0

    @property
    def sort_key(self) -> str:
        return f"{GROUP}{self.shard:02d}#{milliseconds(self.due)}#{self.page}"

    def written_before(self, walk: Walk) -> bool:
        """False as long as the walk may come to the same page once more, and write the group again. (A page that is no
        number is the first customer, by whom an earlier release named it.)"""
        return not self.page.isdigit() or int(self.page) < walk.version


IF_THERE = ("upto", "place", "excluded", "repeated", "last")


def walk_item(name: str, walk: Walk) -> dict[str, Any]:
    """How far a shard was walked; what says nothing is left out."""
    item: dict[str, Any] = {
        "pk": BELOW + name,
        "sk": f"{WALK}{walk.shard:02d}",
        "walked": walk.walked,
        "ended": walk.ended,
        "finished": walk.finished,
        "version": walk.version,
        **{name: value for name in IF_THERE if (value := getattr(walk, name))},
    }
    if walk.behind:
        item["behind"] = walk.behind[0] if len(walk.behind) == 1 else list(walk.behind)
    if walk.cursor is not None:
        item["cursor"] = walk.cursor
    if walk.touched is not None:
        item["touched"] = milliseconds(walk.touched)
    return item


def home_digest(home: str) -> bytes:
    """By which a customer is known in ``given``."""
    return blake2b(home.encode(), digest_size=DIGEST).digest()


def campaign_item(campaign: Campaign, pk: str, sk: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "pk": pk,
        "sk": sk,
        "definition": campaign.definition.model_dump_json(by_alias=True, exclude_unset=True, exclude={"test"}),
        "release": campaign.release,
        "begins": milliseconds(campaign.begins),
        "scheduled_at": time_text(campaign.scheduled_at),
        "estimate": campaign.estimate,
        "at_least": campaign.at_least,
    }
    if campaign.stopped is not None:
        item["stopped"] = stopped_item(campaign.stopped)
    if campaign.sample:
        item["sample"] = True
    if campaign.cancelled_at is not None:
        item["cancelled_at"] = time_text(campaign.cancelled_at)
    return item


def read_campaign(item: Mapping[str, Any]) -> Campaign:
    cancelled = item.get("cancelled_at")
    return Campaign(
        definition=CampaignDefinition.model_validate_json(item["definition"]),
        release=item["release"],
        begins=moment(item["begins"]),
        scheduled_at=datetime.fromisoformat(item["scheduled_at"]),
        estimate=item["estimate"],
        at_least=item["at_least"],
        cancelled_at=None if cancelled is None else datetime.fromisoformat(cancelled),
        stopped=read_stopped(item["stopped"]) if "stopped" in item else None,
        sample=item.get("sample", False),
    )


def stopped_item(stopped: Stopped) -> dict[str, Any]:
    return {"because": stopped.because, "limit": str(stopped.limit), **asdict(stopped.found)}


def read_stopped(item: Mapping[str, Any]) -> Stopped:
    counts = Feedback(*(int(item[name]) for name in ("sent", "bounced", "complained")))
    return Stopped(item["because"], Decimal(item["limit"]), counts)


def read_walk(item: Mapping[str, Any]) -> Walk:
    return Walk(
        shard=int(item["sk"].removeprefix(WALK)),
        cursor=item.get("cursor"),
        walked=item["walked"],
        ended=item.get("ended", item["finished"]),
        place=item.get("place", 0),
        excluded=item.get("excluded", 0),
        repeated=item.get("repeated", 0),
        last=item.get("last", False),
        upto=item.get("upto", ""),
        behind=_behind(item.get("behind", "")),
        finished=item["finished"],
        touched=moment(item["touched"]) if "touched" in item else None,
        version=item["version"],
    )


def _behind(stored: str | list[str]) -> tuple[str, ...]:
    """A campaign to one segment keeps one text, as each did before there could be several."""
    if isinstance(stored, str):
        return (stored,) if stored else ()
    return tuple(stored)


def group_item(name: str, group: Group) -> dict[str, Any]:
    return {
        "pk": BELOW + name,
        "sk": group.sort_key,
        "homes": list(group.homes),
        "version": group.version,
    }


def read_group(item: Mapping[str, Any]) -> Group:
    shard, due, page = item["sk"].removeprefix(GROUP).split("#", 2)
    return Group(int(shard), moment(int(due)), page, tuple(item["homes"]), item["version"])
