"""What the ledger holds of a person: messages, the marks of their opens and clicks, what he chose by their links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from functions.privacy.pages import pages
from shared.domain.identity import keys
from shared.ports import Table
from shared.stores.ledger import REACTION, SK, Ledger

MESSAGES = 100


class MessageErasure:
    def __init__(self, messages: Table, customers: Table) -> None:
        self._messages = messages
        self._customers = customers
        self._ledger = Ledger(messages)

    def addresses(self, home: str) -> set[str]:
        """The digests of the addresses that messages to this identifier went to."""
        return {item.get("address_key", "") for items in self._records(home) for item in items}

    def erase(self, home: str, before: int | None) -> int:
        """Deletes the messages to an identifier that were decided ``before`` (milliseconds; None: all). Returns how
        many they were."""
        erased = 0
        for items in self._records(home):
            chosen = [item for item in items if before is None or int(item["decided_ms"]) < before]
            found = [item["pk"] for item in chosen]
            # What he chose by a link of the message is kept under the address as well, which only the record names.
            addressed = [item for item in chosen if item.get("address_key")]
            places = {(item["address_key"], keys.PREFERENCE + item["pk"]) for item in addressed}
            if places:
                self._customers.delete_many(sorted(places))
            marks = [
                (REACTION + name, row["sk"])
                for name in found
                for rows in pages(self._messages, REACTION + name)
                for row in rows
            ]
            if found:
                self._messages.delete_many([*marks, *((name, SK) for name in found)])
                erased += len(found)
        return erased

    def _records(self, home: str) -> Iterator[list[dict[str, Any]]]:
        cursor = None
        while True:
            page = self._ledger.of_home(home, limit=MESSAGES, cursor=cursor)
            yield page.items
            cursor = page.cursor
            if cursor is None:
                return
