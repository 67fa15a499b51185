"""Until when conversations are to be answered: the times are kept with each, and a timer is armed for the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.domain.conversations.conversation import Conversation
from shared.domain.service.answer_times import next_mark, timed
from shared.domain.service.rules import NO_RULES, ServiceRules
from shared.domain.service.satisfaction import ask_at
from shared.stores.timers import Timers

DUE, ASK = "due", "ask"
"""What the timers are for: an answer that is due, and the question how it was. The step names the conversation."""


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """``rules`` gives those of the current release."""

    rules: Callable[[], ServiceRules]
    timers: Timers

    def prepared(self, changed: Iterable[Conversation]) -> tuple[Conversation, ...]:
        """As they are to be written. The timer is armed before: one for a write that fails finds nothing to do."""
        rules = self.rules()
        if not rules.teams:
            return tuple(changed)
        found = []
        for one in changed:
            new = timed(one, rules)
            if new.due_for != one.due_for:
                self.arm(new)
            asked = ask_at(new, rules.team_of(new.team))
            if asked is not None:
                self.timers.arm("support", asked, new.id, ASK, step=new.id)
            found.append(new)
        return tuple(found)

    def arm(self, one: Conversation) -> None:
        """For the warning or the escalation that comes next. Armed again, it is the same timer."""
        at = next_mark(one)
        if at is not None:
            self.timers.arm("support", at, one.id, DUE, step=one.id)


def no_levels(timers: Timers) -> ServiceLevels:
    """For a shop that promises nothing."""
    return ServiceLevels(lambda: NO_RULES, timers)
