"""A few minutes of delay for each customer, so that not everybody flips at the same local midnight
(docs/segments.md)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

SPREAD_SECONDS = 1_800


def offset_of(customer: str) -> timedelta:
    """How much later this customer's local days begin: whole seconds below half an hour, always the same.

    >>> offset_of("u.1") == offset_of("u.1"), offset_of("u.1") < timedelta(minutes=30)
    (True, True)
    """
    digest = hashlib.blake2b(customer.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return timedelta(seconds=int.from_bytes(digest, "big") % SPREAD_SECONDS)
