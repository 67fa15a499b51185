"""Whether the quota of SES has room for a message (docs/messages.md#quota-of-ses).

While the day has room for more than SES's rate lets through, this counts nothing. SES is asked by one worker every five
minutes; a question without an answer holds nothing back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from functions.notify.warm_up_gate import only_counted
from shared.adapters.error_kinds import kind_of
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
from shared.stores.allowances import Allowances, Waiting, of_hour, of_reading
from shared.stores.sending_quota import SendingQuotas

log = logging.getLogger("kervan.notify")

HOUR = timedelta(hours=1)
LAST_TRY = timedelta(minutes=1)
"""So long before a message is stale it asks once more."""
MOST_HOURS = 14 * 24


@dataclass(frozen=True, slots=True)
class QuotaGate:
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
        return self._later(context.request, quota, now)

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

    def _later(self, request: SendRequest, quota: SendingQuota, now: datetime) -> Deferred | Skipped:
        """An hour for which not enough others wait, at a minute of its own; the last try if there is none."""
        last = request.fresh_until - LAST_TRY
        if quota.enabled:
            most = commercial_per_hour(quota)
            hours = {of_hour(begin): begin for begin in _hours(now, last)}
            found = self.waiting.first(((period, most) for period in hours), now)
            until = last if found is None else hours[found] + _place(request)
        else:
            until = now + BELIEVED_FOR
        why = "sending_disabled" if not quota.enabled else str(quota.per_day)
        told = item("quota", request.channel, quota.at, limit=str(quota.per_day or ""), sent=str(quota.sent))
        if now >= last:
            return Skipped(Reason.QUOTA, why, (told,))
        return Deferred(min(until, last), Reason.QUOTA, why, (told,))


def _hours(now: datetime, last: datetime) -> Iterator[datetime]:
    begin = now.replace(minute=0, second=0, microsecond=0) + HOUR
    for ahead in range(MOST_HOURS):
        if begin + ahead * HOUR >= last:
            return
        yield begin + ahead * HOUR


def _place(request: SendRequest) -> timedelta:
    """When in its hour a message asks: by its id, so that all are spread over it."""
    return timedelta(seconds=crc32(request.message_id.encode()) % 3600)
