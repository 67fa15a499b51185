"""Which event names are remembered, and how many of their newest occurrences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.definitions.stored_models import read_stored
from shared.domain.definitions.value_test import ValueTest
from shared.domain.facts.fold import Features, Filtered

_LAST = 1

COMMON: Mapping[str, int] = {
    "Products Searched": _LAST,
    "Product List Viewed": _LAST,
    "Product Viewed": _LAST,
    "Product Added": _LAST,
    "Product Removed": _LAST,
    "Cart Viewed": _LAST,
    "Checkout Started": _LAST,
    "Order Completed": _LAST,
    "Order Cancelled": _LAST,
    "Order Refunded": _LAST,
    "Order Shipped": _LAST,
    "Order Delivered": _LAST,
    "Return Opened": _LAST,
    "Product Reviewed": _LAST,
    "Email Sent": _LAST,
    "Email Delivered": _LAST,
    "Email Opened": _LAST,
    "Email Opened by machine": _LAST,
    "Email Link Clicked": _LAST,
    "Email Link Clicked by machine": _LAST,
    "Email Bounced": _LAST,
    "Email Marked as Spam": _LAST,
    "Unsubscribed": _LAST,
    "SMS Sent": _LAST,
    "SMS Delivered": _LAST,
    "SMS Link Clicked": _LAST,
    "Push Sent": _LAST,
    "Push Notification Received": _LAST,
    "Push Notification Tapped": _LAST,
    "Push Link Clicked": _LAST,
    "Push Link Clicked by machine": _LAST,
    "SMS Link Clicked by machine": _LAST,
    "Push Notification Bounced": _LAST,
}
"""Remembered for everybody: what journeys react to and people ask for. Part of every release's features."""

AHEAD = 8
"""Occurrences kept beyond those that decide a definition, because what is dated ahead of now takes places among the
newest and does not count yet.

"At least 2 within 7d" is decided by the newest three, as long as all are past. A till whose clock is a day ahead
reports three, while two happened this morning: the newest three are all tomorrow's, and the two that make it true are
forgotten. With eight more places it is exact as long as no more than eight of one name lie ahead (at most 24 hours:
what is dated later is refused).
"""

ORDER_TIMES = frozenset({"Order Completed", "Order Shipped", "Order Delivered", "Order Cancelled"})
"""Events whose times the order itself keeps: whoever waits for them with the same ``ORDER_ID`` needs nothing more."""
ORDER_ID = "order_id"


def features(
    needed: Mapping[str, int] | None = None,
    filtered: Mapping[str, Iterable[Filtered]] | None = None,
    keyed: Mapping[str, Iterable[str]] | None = None,
) -> Features:
    """The common names, and what definitions need beyond them; in an order that does not depend on theirs."""
    keep = dict(COMMON)
    for name, count in (needed or {}).items():
        keep[name] = max(keep.get(name, 0), count)
    return Features(
        keep,
        {name: tuple(sorted(asked, key=lambda one: one.key)) for name, asked in sorted((filtered or {}).items())},
        {name: tuple(sorted(set(paths))) for name, paths in sorted((keyed or {}).items())},
    )


def union(*parts: Features) -> Features:
    """Whatever any of them keeps, as many as whoever keeps the most."""
    keep: dict[str, int] = {}
    filtered: dict[str, dict[str, Filtered]] = {}
    keyed: dict[str, set[str]] = {}
    for part in parts:
        for name, count in part.keep.items():
            keep[name] = max(keep.get(name, 0), count)
        for name, asked in part.filtered.items():
            known = filtered.setdefault(name, {})
            for one in asked:
                known[one.key] = max(one, known.get(one.key, one), key=lambda found: found.keep)
        for name, paths in part.keyed.items():
            keyed.setdefault(name, set()).update(paths)
    return features(keep, {name: asked.values() for name, asked in filtered.items()}, keyed)


def write_features(asked: Features) -> dict[str, Any]:
    """As JSON, tests whole."""
    return {
        "keep": dict(sorted(asked.keep.items())),
        "filtered": {
            name: [
                {
                    "key": one.key,
                    "keep": one.keep,
                    "where": {
                        path: test.model_dump(mode="json", by_alias=True, exclude_unset=True)
                        for path, test in sorted(one.where.items())
                    },
                }
                for one in found
            ]
            for name, found in asked.filtered.items()
        },
        "keyed": {name: list(paths) for name, paths in asked.keyed.items()},
    }


def read_features(said: Mapping[str, Any]) -> Features:
    """The inverse."""
    return Features(
        said["keep"],
        {
            name: tuple(
                Filtered(
                    one["key"],
                    {path: read_stored(ValueTest, test) for path, test in one["where"].items()},
                    one["keep"],
                )
                for one in found
            )
            for name, found in said["filtered"].items()
        },
        {name: tuple(paths) for name, paths in said["keyed"].items()},
    )
