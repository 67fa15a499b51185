"""Whether a day of a new sender has room for a message (docs/messages.md#warm-up)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.domain.messages.evidence import item
from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.message import Deferred, Reason, Skipped
from shared.domain.messages.request import SendRequest
from shared.domain.messages.warm_up import daily_limit, day_of, head_start, next_day
from shared.domain.time.local_time import next_permitted, zone_of
from shared.stores.allowances import Allowances


@dataclass(frozen=True, slots=True)
class WarmUpGate:
    """Asked last, because a message that comes to nothing takes no place. Without a limit it costs nothing."""

    allowances: Allowances

    def admit(self, context: GateContext) -> Deferred | Skipped | None:
        """None if the message may go out; it counts from then on."""
        limit = _limit(context)
        if limit is None:
            return None
        request, now, day = context.request, context.now, _day(context)
        if _only_counted(request):
            self.allowances.count(day, limit, now)
            return None
        if request.campaign is not None:
            turn = request.due + head_start(context.profile, now)
            if now < turn < request.fresh_until and day_of(turn, _zone(context)) == day and _permitted(context, turn):
                return self._wait(context, turn, limit)
        if self.allowances.take(day, limit, now):
            return None
        morning = next_permitted(next_day(now, _zone(context)), _home(context), context.shop.send_hours)
        return self._wait(context, morning, limit)

    def give_back(self, context: GateContext) -> None:
        """A message that was admitted was not called, or not taken."""
        if _limit(context) is not None:
            self.allowances.give_back(_day(context), counted=_only_counted(context.request))

    @staticmethod
    def _wait(context: GateContext, until: datetime, limit: int) -> Deferred | Skipped:
        found = item("warm_up", context.request.channel, until, limit=str(limit))
        if until >= context.request.fresh_until:
            return Skipped(Reason.WARM_UP, str(limit), (found,))
        return Deferred(until, Reason.WARM_UP, str(limit), (found,))


def _only_counted(request: SendRequest) -> bool:
    """Nothing holds these back."""
    return not request.commercial or request.test


def _permitted(context: GateContext, turn: datetime) -> bool:
    """Whether the turn of an evening lies in the send hours: else the message would be stale before it comes."""
    return next_permitted(turn, _home(context), context.shop.send_hours) == turn


def _home(context: GateContext) -> ZoneInfo:
    return zone_of(context.profile, context.shop, context.now)


def _zone(context: GateContext) -> ZoneInfo:
    return ZoneInfo(context.shop.time_zone)


def _day(context: GateContext) -> date:
    return day_of(context.now, _zone(context))


def _limit(context: GateContext) -> int | None:
    return daily_limit(context.shop.warm_up.get(context.request.channel), _day(context))
