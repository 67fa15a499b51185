"""Whether a day of a new sender has room for a message (docs/messages.md#warm-up)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.domain.definitions.warm_up import WarmUp
from shared.domain.messages.evidence import item
from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.message import Deferred, Reason, Skipped
from shared.domain.messages.request import SendRequest
from shared.domain.messages.warm_up import begin_of, daily_limit, day_of, head_start, most_waiting
from shared.domain.time.local_time import next_permitted, zone_of
from shared.stores.allowances import Allowances, Waiting, of_day


class WarmUpGate(Struct, frozen=True):
    """Asked last, because a message that comes to nothing takes no place. Without a limit it costs nothing."""

    allowances: Allowances
    waiting: Waiting

    def admit(self, context: GateContext) -> Deferred | Skipped | None:
        """None if the message may go out; it counts from then on."""
        limit = _limit(context)
        if limit is None:
            return None
        request, now, day = context.request, context.now, _day(context)
        if only_counted(request):
            self.allowances.count(of_day(day), limit, now)
            return None
        if request.campaign is not None:
            turn = request.due + head_start(context.profile, now)
            if now < turn < request.fresh_until and day_of(turn, _zone(context)) == day and _permitted(context, turn):
                return _wait(context, turn, limit)
        if self.allowances.spend(of_day(day), limit, now):
            return None
        return self._later_day(context, limit)

    def give_back(self, context: GateContext) -> None:
        """A message that was admitted was not called, or not taken."""
        if _limit(context) is not None:
            self.allowances.give_back(of_day(_day(context)), counted=only_counted(context.request))

    def _later_day(self, context: GateContext, limit: int) -> Deferred | Skipped:
        """The morning of the first day for which not enough others wait. If it is not fresh by then it asks once more,
        on its last morning: others may have come to nothing."""
        mornings = dict(_mornings(context))
        warm_up = _warm_up(context)
        days = ((of_day(day), most_waiting(warm_up, day)) for day in mornings)
        found = self.waiting.first(days, context.now)
        by_period = {of_day(day): morning for day, morning in mornings.items()}
        if found is not None:
            return _wait(context, by_period[found], limit)
        last = max(mornings.values(), default=context.request.fresh_until)
        return _wait(context, last, limit)


def only_counted(request: SendRequest) -> bool:
    """Nothing holds these back."""
    return not request.commercial or request.test


def _mornings(context: GateContext) -> Iterator[tuple[date, datetime]]:
    """The later days on which the message is fresh, with the first instant at which it may be sent."""
    day = _day(context)
    while True:
        day += timedelta(days=1)
        morning = next_permitted(begin_of(day, _zone(context)), _home(context), context.shop.send_hours)
        if morning >= context.request.fresh_until:
            return
        yield day, morning
        if daily_limit(_warm_up(context), day) is None:
            return


def _wait(context: GateContext, until: datetime, limit: int) -> Deferred | Skipped:
    found = item("warm_up", context.request.channel, until, limit=str(limit))
    if until >= context.request.fresh_until:
        return Skipped(Reason.WARM_UP, str(limit), (found,))
    return Deferred(until, Reason.WARM_UP, str(limit), (found,))


def _permitted(context: GateContext, turn: datetime) -> bool:
    """Whether the turn of an evening lies in the send hours: else the message would be stale before it comes."""
    return next_permitted(turn, _home(context), context.shop.send_hours) == turn


def _home(context: GateContext) -> ZoneInfo:
    return zone_of(context.profile, context.shop, context.now)


def _zone(context: GateContext) -> ZoneInfo:
    return ZoneInfo(context.shop.time_zone)


def _day(context: GateContext) -> date:
    return day_of(context.now, _zone(context))


def _warm_up(context: GateContext) -> WarmUp | None:
    return context.shop.warm_up.get(context.request.own_channel)


def _limit(context: GateContext) -> int | None:
    return daily_limit(_warm_up(context), _day(context))
