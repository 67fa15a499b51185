"""Gateways in the catalog, and whose message an operator's id is.

Items: ``sender#<name>``, ``sender`` with the definition as JSON (table ``catalog``, written when definitions are
published); ``provider#<sender>#<digest>``, ``provider`` with the id of the message, and
``reaction#<message>``, ``report#<what>`` with the time at which that was first told (table ``messages``, for ten days).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.domain.identity.keys import milliseconds, moment
from shared.ports import Conflict, Table

if TYPE_CHECKING:
    from shared.domain.senders.gateway import Gateway

SENDER = "sender"
BELIEVED_SECONDS = 60.0
REACTION = "reaction#"
PROVIDER = "provider"
PROVIDER_IDS_KEPT = timedelta(days=10)
"""Operators report for three days at most."""


class Senders:
    """The published gateways; each is read once a minute at most. Methods may raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._elapsed = elapsed
        self._kept: dict[str, tuple[float, Gateway | None]] = {}

    def gateway(self, name: str) -> Gateway | None:
        """The gateway of this name, if it is published."""
        now = self._elapsed()
        kept = self._kept.get(name)
        if kept is None or now >= kept[0]:
            if len(self._kept) > 100:
                self._kept.clear()  # names that somebody guesses must not fill the memory
            kept = self._kept[name] = (now + BELIEVED_SECONDS, self._read(name))
        return kept[1]

    def _read(self, name: str) -> Gateway | None:
        from shared.domain.senders.gateway import Gateway

        item = self._table.get(f"{SENDER}#{name}", SENDER)
        return None if item is None else Gateway.model_validate_json(item["definition"])


def put_sender(catalog: Table, gateway: Gateway) -> bool:
    """Publish a gateway; False if it is published already as it is."""
    name = f"{SENDER}#{gateway.sender}"
    definition = gateway.model_dump_json(by_alias=True, exclude_none=True)
    found = catalog.get(name, SENDER)
    if found is not None and found["definition"] == definition:
        return False
    catalog.put({"pk": name, "sk": SENDER, "definition": definition})
    return True


class ProviderIds:
    """Which message an operator's id is of. Nothing of the recipient is kept."""

    def __init__(self, messages: Table) -> None:
        self._table = messages

    def note(self, sender: str, provider_id: str, message_id: str, now: datetime) -> None:
        """Remember for ten days whose message an operator's id is."""
        expires = int((now + PROVIDER_IDS_KEPT).timestamp())
        key = _provider_key(sender, provider_id)
        self._table.put({"pk": key, "sk": PROVIDER, "message": message_id, "expires": expires})

    def first_told(self, message_id: str, what: str, now: datetime) -> datetime:
        """When this was first told of the message: operators repeat reports, and the time names the event."""
        mark = {"pk": f"{REACTION}{message_id}", "sk": f"report#{what}"}
        expires = int((now + PROVIDER_IDS_KEPT).timestamp())
        try:
            self._table.put({**mark, "first_ms": milliseconds(now), "expires": expires}, expect={"pk": None})
        except Conflict:
            first = self._table.get(mark["pk"], mark["sk"])
            return now if first is None else moment(int(first["first_ms"]))
        return moment(milliseconds(now))

    def message_id(self, sender: str, provider_id: str) -> str | None:
        """The message of an operator's id, if it is known."""
        item = self._table.get(_provider_key(sender, provider_id), PROVIDER)
        return None if item is None else str(item["message"])


def _provider_key(sender: str, provider_id: str) -> str:
    digest = hashlib.blake2b(provider_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{PROVIDER}#{sender}#{digest}"
