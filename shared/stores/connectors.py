"""Connected shops in the catalog: ``connector#<name>``, ``connector`` with the definition as JSON.

Written when definitions are published, and read by ingest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.ports import Table

if TYPE_CHECKING:
    from shared.domain.connectors.connector import Connector

CONNECTOR = "connector"
BELIEVED_SECONDS = 60.0
MOST_KEPT = 100
"""Names that somebody guesses must not fill the memory."""


class Connectors:
    """The published connectors; each is read once a minute at most. Methods may raise Throttled."""

    def __init__(self, catalog: Table, elapsed: Callable[[], float]) -> None:
        self._table = catalog
        self._elapsed = elapsed
        self._kept: dict[str, tuple[float, Connector | None]] = {}

    def named(self, name: str) -> Connector | None:
        """The connector of this name, if it is published."""
        now = self._elapsed()
        kept = self._kept.get(name)
        if kept is None or now >= kept[0]:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            kept = self._kept[name] = (now + BELIEVED_SECONDS, self._read(name))
        return kept[1]

    def _read(self, name: str) -> Connector | None:
        from shared.domain.connectors.connector import Connector

        item = self._table.get(f"{CONNECTOR}#{name}", CONNECTOR)
        return None if item is None else Connector.model_validate_json(item["definition"])


def remove_connector(catalog: Table, name: str) -> None:
    """Hear a shop no longer; what it told stays."""
    catalog.delete(f"{CONNECTOR}#{name}", CONNECTOR)


def put_connector(catalog: Table, connector: Connector) -> bool:
    """Publish a connector; False if it is published already as it is."""
    name = f"{CONNECTOR}#{connector.connector}"
    definition = connector.model_dump_json(by_alias=True, exclude_none=True)
    found = catalog.get(name, CONNECTOR)
    if found is not None and found["definition"] == definition:
        return False
    catalog.put({"pk": name, "sk": CONNECTOR, "definition": definition})
    return True
