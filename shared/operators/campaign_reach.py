"""How many a campaign would reach: the segment's members counted, and of a sample who has an address and agreed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.consent.consent import consent_state
from shared.domain.messages.address import address_of
from shared.domain.messages.request import Channel
from shared.operators.environment import Environment
from shared.queries.customer_sends import sends_of
from shared.queries.customer_tree import UNREADABLE, load_tree
from shared.stores.customers import SHARDS, CustomerStore

COUNT_AT_MOST = 100_000
PAGE = 1_000
SAMPLE = 48
"""Three of each shard, the oldest members."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``members`` of the segments, each once and without those who are left out (``at_least`` if counting stopped
    there); of ``sample`` customers, how many each channel reaches, and how many any of them."""

    members: int
    at_least: bool
    sample: int
    reachable: int
    by_channel: dict[Channel, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "members": self.members,
            "members_at_least": self.at_least,
            "sample": self.sample,
            "reachable_in_sample": self.reachable,
            "by_channel_in_sample": self.by_channel,
        }


def reach(environment: Environment, definition: CampaignDefinition, now: datetime) -> Reach:
    """One request per thousand members of each segment, and a few per customer of the sample."""
    store = CustomerStore(environment.customers)
    read = members = 0
    sample: list[str] = []
    for shard in range(SHARDS):
        if read >= COUNT_AT_MOST:
            break
        found = list(dict.fromkeys(_members(store, definition.included, shard, COUNT_AT_MOST - read)))
        read += len(found)
        if definition.excluded:
            others = set(_members(store, definition.excluded, shard, COUNT_AT_MOST))
            found = [home for home in found if home not in others]
        members += len(found)
        sample += found[: SAMPLE // SHARDS]
    by_channel: dict[Channel, int] = dict.fromkeys(definition.channels, 0)
    reachable = 0
    looked_at = 0
    for home in sample:
        try:
            channels = _channels(environment, store, home, definition, now)
        except UNREADABLE:
            continue  # by this release; a sample without him says as much
        looked_at += 1
        reachable += bool(channels)
        for channel in channels:
            by_channel[channel] += 1
    return Reach(members, read >= COUNT_AT_MOST, looked_at, reachable, by_channel)


def _members(store: CustomerStore, segments: Iterable[str], shard: int, most: int) -> Iterator[str]:
    """Those of a shard, segment by segment; at most so many of each."""
    for segment in segments:
        cursor, left = None, most
        while left > 0:
            page = store.members_page(segment, shard, limit=min(PAGE, left), cursor=cursor)
            yield from (item["pk"] for item in page.items)
            left, cursor = left - len(page.items), page.cursor
            if cursor is None:
                break


def _channels(
    environment: Environment,
    store: CustomerStore,
    home: str,
    definition: CampaignDefinition,
    now: datetime,
) -> list[Channel]:
    """The channels on which this customer has an address and, if the message is commercial, agreed."""
    tree = load_tree(store, home)
    profile, dead = tree.profile(), sends_of(tree).dead
    consents = tuple(consent for member in tree.members for consent in member.control.consents)
    found: list[Channel] = []
    for channel in definition.channels:
        address = address_of(profile, channel, environment.keys, phone=environment.phone, dead=dead)
        if address is None:
            continue
        agreed = consent_state(consents, channel, definition.purpose, address.key, now).granted
        if agreed or definition.purpose == "transactional":
            found.append(channel)
    return found
