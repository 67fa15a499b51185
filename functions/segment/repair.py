"""Work of segment that is done again: events folded again, customers decided again, facts made anew from the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.segment.batch import Batch
from functions.segment.environment import Environment
from functions.segment.on_events import POISON
from functions.segment.release import NewerRelease
from functions.segment.service import Segmentation
from shared.adapters.error_kinds import kind_of
from shared.domain.deadletters.repair import RepairTask

log = logging.getLogger("kervan.segment")


@dataclass(slots=True)
class RepairTally:
    """What one task did. ``gone``: events that were erased meanwhile."""

    repaired: int = 0
    gone: int = 0
    failed: int = 0


def repair(task: RepairTask, composed: Environment, now: datetime) -> RepairTally:
    """Do a task. What still cannot be worked on goes to the failure queue by its key, and blocks nothing else.

    Any other error leaves: the queue offers the task again, and doing all of it again is harmless.
    """
    tally = RepairTally()
    for pk, sk in task.events:
        _guarded({"function": "segment-on-events", "pk": pk, "sk": sk}, _fold(pk, sk, tally, now), composed, tally)
    for pk in task.customers:
        _guarded({"function": "segment-on-queue", "pk": pk}, _decide(pk, now), composed, tally)
    for pk in task.logs:
        _guarded({"function": "segment-on-queue", "pk": pk}, _rebuild(pk, now), composed, tally)
    for pk in task.lake:
        _guarded({"function": "segment-on-queue", "pk": pk}, _hand_on(pk, now), composed, tally)
    return tally


Repair = Callable[[Segmentation, Environment], None]


def _fold(pk: str, sk: str, tally: RepairTally, now: datetime) -> Repair:
    def fold(segmentation: Segmentation, composed: Environment) -> None:
        event = composed.store.event(pk, sk)
        if event is None:
            tally.gone += 1
        else:
            segmentation.fold([Batch(pk, [event])], now)

    return fold


def _decide(pk: str, now: datetime) -> Repair:
    return lambda segmentation, _composed: segmentation.decide(pk, now)


def _rebuild(pk: str, now: datetime) -> Repair:
    return lambda segmentation, _composed: segmentation.rebuild(pk, now)


def _hand_on(pk: str, now: datetime) -> Repair:
    def hand_on(segmentation: Segmentation, composed: Environment) -> None:
        segmentation.hand_on_again(pk, now)
        if composed.lake is not None and composed.lake.many:
            composed.flush()

    return hand_on


def _guarded(key: dict[str, str], repair: Repair, composed: Environment, tally: RepairTally) -> None:
    try:
        try:
            repair(composed.segmentation(), composed)
        except NewerRelease:
            repair(composed.segmentation(refresh=True), composed)
    except POISON as broken:
        log.error("gave up a repair: %s", kind_of(broken))
        composed.failures.send_many([json.dumps({**key, "reason": kind_of(broken)})])
        tally.failed += 1
    else:
        tally.repaired += 1
