"""Which coupons a customer was given: kept beside the reservations, on the root, and joined over the tree.

A code belongs to a unit: one step of one enrollment, whatever channels it takes to deliver it. So every attempt to send
it, on any channel, after any crash, finds the same code again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

KEPT = timedelta(days=9)
"""How long it is remembered after the message has become stale; longer where ``once_per`` asks for it."""


class Given(Struct, frozen=True):
    """``code`` of ``coupon`` was put aside for ``unit`` at ``at``. An empty code: it was taken back, unsent.

    ``mark``: that of its free item, if the code had come back before. Every attempt claims it with this mark.
    """

    unit: str
    coupon: str
    code: str
    at: datetime
    until: datetime
    """When nobody asks for it any more."""
    mark: int | None = None

    def taken_back(self, now: datetime) -> Given:
        return replace(self, code="", at=max(now, self.at), mark=None)


Gifts = Mapping[str, Given]
"""By unit."""


def given_now(
    unit: str,
    coupon: str,
    code: str,
    now: datetime,
    once_per: timedelta | None,
    fresh_until: datetime,
    *,
    mark: int | None = None,
) -> Given:
    """Put aside now, remembered as long as a repetition of the message or ``once_per`` may ask."""
    return Given(unit, coupon, code, now, max(now + (once_per or timedelta()), fresh_until + KEPT), mark)


def joined(held: Iterable[Gifts]) -> dict[str, Given]:
    """What the members of a tree hold, root first: per unit the latest word, the root's own where two are equal."""
    found: dict[str, Given] = {}
    for gifts in held:
        for unit, given in gifts.items():
            if unit not in found or given.at > found[unit].at:
                found[unit] = given
    return found


def kept(gifts: Gifts, now: datetime) -> dict[str, Given]:
    """Without what nobody asks for any more."""
    return {unit: given for unit, given in gifts.items() if given.until > now}


def given_before(gifts: Gifts, unit: str, coupon: str, once_per: timedelta, now: datetime) -> Given | None:
    """The newest that another unit was given of this coupon within ``once_per``, up to now."""
    others = [
        given
        for given in gifts.values()
        if given.code and given.unit != unit and given.coupon == coupon and given.at > now - once_per
    ]
    return max(others, key=lambda given: given.at, default=None)
