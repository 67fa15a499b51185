"""``POST /v1/sources/{name}/take-back``: what is asked, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.admin.environment import Environment
from functions.admin.models.sources import TakeBackRequest
from shared.domain.consent.consent import OWN_SOURCES
from shared.domain.consent.forged_withdrawals import LONGEST_SPAN, Attack
from shared.domain.events.event import Source
from shared.domain.identity.keys import milliseconds, moment
from shared.http.answers import Problem, malformed, not_found
from shared.operators.forged_withdrawals import Walk, counts_json
from shared.operators.paging import read_mark, write_mark
from shared.ports import Conflict
from shared.stores.taking_backs import TakingBack, TakingBacks, new_taking_back
from shared.stores.withdrawal_pointers import KEEP, SHARDS, first_mark, shard_of_mark

LONGEST_NAME = 200
"""It is part of a key, which has a limit."""
ON_ITS_WAY = timedelta(minutes=1)
"""After so long nothing of a span is still being stored."""
_NO_CURSOR = "the cursor is not one of this dry run; start again without it"


def take_back(
    environment: Environment, name: str, asked: TakeBackRequest, source: Source, time_left: Callable[[], bool]
) -> dict[str, Any]:
    """A dry run counts a page of it. Else the first request begins an operation, and each one with its id goes on with
    one of its parts: all of them may be asked for at the same time.

    Raises
    ------
    Problem
        400 for a span that cannot be, 404 for an operation that is not there, 409 for one that is about something
        else, or that another request goes on with now.
    """
    now = environment.clock.now()
    attack = _attack(name, asked, now)
    if asked.dry_run:
        return _dry_run(environment, attack, asked, source, now, time_left)
    operations = TakingBacks(environment.catalog)
    if asked.operation is None:
        begun = operations.put(new_taking_back(attack, source.name, asked.because, now))
        return _answer(begun, begun.counts)
    held = operations.get(asked.operation)
    if held is None:
        raise not_found("there is no such operation; ask without one to begin it")
    if (held.attack, held.because) != (attack, asked.because):
        raise Problem(409, "another_operation", "the operation is about another source, span or reason")
    for part in sorted(held.marks) if asked.part is None else [asked.part]:
        if part not in held.marks:
            continue
        walk = Walk(environment, held, dry=False)
        mark = walk.run(held.marks[part], time_left)
        try:
            held = operations.advance(held, part, mark, walk.counts)
        except Conflict as other:
            raise Problem(409, "in_progress", "another request goes on with this part of the operation now") from other
        if mark is not None or not time_left():
            break
    return _answer(held, held.counts)


def _dry_run(
    environment: Environment,
    attack: Attack,
    asked: TakeBackRequest,
    source: Source,
    now: datetime,
    time_left: Callable[[], bool],
) -> dict[str, Any]:
    """Of one part, or of one after the other; the cursor says where it goes on."""
    walk = Walk(environment, new_taking_back(attack, source.name, asked.because, now), dry=True)
    try:
        mark = read_mark({"cursor": asked.cursor}) if asked.cursor else first_mark(asked.part or 0)
        if type(mark) is not str or asked.part not in {None, shard_of_mark(mark)}:
            raise malformed(_NO_CURSOR)
        following = walk.run(mark, time_left)
        for shard in range(shard_of_mark(mark) + 1, SHARDS) if asked.part is None else ():
            if following is not None:
                break
            following = first_mark(shard)
            if time_left():
                following = walk.run(following, time_left)
    except ValueError as broken:
        raise malformed(_NO_CURSOR) from broken
    answer = _answer(walk.asked, walk.counts)
    cursor = None if following is None else write_mark(following)
    return {**answer, "operation": None, "parts_left": [], "done": cursor is None, "cursor": cursor}


def _answer(one: TakingBack, counts: Any) -> dict[str, Any]:
    return {
        "source": one.attack.source,
        "operation": one.id,
        "done": not one.marks,
        "parts_left": sorted(one.marks),
        "cursor": None,
        "by": one.by,
        "counts": counts_json(counts),
    }


def _attack(name: str, asked: TakeBackRequest, now: datetime) -> Attack:
    """
    Raises
    ------
    Problem
        400, with what is wrong.
    """
    if len(name) > LONGEST_NAME:
        raise malformed(f"the name of a source has {LONGEST_NAME} characters at most")
    if name in OWN_SOURCES:
        raise malformed("name a public source, as kervan sources lists them: this one is the deployment's own")
    begin, end = _time(asked.begin), _time(asked.end)
    if end < begin:
        raise malformed("to lies before from")
    if end - begin > LONGEST_SPAN:
        raise malformed(f"a span has {LONGEST_SPAN.days} days at most; take a longer one back in parts")
    if end > now - ON_ITS_WAY:
        raise malformed("to is a minute ago or longer: what comes now may still be on its way into the tables")
    if begin < now - KEEP:
        raise malformed(f"withdrawals can be found for {KEEP.days} days")
    return Attack(name, begin, end)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError("no zone")
        return moment(milliseconds(found.astimezone(UTC)))  # as it is stored with the operation
    except (ValueError, OverflowError) as broken:
        raise malformed("from and to are times with a zone, such as 2026-11-30T08:00:00Z") from broken
