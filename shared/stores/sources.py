"""The registry of sources: who may write, and what the word of each is worth. Keys are kept as digests only."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.domain.events.event import PUBLIC_MAY_CLAIM, Source
from shared.domain.events.quota import PAUSED, UNLIMITED, Quota, read_quota
from shared.domain.identity.identifiers import IdentifierType
from shared.domain.identity.keys import milliseconds
from shared.ports import Conflict, Table

SK = "source"
KEEP_SECONDS = 60.0
KEEP_MISS_SECONDS = 10.0
KEEP_AT_MOST = 1_000
KEY_LENGTH = 256

Kind = Literal["write", "admin"]


@dataclass(frozen=True, slots=True)
class Registered:
    """What a key opens: writing events as ``source``, or (``admin``) reading customers."""

    source: Source
    kind: Kind
    quota: Quota = UNLIMITED


class Sources:
    """Looks keys up and remembers the answer for a minute per environment, a miss for ten seconds.

    So a key that is taken back stops working within a minute, and a flood of guessed keys costs the table little.
    """

    def __init__(self, table: Table, elapsed: Callable[[], float]) -> None:
        self._table = table
        self._elapsed = elapsed
        self._known: OrderedDict[str, tuple[float, Registered | None]] = OrderedDict()

    def find(self, key: str) -> Registered | None:
        """Who holds this key; None if nobody does any more. May raise Throttled."""
        if not key or len(key) > KEY_LENGTH:
            return None
        name = key_digest(key)
        now = self._elapsed()
        kept = self._known.get(name)
        if kept is not None and now < kept[0]:
            return kept[1]
        item = self._table.get(_pk(name), SK)
        found = None if item is None or item.get("disabled") else read_source(item)
        self._known[name] = (now + (KEEP_MISS_SECONDS if found is None else KEEP_SECONDS), found)
        self._known.move_to_end(name)
        if len(self._known) > KEEP_AT_MOST:
            self._known.popitem(last=False)
        return found

    def disable(self, key: str) -> bool:
        """Take a key back; False if it is unknown. What it wrote stays."""
        item = self._table.get(_pk(key_digest(key)), SK)
        if item is None:
            return False
        self._table.put(item | {"disabled": True}, expect={"created_at": item["created_at"]})
        return True


def new_key() -> str:
    """A key that cannot be guessed (192 bits), safe in headers and URLs. It is shown once; we keep its digest."""
    return secrets.token_urlsafe(24)


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def add_source(table: Table, key: str, source: Source, *, kind: Kind = "write", created_at: datetime) -> None:
    """Register a source under its key, or change what it may do."""
    item = write_source(key, source, kind, created_at)
    try:
        table.put(item, expect={"pk": None})
    except Conflict:
        found = table.get(item["pk"], SK)
        table.put(item | {"created_at": found["created_at"]} if found else item)


def set_quota(table: Table, item: Mapping[str, Any], quota: Quota | None) -> None:
    """Give a stored source a quota of its own; None: that of its trust. It holds within a minute.

    Raises
    ------
    Conflict
        If somebody else changed the source meanwhile.
    """
    rest = {name: value for name, value in item.get("settings", {}).items() if name != "quota"}
    changed = rest if quota is None else rest | {"quota": quota.as_json()}
    table.put({**item, "settings": changed}, expect={"settings": item.get("settings")})


def set_paused(table: Table, item: Mapping[str, Any], *, paused: bool) -> None:
    """Stop taking events of a stored source, or take them again, with the quota that it had. It holds within a minute.

    Raises
    ------
    Conflict
        If somebody else changed the source meanwhile.
    """
    rest = {name: value for name, value in item.get("settings", {}).items() if name != "paused"}
    changed = rest | {"paused": True} if paused else rest
    table.put({**item, "settings": changed}, expect={"settings": item.get("settings")})


def write_source(key: str, source: Source, kind: Kind, created_at: datetime) -> dict[str, Any]:
    return {
        "pk": _pk(key_digest(key)),
        "sk": SK,
        "name": source.name,
        "channel": source.channel,
        "trust": "server" if source.trusted else "public",
        "settings": {
            "may_claim": sorted(kind.value for kind in source.may_claim),
            "may_grant_consent": source.may_grant_consent,
        },
        "kind": kind,
        "created_at": milliseconds(created_at),
        "disabled": False,
    }


def read_source(item: Mapping[str, Any]) -> Registered:
    settings = item.get("settings", {})
    claims = settings.get("may_claim")
    return Registered(
        Source(
            name=item["name"],
            channel=item["channel"],
            trusted=item["trust"] == "server",
            may_claim=PUBLIC_MAY_CLAIM if claims is None else frozenset(IdentifierType(name) for name in claims),
            may_grant_consent=bool(settings.get("may_grant_consent", False)),
        ),
        item["kind"],
        PAUSED if settings.get("paused") else read_quota(settings.get("quota"), trusted=item["trust"] == "server"),
    )


def _pk(digest: str) -> str:
    return f"source#{digest}"
