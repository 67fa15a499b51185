"""A timer batch: due timers of one shard in one queue message, from the tick to the workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.campaigns.timer_names import is_walk
from shared.stores.timers import Timer, timer_of

SIZE = 25
"""Timers in a batch: some 2.5 KB, and a few seconds of work."""


class TimerBatch(BaseModel):
    """``timers`` are sort keys, revisions and the steps waited for. ``again``: they may be done by now, so look first
    which still stand."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    v: Literal[1] = 1
    shard: str = Field(min_length=3, max_length=64)
    timers: Annotated[tuple[tuple[str, int, str], ...], Field(min_length=1, max_length=SIZE)]
    again: bool = False

    def read(self) -> list[Timer]:
        """Reads a message. Raises ValueError if one of its keys is no timer's key."""
        return [timer_of(self.shard, sort_key, revision, step) for sort_key, revision, step in self.timers]


def batch_bodies(shard: str, timers: Sequence[Timer], *, again: bool = False) -> Iterator[str]:
    """The bodies of the messages, in the order of the timers; the walk of a campaign's shard is a batch of its own."""
    held: list[tuple[str, int, str]] = []
    for timer in timers:
        one = (timer.sk, timer.revision, timer.step)
        if is_walk(timer.home, timer.ref):
            yield _body(shard, [one], again)
            continue
        held.append(one)
        if len(held) == SIZE:
            yield _body(shard, held, again)
            held = []
    if held:
        yield _body(shard, held, again)


def _body(shard: str, held: Sequence[tuple[str, int, str]], again: bool) -> str:
    return TimerBatch(shard=shard, timers=tuple(held), again=again).model_dump_json(exclude_defaults=True)
