"""Whether the quota of SES has room for a message (docs/messages.md#quota-of-ses).

While the day has room for more than SES's rate lets through, this counts nothing. SES is asked by one worker every five
minutes; a question without an answer holds nothing back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from msgspec import Struct

from functions.notify.warm_up_gate import only_counted
from shared.adapters.error_kinds import kind_of
from shared.domain.definitions.shop import SendHours
from shared.domain.messages.evidence import item
from shared.domain.messages.gate_context import GateContext
from shared.domain.messages.message import Deferred, Reason, Skipped
from shared.domain.messages.request import SendRequest
from shared.domain.messages.sending_quota import (
    BELIEVED_FOR,
    SendingQuota,
    commercial_per_hour,
    commercial_room,
    is_believed,
)
from shared.domain.time.local_time import last_hour_permitted, permitted, zone_of
from shared.stores.allowances import Allowances, Waiting, of_hour, of_reading
from shared.stores.sending_quota import SendingQuotas

log = logging.getLogger("kervan.notify")

HOUR = timedelta(hours=1)
LAST_TRY = timedelta(minutes=1)
"""So long before a message is stale it asks once more."""
MOST_HOURS = 14 * 24


class QuotaGate(Struct, frozen=True):
    """``ask`` asks SES, and may raise anything."""

    quotas: SendingQuotas
    ask: Callable[[datetime], SendingQuota]
    allowances: Allowances
    waiting: Waiting

    def admit(self, context: GateContext) -> Deferred | Skipped | None:
        """None if the message may go out; near the end of the day's quota it counts from then on."""
        self._refresh(context.now)
        quota, room = self._room(context.now)
        if quota is None or room is None:
            return None
        period, now = of_reading(quota.at), context.now
        if only_counted(context.request):
            self.allowances.count(period, room, now)
            return None
        if room and self.allowances.spend(period, room, now):
            return None
        return self._later(context, quota)

    def give_back(self, context: GateContext) -> None:
        """A message that was admitted was not called, or not taken."""
        quota, room = self._room(context.now)
        if quota is not None and room is not None:
            self.allowances.give_back(of_reading(quota.at), counted=only_counted(context.request))

    def _room(self, now: datetime) -> tuple[SendingQuota | None, int | None]:
        quota = self.quotas.read()
        if quota is None or not is_believed(quota, now):
            return None, None
        return quota, commercial_room(quota)

    def _refresh(self, now: datetime) -> None:
        """Asks SES if it is time and no other worker does. Whatever goes wrong, sending goes on."""
        try:
            if self.quotas.turn_to_ask(now):
                self.quotas.store(self.ask(now))
        except Exception as error:  # noqa: BLE001  the next turn asks again
            log.warning("the quota of SES is not known: %s", kind_of(error))

    def _later(self, context: GateContext, quota: SendingQuota) -> Deferred | Skipped:
        """An hour for which not enough others wait, at a minute of its own; the last try if there is none."""
        request, now, last = context.request, context.now, _last_try(context)
        if quota.enabled:
            most = commercial_per_hour(quota, _hours_of_a_day(context.shop.send_hours))
            hours = {of_hour(turn): turn for turn in _turns(context, last)}
            found = self.waiting.first(((period, most) for period in hours), now)
            until = last if found is None else hours[found]
        else:
            until = now + BELIEVED_FOR
        why = "sending_disabled" if not quota.enabled else str(quota.per_day)
        told = item("quota", request.channel, quota.at, limit=str(quota.per_day or ""), sent=str(quota.sent))
        if now >= last:
            return Skipped(Reason.QUOTA, why, (told,))
        return Deferred(min(until, last), Reason.QUOTA, why, (told,))


def _turns(context: GateContext, last: datetime) -> Iterator[datetime]:
    """Its minute of each later hour in which it may be sent: who waits for an hour of the night would wait for the
    morning in the end, with everybody else."""
    begin = context.now.replace(minute=0, second=0, microsecond=0) + HOUR
    for ahead in range(MOST_HOURS):
        if begin + ahead * HOUR >= last:
            return
        turn = begin + ahead * HOUR + _place(context.request)
        if permitted(turn, _home(context), context.shop.send_hours):
            yield turn


def _last_try(context: GateContext) -> datetime:
    """A minute before it is stale; if that is at night, a minute of its own in the last hour of the evening before."""
    last, home, hours = context.request.fresh_until - LAST_TRY, _home(context), context.shop.send_hours
    evening = last_hour_permitted(last, home, hours)
    turn = evening + _place(context.request)
    return turn if evening != last and permitted(turn, home, hours) else evening


def _hours_of_a_day(hours: SendHours) -> int:
    seconds = [(one.hour * 60 + one.minute) * 60 + one.second for one in (hours.start, hours.end)]
    return max(1, round((seconds[1] - seconds[0]) / 3600))


def _home(context: GateContext) -> ZoneInfo:
    return zone_of(context.profile, context.shop, context.now)


def _place(request: SendRequest) -> timedelta:
    """When in its hour a message asks: by its id, so that all are spread over it."""
    return timedelta(seconds=crc32(request.message_id.encode()) % 3600)
