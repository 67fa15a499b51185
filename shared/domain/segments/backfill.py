"""A backfill: every live customer decided anew after the definitions changed; what is known of it, what follows.

Two kinds of state, each with one writer: the plan (the tick's) says which release is aimed at, a shard (the walker's)
how far its walk has come. What is shown is derived from both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from shared.domain.definitions.release import Release
from shared.domain.identity.keys import position_of_key
from shared.domain.segments.rule_changes import deciding_answers

LOST_MS = 20 * 60_000
"""A shard without progress for so long has lost its message: a crashed reader's is hidden for 12 minutes at most."""
WHOLE = 1000
"""Fractions are kept in thousandths: a table holds no floats."""


class Plan(Struct, frozen=True):
    """``release`` is aimed at, and all up to ``covers`` decide alike. ``noticed`` and ``sent`` are milliseconds of the
    real clock, ``begun`` of the stack's, which a laptop may shift. ``begun`` is None while nothing was handed out.
    """

    release: int
    fingerprint: str
    covers: int
    noticed: int
    begun: int | None = None
    sent: int = 0
    version: int = 0


class Shard(Struct, frozen=True):
    """How far one sixteenth of the customers is. ``done``: looked at; ``decided``: written; ``failed``: given up.

    ``expected`` estimates the customers by the letter that their keys begin with. ``held_until`` and ``moved`` are of
    the real clock: who walks the shard alone until then, and when it last told of itself.
    """

    number: int
    release: int = 0
    cursor: str | None = None
    done: int = 0
    decided: int = 0
    failed: int = 0
    fraction: int = 0
    expected: Mapping[str, int] | None = None
    owner: str = ""
    held_until: int = 0
    moved: int = 0
    finished: int | None = None
    version: int = 0


class Backfill(Struct, frozen=True):
    """All that is stored."""

    plan: Plan | None = None
    shards: Mapping[int, Shard] = field(default_factory=dict)

    def walked(self, number: int) -> Shard | None:
        """The shard, if its walk towards the plan's release has begun."""
        shard = self.shards.get(number)
        return shard if shard is not None and self.plan is not None and shard.release == self.plan.release else None


class Progress(Struct, frozen=True):
    """What people are shown. Times are milliseconds of the stack's clock."""

    release: int
    state: Literal["waiting", "walking", "done"]
    done: int = 0
    failed: int = 0
    fraction: float = 0.0
    started_at: int | None = None
    finished_at: int | None = None


def fingerprint(release: Release) -> str:
    """Equal for two releases that decide every customer alike: by segments, the shop's answers and folded features."""
    kept = {
        "segments": sorted(
            (one.segment, one.model_dump_json(by_alias=True, exclude_unset=True, include={"who"}))
            for one in release.segments
        ),
        "shop": deciding_answers(release),
        "folded_since": release.folded_since,
    }
    return hashlib.blake2b(json.dumps(kept, sort_keys=True).encode(), digest_size=12).hexdigest()


def planned(plan: Plan | None, published: Sequence[Release], noticed: int) -> Plan:
    """The plan after the releases ``published`` since the one it covers, oldest first; the last of them holds now.

    It stays if they all decide alike. One in between that did not, even if it was taken back at once, has decided
    customers by rules of its own: then everybody is looked at again.
    """
    newest = published[-1]
    prints = {fingerprint(release) for release in published}
    if plan is not None and prints == {plan.fingerprint}:
        return Plan(plan.release, plan.fingerprint, newest.number, plan.noticed, plan.begun, plan.sent, plan.version)
    version = plan.version if plan else 0
    return Plan(newest.number, fingerprint(newest), newest.number, noticed, version=version)


def lost(backfill: Backfill, shards: int, real_now: int) -> list[int]:
    """Shards whose message must have been lost, to be handed out again."""
    plan = backfill.plan
    if plan is None or plan.begun is None:
        return []

    def silent(number: int) -> bool:
        shard = backfill.walked(number)
        if shard is not None and shard.finished is not None:
            return False
        return real_now - max(plan.sent, shard.moved if shard else 0) > LOST_MS

    return [number for number in range(shards) if silent(number)]


def progress(backfill: Backfill, current: Release, shards: int) -> Progress | None:
    """None before anything was published. A release that the tick has not seen is waiting, if it decides otherwise."""
    plan = backfill.plan
    if not current.number:
        return None
    if plan is None or (current.number > plan.covers and fingerprint(current) != plan.fingerprint):
        return Progress(current.number, "waiting")
    if plan.begun is None:
        return Progress(plan.release, "waiting")
    walked = [shard for number in range(shards) if (shard := backfill.walked(number)) is not None]
    ends = [shard.finished for shard in walked if shard.finished is not None]
    whole = len(ends) == shards
    return Progress(
        plan.release,
        "done" if whole else "walking",
        done=sum(shard.done for shard in walked),
        failed=sum(shard.failed for shard in walked),
        fraction=1.0 if whole else sum(shard.fraction for shard in walked) / (WHOLE * shards),
        started_at=plan.begun,
        finished_at=max(ends) if whole else None,
    )


def estimated(first_keys: Sequence[str], *, whole: bool) -> int:
    """How many keys of one letter a shard holds, from its first few (all of them if ``whole``).

    Keys are keyed digests, so their places are uniform: of n, the k-th lies near k/n.
    """
    if whole or not first_keys:
        return len(first_keys)
    return max(len(first_keys), round((len(first_keys) - 1) / max(position_of_key(first_keys[-1]), 1e-9)))


def fraction(expected: Mapping[str, int], last_key: str) -> int:
    """How much of a shard lies before this key, in thousandths; never all of it, for there may be more behind."""
    total = sum(expected.values())
    letter = last_key[:1]
    before = sum(count for other, count in expected.items() if other < letter)
    passed = before + expected.get(letter, 0) * position_of_key(last_key)
    return min(WHOLE - 1, int(WHOLE * passed / total)) if total else 0
