"""What no transaction may hold, in the fake and in DynamoDB's adapter alike."""

from __future__ import annotations

from collections.abc import Sequence

from shared.ports import MOST_IN_TRANSACTION, Write


def check_transaction(writes: Sequence[Write]) -> None:
    """Raises ValueError for too few or too many items, or two of one key."""
    if not 1 <= len(writes) <= MOST_IN_TRANSACTION:
        raise ValueError(f"a transaction has 1 to {MOST_IN_TRANSACTION} items")
    if len({(write.item["pk"], write.item["sk"]) for write in writes}) != len(writes):
        raise ValueError("a transaction must not write one key twice")
