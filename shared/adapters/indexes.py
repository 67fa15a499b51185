"""The indexes of the tables: their key attributes, as the CDK app creates them."""

from __future__ import annotations

KEYS: dict[str, tuple[str, str]] = {
    "live": ("live_shard", "pk"),
    "members": ("seg", "since"),
    "by_home": ("home", "at"),
    "levels": ("level_shard", "level_mark"),
    "named": ("name_shard", "name_key"),
    "pool": ("pool", "pool_at"),
    "desk": ("desk", "pool_at"),
    "due": ("due", "due_at"),
    "waiting": ("waits", "waits_by"),
    "listed": ("listed", "listed_by"),
}
"""Index name to its partition and sort attribute. An item without both is not in the index (sparse)."""

INDEXES: dict[str, tuple[str, ...]] = {
    "customers": ("live", "members"), "timers": (), "messages": ("by_home",), "catalog": (), "metrics": (),
    "stock": ("levels",),
    "products": ("named",),
    "conversations": ("pool", "desk", "due"),
    "interests": (),
    "iys": ("waiting",),
    "audiences": ("listed",),
}  # fmt: skip
"""The indexes of each table."""

PROJECTED: dict[str, tuple[str, ...]] = {
    "live": (), "members": ("customer",), "by_home": (), "levels": (), "named": (),
    "pool": ("version", "data"),  # a page of the pool needs no further read
    "desk": ("version", "data"),
    "due": ("version", "data"),
    "waiting": (),
    "listed": (),
}  # fmt: skip
"""What an index holds beside its own and the table's keys."""
