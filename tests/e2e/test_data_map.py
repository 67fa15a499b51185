"""After the stories of this stack: nothing lies in its tables that the map of what is stored does not name."""

from __future__ import annotations

from shared.domain.privacy.data_map import DATA_MAP, unmapped
from tests.e2e.conftest import Kervan


def test_every_stored_attribute_is_in_the_data_map(kervan: Kervan) -> None:
    """Played late, so that most kinds of items are there."""
    tables = sorted({one.table for one in DATA_MAP})
    stored = {table: kervan.stack.items(f"Table{table.capitalize()}") for table in tables}
    assert stored["customers"]
    assert [line for table, items in stored.items() for line in unmapped(table, items)] == []
