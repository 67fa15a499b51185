"""How long a message waits for an order that only a public source reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.facts.provisional import MAX_UNCONFIRMED
from shared.domain.profile.profile import Order

CONFIRMED_WITHIN = timedelta(hours=1)
"""How long a message waits for a reported order to be confirmed."""


def awaited_order(
    reported: Sequence[Order], provisional: int, earliest: datetime, now: datetime
) -> tuple[datetime, Order] | None:
    """Until when the message waits, and for which order; None if it waits for none any more.

    It waits an hour from the order, and at most an hour from when the message could go out at the earliest. Of the
    orders after that hour (the message was held back by something else) only the first one is waited for. So nobody can
    keep a customer from his messages by reporting again and again.

    Parameters
    ----------
    reported
        The orders that would end the journey if they counted, by time.
    provisional
        How many orders were reported in all. Beyond MAX_UNCONFIRMED later reports displace earlier ones, so the first
        one after the hour may be another one each time: it is not waited for.
    earliest
        When the message could go out at the earliest.
    """
    waits = [(min(order.at, earliest) + CONFIRMED_WITHIN, order) for order in reported]
    if provisional <= MAX_UNCONFIRMED:
        late = [order for order in reported if earliest + CONFIRMED_WITHIN <= order.at <= now]
        waits += [(order.at + CONFIRMED_WITHIN, order) for order in late[:1]]
    longest = max(waits, key=lambda wait: wait[0], default=None)
    return None if longest is None or now >= longest[0] else longest
