"""``POST /v1/sources/{name}/take-back``: what is asked, and how far it is."""

from __future__ import annotations

from collections import Counter
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
from shared.stores.withdrawal_pointers import KEEP

LONGEST_NAME = 200
"""It is part of a key, which has a limit."""
ON_ITS_WAY = timedelta(minutes=1)
"""After so long nothing of a span is still being stored."""


def take_back(
    environment: Environment, name: str, asked: TakeBackRequest, source: Source, time_left: Callable[[], bool]
) -> dict[str, Any]:
    """A dry run counts a part of it. Else the first request begins an operation, and each one with its id does a part.

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
    if held.mark is None:
        return _answer(held, held.counts)
    walk = Walk(environment, held, dry=False)
    mark = walk.run(time_left)
    counts = dict(Counter(held.counts) + walk.counts)
    try:
        return _answer(operations.put(_at(held, mark, counts)), counts)
    except Conflict as other:
        raise Problem(409, "in_progress", "another request goes on with this operation now") from other


def _dry_run(
    environment: Environment,
    attack: Attack,
    asked: TakeBackRequest,
    source: Source,
    now: datetime,
    time_left: Callable[[], bool],
) -> dict[str, Any]:
    mark = read_mark({"cursor": asked.cursor}) if asked.cursor else ""
    if type(mark) is not str:
        raise malformed("the cursor is not one of a dry run; start again without it")
    walk = Walk(environment, _at(new_taking_back(attack, source.name, asked.because, now), mark, {}), dry=True)
    try:
        following = walk.run(time_left)
    except ValueError as broken:
        raise malformed("the cursor is not one of a dry run; start again without it") from broken
    return _answer(_at(walk.asked, following, {}), walk.counts) | {"operation": None}


def _at(one: TakingBack, mark: str | None, counts: dict[str, int]) -> TakingBack:
    return TakingBack(one.id, one.at, one.by, one.attack, one.because, mark, counts, one.version)


def _answer(one: TakingBack, counts: Any) -> dict[str, Any]:
    return {
        "source": one.attack.source,
        "operation": one.id,
        "done": one.mark is None,
        "cursor": write_mark(one.mark) if one.mark else None,
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
