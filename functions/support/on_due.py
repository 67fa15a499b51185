"""The Lambda function of every minute: it wakes what was snoozed, and does again what a crash may have left."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from functions.support.environment import Environment, environment
from functions.support.mend_pool import PoolSweep
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.adapters.handler_errors import SafeError, without_values
from shared.domain.conversations.conversation import woken
from shared.domain.conversations.files import place_of
from shared.domain.conversations.jobs import Outcome
from shared.domain.conversations.sent_files import MOST_FILES
from shared.domain.service.answer_times import marked, next_mark
from shared.operators.agent_actions import ANSWER, FOLLOW, SNOOZE, UnknownConversation
from shared.operators.answer_requests import FRESH
from shared.operators.service_levels import ASK, DUE
from shared.ports.invocation import Invocation
from shared.stores.timers import Timer

log = logging.getLogger("kervan.support")
log.setLevel(logging.INFO)

ASKED_AGAIN = timedelta(minutes=15)
"""How often an answer is handed over again of which nothing was heard; the ledger sends it once."""


LEAST_MS = 15_000
"""With less left no further conversation is looked at."""


class WorkLeft(SafeError):
    """Some timers failed and stay for the next tick. The alarm on errors counts this."""


@without_values
def handler(_event: Any, context: Invocation) -> dict[str, int]:
    """Reads what is due, never all; what is left waits for the next minute."""
    return respond(context, environment())


def respond(context: Invocation, composed: Environment) -> dict[str, int]:
    """Raises WorkLeft after everything else was done."""
    now = composed.clock.now()
    found, failed = composed.timers.fire_each("support", now, context, lambda timer: _fire(timer, composed, now))
    looked = PoolSweep(composed.conversations, composed.agents).run(lambda: _time_left(context))
    done = {word: found[word] for word in ("woken", "told", "handed", "due", "asked", "nothing")}
    done["looked"] = looked
    if any(done.values()):
        log.info("conversations %s", done)
        count(done, function="support-on-due")
    if failed:
        raise WorkLeft(", ".join(sorted({kind_of(broken) for broken in failed})))
    return done


def _time_left(context: Invocation) -> bool:
    return context.get_remaining_time_in_millis() > LEAST_MS


def _fire(timer: Timer, composed: Environment, now: datetime) -> str:
    """Does what the timer says; repeated, it changes nothing."""
    try:
        if timer.ref == ANSWER:
            return _answer(timer.step, composed, now)
        if timer.ref == SNOOZE:
            before = composed.conversations.get(timer.step)
            if before is None or woken(before, now) is None:
                return "nothing"
            composed.agents.change(timer.step, lambda one: woken(one, now) or one, now)
            return "woken"
        if timer.ref == ASK:
            return "asked" if composed.satisfaction.ask(timer.step, now) else "nothing"
        if timer.ref == DUE:
            return _due(timer.step, composed, now)
        if timer.ref == FOLLOW:
            composed.agents.follow_up(timer.step)
            return "told"
    except UnknownConversation:  # erased meanwhile
        return "nothing"
    return "nothing"


def _due(id_: str, composed: Environment, now: datetime) -> str:
    """The team is warned, or the answer is late. A timer of a wait that is over finds nothing to do."""
    levels = composed.agents.levels
    rules = levels.rules()
    before = composed.conversations.get(id_)
    if before is None or marked(before, rules, now) == before:
        after = before
    else:
        group = composed.agents.change(id_, lambda one: marked(one, rules, now), now, whole=False)
        after = next((one for one in group if one.id == id_), None)
    if after is not None and (next_mark(after) or now) > now:
        levels.arm(after)
    queued = after is not None and composed.tell_due.tell(after, now)
    told = after is not None and composed.warnings.tell(after, now)
    return "due" if told or queued or after is not before else "nothing"


def _answer(id_: str, composed: Environment, now: datetime) -> str:
    """An answer of which nothing was heard is handed over again, and given back to its agent after a day. What the
    customer's log hears of an answer is told again too: who wrote it may have died before."""
    message = composed.conversations.message(id_)
    if message is None:  # who wrote it died before, or it was refused, or erased: its files are nobody's
        composed.files().delete([place_of(id_, number) for number in range(1, MOST_FILES + 1)])
        return "nothing"
    composed.agents.follow_up(message.conversation, since=message.at)
    if message.delivery != "pending":
        return "nothing"
    if now - message.at > FRESH + ASKED_AGAIN:
        composed.outcomes.note(Outcome(id_, "failed", "stale"), now)
        return "told"
    composed.hand_over(message)
    composed.timers.arm("support", now + ASKED_AGAIN, id_, ANSWER, step=id_)
    return "handed"
