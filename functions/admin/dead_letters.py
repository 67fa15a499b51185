"""``/v1/deadletters``: what could not be worked on, and doing it again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from functions.admin.environment import Environment
from functions.admin.models.dead_letters import RedriveRequest
from functions.admin.redrive_letter import Repairs
from shared.domain.deadletters.letter import QUEUES, Letter, Repair, read_letter
from shared.domain.identity.keys import milliseconds, moment, time_text
from shared.http.answers import not_found
from shared.ports.dead_letters import Held, LetterQueue, StreamGone

SHOWN = 50
"""Letters of one queue that a list shows; ``waiting`` tells how many there are."""
SOUGHT = 1_000
"""Letters of a queue that are looked at for one id."""
GONE = "stream_gone"
UNREADABLE = "unreadable"


def dead_letters(environment: Environment, queue: str | None) -> dict[str, Any]:
    """The first letters of each queue, or of one, oldest first. Looking at a letter counts as a receive.

    Raises
    ------
    Problem
        404 for a queue that does not exist.
    """
    dead = environment.letters()
    now = dead.now()
    there = _there(dead.letters)
    names = there if queue is None else [_named(queue, dead.letters)]
    waiting = {name: dead.letters[name].waiting() for name in names}
    items = []
    for name in names:
        letters = dead.letters[name]
        held = list(_take(letters, SHOWN, {})) if waiting[name] else []
        letters.put_back(held)
        items += [_shown(name, one, now) for one in sorted(held, key=lambda one: (one.queued_ms, one.id))]
    queues = [{"name": name, "waiting": max(count, _of(items, name))} for name, count in waiting.items()]
    return {"items": items, "queues": [one for one in queues if one["waiting"] or queue], "cursor": None}


def dead_letter(environment: Environment, queue: str, letter_id: str) -> dict[str, Any]:
    """One letter.

    Raises
    ------
    Problem
        404 if there is no such queue, or no letter of this id among the first SOUGHT.
    """
    dead = environment.letters()
    letters = dead.letters[_named(queue, dead.letters)]
    held: dict[str, Held] = {}
    try:
        for one in _take(letters, SOUGHT, held):
            if one.id == letter_id:
                return _shown(queue, one, dead.now())
    finally:
        letters.put_back(list(held.values()))
    raise not_found("there is no such letter; it may have been redriven, or expired after 14 days")


def redrive(environment: Environment, queue: str, wanted: RedriveRequest, time_left: Callable[[], bool]) -> Any:
    """Do the work of some letters again: first its message is put where it is worked on, then the letter is deleted.

    A crash in between does it twice, which is harmless. Letters that came after ``before`` stay, so a cause that is
    not mended cannot make a circle. What cannot be done again stays too, with the reason in ``kept``; it counts for no
    part of ``limit``, so it stands in nobody's way.

    Raises
    ------
    Problem
        404 for a queue that does not exist.
    """
    dead = environment.letters()
    letters = dead.letters[_named(queue, dead.letters)]
    before = wanted.before or milliseconds(dead.now())
    repairs = Repairs(environment, dead)
    redriven, kept, held = 0, dict[str, str](), dict[str, Held]()
    try:
        for one in _take(letters, SOUGHT, held):
            if wanted.id not in (None, one.id) or one.queued_ms > before:
                continue
            why = _redriven(repairs, read_letter(queue, one.body).repair)
            if why is None:
                letters.delete([held.pop(one.id)])
                redriven += 1
            else:
                kept[one.id] = why
            if redriven >= wanted.limit or not time_left():
                break
    finally:
        letters.put_back(list(held.values()))
    shown = [{"id": name, "reason": why} for name, why in kept.items()]
    return {"redriven": redriven, "kept": shown, "waiting": letters.waiting(), "before": before}


def _redriven(repairs: Repairs, repair: Repair | None) -> str | None:
    """None if the work is under way again; else why the letter stays."""
    if repair is None:
        return UNREADABLE
    try:
        repairs.carry_out(repair)
    except StreamGone:
        return GONE
    return None


def _there(letters: Collection[str]) -> list[str]:
    """The queues that this deployment has: without a lake or a webhook some are missing."""
    return [name for name in QUEUES if name in letters]


def _named(queue: str, letters: Collection[str]) -> str:
    there = _there(letters)
    if queue not in there:
        raise not_found(f"there is no such queue; there are {', '.join(there)}")
    return queue


def _take(letters: LetterQueue, most: int, held: dict[str, Held]) -> Iterator[Held]:
    """Letters until there are no more; all that were taken are in ``held``, for who puts them back. One that comes
    again, because it was hidden for too short a time, ends it."""
    seen: set[str] = set()
    while len(seen) < most:
        new = [one for one in letters.receive(most - len(seen)) if one.id not in seen]
        seen |= {one.id for one in new}
        held.update((one.id, one) for one in new)
        yield from new
        if not new:
            return


def _of(items: list[dict[str, Any]], queue: str) -> int:
    return sum(one["queue"] == queue for one in items)


def _shown(queue: str, held: Held, now: datetime) -> dict[str, Any]:
    letter: Letter = read_letter(queue, held.body)
    return {
        "queue": queue,
        "id": held.id,
        "kind": letter.kind,
        "queued_at": time_text(moment(held.queued_ms)),
        "age_seconds": max(0, (milliseconds(now) - held.queued_ms) // 1_000),
        "receives": held.receives,
        "reason": letter.reason,
        "about": dict(letter.about),
        "redrivable": letter.repair is not None,
    }
