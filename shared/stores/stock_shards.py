"""The partitions of the index ``levels``, which lists all levels of the table ``stock``."""

from __future__ import annotations

SHARDS = 16


def level_shard(number: int) -> str:
    """A partition; the order in it is that of a digest."""
    return f"levels#{number}"
