"""The local stack's keys: made once, kept in `.kervan`, registered as digests in the catalog."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cli import paths
from cli.catalog import local_catalog
from shared.domain.events.event import Source
from shared.stores.sources import Kind, add_source, new_key

SOURCES: dict[str, tuple[Source, Kind]] = {
    "web": (Source("web", "web", trusted=False), "write"),
    "mobile": (Source("mobile", "mobile", trusted=False), "write"),
    "store": (Source("store", "store", trusted=True), "write"),
    "server": (Source("server", "server", trusted=True), "write"),
    "admin": (Source("admin", "admin", trusted=True), "admin"),
}
"""web and mobile are public: their keys can be read by everybody who opens the shop (docs/api.md)."""


def ensure(base: str) -> dict[str, Any]:
    """``write_keys`` and ``admin_key`` of `.kervan/local.json`; every key works when it returns."""
    keys = paths.read(paths.STATE).get("keys") or {}
    missing = [name for name in SOURCES if name not in keys]
    if missing:
        keys |= {name: new_key() for name in missing}
        paths.remember(keys=keys)
    table = local_catalog(base).table
    for name, (source, kind) in SOURCES.items():
        add_source(table, keys[name], source, kind=kind, created_at=datetime.now(UTC))
    return {
        "write_keys": {name: keys[name] for name, (_source, kind) in SOURCES.items() if kind == "write"},
        "admin_key": keys["admin"],
    }
