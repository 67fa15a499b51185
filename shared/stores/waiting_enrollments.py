"""How many enrollments wait at which step of each journey, counted from timers: every live enrollment has one.

There is no index of enrollments. Read are the pending timers of journeys, shard by shard, then the enrollments behind
them: an enrollment that an order ended keeps its timer until it is due, so timers alone would count too many. It costs
about one read unit per waiting enrollment, up to ``at_most``, and one request per hundred. If timers of campaigns take
up too much room, counting ends earlier; the numbers then mean "at least", too.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from shared.domain.campaigns.timer_names import of_campaign
from shared.domain.journeys.enrollment import sort_key
from shared.ports import Table
from shared.stores.timers import SHARDS, Timer, timer_of

PAGE = 1_000
EXAMINED = 4
"""Timers read per enrollment to be counted: those of deferred campaign messages lie between."""


@dataclass(slots=True)
class Waiting:
    """Live enrollments of one journey, by the step that they wait for. ``soonest``: when the first is due."""

    live: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    soonest: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """By journey. ``complete`` is False if there are more than were counted: the numbers are then at least so many."""

    journeys: dict[str, Waiting]
    complete: bool


def waiting_enrollments(timers: Table, customers: Table, at_most: int) -> Overview:
    """Counts live enrollments, an equal share of every shard."""
    found: dict[tuple[str, str], Timer] = {}
    complete = True
    for shard in range(SHARDS):
        held, whole = _next(timers, f"journey#{shard}", at_most // SHARDS)
        found |= held
        complete = complete and whole
    live = _live(customers, found)
    journeys: dict[str, Waiting] = {}
    for (home, ref), timer in found.items():
        if (home, sort_key(ref)) in live:
            waiting = journeys.setdefault(ref.partition("#")[0], Waiting())
            waiting.live += 1
            waiting.steps[timer.step] += 1
            due = timer.sk.partition("#")[0]
            waiting.soonest = min(waiting.soonest or due, due)
    return Overview(journeys, complete)


def _next(timers: Table, shard: str, at_most: int) -> tuple[dict[tuple[str, str], Timer], bool]:
    """Per enrollment the timer that it was armed with last: that of a wait which was cut short stands until it is due.

    Of several of one revision the first, for a deferred message has one beside that of its enrollment.
    """
    found: dict[tuple[str, str], Timer] = {}
    cursor, read = None, 0
    while read < max(PAGE, EXAMINED * at_most):
        page = timers.query(shard, limit=PAGE, cursor=cursor)
        read += len(page.items)
        for timer in map(_timer, page.items):
            enrollment = timer.home, timer.ref
            if of_campaign(*enrollment):
                continue
            if len(found) >= at_most and enrollment not in found:
                return found, False
            if enrollment not in found or timer.revision > found[enrollment].revision:
                found[enrollment] = timer
        cursor = page.cursor
        if cursor is None:
            return found, True
    return found, False


def _timer(item: dict[str, Any]) -> Timer:
    return timer_of(item["pk"], item["sk"], item["revision"], item.get("step", ""))


def _live(customers: Table, enrollments: dict[tuple[str, str], Timer]) -> set[tuple[str, str]]:
    items = customers.get_many([(home, sort_key(ref)) for home, ref in enrollments])
    return {(item["pk"], item["sk"]) for item in items if item["state"] == "live"}
