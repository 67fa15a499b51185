"""Notes with an answer what became of it; one that did not go out returns to the agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from shared.domain.conversations.conversation import answer_failed
from shared.domain.conversations.jobs import Outcome
from shared.operators.agent_actions import TRIES, Busy
from shared.operators.service_levels import ServiceLevels
from shared.ports import Conflict
from shared.stores.conversations import Conversations


@dataclass(frozen=True, slots=True)
class Outcomes:
    conversations: Conversations
    pause: Callable[[int], None]
    levels: ServiceLevels

    def note(self, outcome: Outcome, now: datetime) -> bool:
        """Keep what became of an answer. False if nothing is waiting for it: it was told before, or was erased.

        Told again after a crash, it does the rest: the conversation is written first.

        Raises
        ------
        Busy
            If others wrote the conversation each time.
        """
        message = self.conversations.message(outcome.message)
        if message is None or message.direction != "out" or message.delivery == outcome.became:
            return False
        # WhatsApp takes an answer, and tells later that it could not deliver it: then it has the id of what was sent.
        reported = (
            message.delivery == "sent"
            and outcome.became == "failed"
            and len(outcome.reference) > 0
            and (outcome.reference == message.reference)
        )
        if message.delivery not in ("pending", "unknown") and not reported:
            return False
        if outcome.became != "sent" and not message.automatic:  # nobody is to write again what a machine said
            self._return(message.conversation, now)
        reference = outcome.reference or message.reference
        after = replace(message, delivery=outcome.became, reason=outcome.reason, reference=reference)
        try:
            self.conversations.put_message(message, after)
        except Conflict as other:
            raise Busy from other
        return True

    def _return(self, id_: str, now: datetime) -> None:
        """The conversation, and the first that it is shown with, ask for an agent again."""
        for attempt in range(TRIES):
            target = self.conversations.get(id_)
            if target is None:
                return
            lead = self.conversations.get(target.shown_with) if target.shown_with else None
            asked = [one for one in (target, lead) if one is not None and not one.failed]
            if not asked:
                return
            try:
                self.conversations.put(self.levels.prepared(answer_failed(one, now) for one in asked))
            except Conflict:
                self.pause(attempt)
                continue
            return
        raise Busy
