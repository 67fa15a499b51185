"""A message of stock's work queue: some people are to be told of an announcement."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import cast

from shared.domain.interests.announcement import EVENTS, About
from shared.stores.interests import SHARDS

FIRST = -1


@dataclass(frozen=True, slots=True)
class Task:
    """``shard``: the part of the people who are told after the first wave, or FIRST. ``behind``: where it goes on in
    the order of telling."""

    about: About
    product: str
    episode: int
    shard: int = FIRST
    behind: str = ""

    @property
    def first(self) -> bool:
        return self.shard == FIRST

    @property
    def id(self) -> str:
        """The same for a message that comes again: it completes what it began."""
        return hashlib.blake2b(self.body().encode(), digest_size=8).hexdigest()

    def body(self) -> str:
        """The text of the message."""
        said = {"about": self.about, "product": self.product, "episode": self.episode, "shard": self.shard}
        return json.dumps(said | ({"behind": self.behind} if self.behind else {}))


def read_task(body: str) -> Task:
    """Raises ValueError for a text that is none."""
    said = json.loads(body)
    if not isinstance(said, dict) or said.get("about") not in EVENTS:
        raise ValueError("a message of another kind")
    product, episode, shard, behind = (
        said.get("product"),
        said.get("episode"),
        said.get("shard"),
        said.get("behind", ""),
    )
    if not isinstance(product, str) or not product or not isinstance(behind, str):
        raise ValueError("a message without a product")
    if type(episode) is not int or type(shard) is not int or not FIRST <= shard < SHARDS:
        raise ValueError("a message without an episode or a shard")
    return Task(cast("About", said["about"]), product, episode, shard, behind)
