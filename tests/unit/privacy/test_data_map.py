"""The map of what is stored names every item and attribute that the functions write."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.data_map import page
from shared.domain.privacy.data_map import DATA_MAP, kind_of, unmapped
from tests.unit.privacy.shop import Shop42

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[3] / "docs"
TABLES = {
    "customers", "messages", "timers", "catalog", "metrics", "stock", "products", "interests", "conversations",
    "iys", "audiences",
}  # fmt: skip


def test_the_page_is_as_the_map_says() -> None:
    """docs/data-map.md is written from the map."""
    assert (DOCS / "data-map.md").read_text("utf-8") == page(DATA_MAP), (
        "docs/data-map.md is stale: `kervan privacy map --markdown > docs/data-map.md`"
    )


def test_every_table_is_in_the_map() -> None:
    """A table that is added later has to be described."""
    assert {one.table for one in DATA_MAP} == TABLES
    assert len({(one.table, one.name) for one in DATA_MAP}) == len(DATA_MAP)


def test_what_two_customers_leave_is_in_the_map() -> None:
    """Events, mails, reactions, consents, push tokens, conversations, interests."""
    shop = Shop42()
    world = shop.world
    tables = {
        "customers": world.customers, "messages": world.messages, "timers": world.timers, "catalog": world.catalog,
        "interests": shop.interests, "conversations": shop.conversations, "stock": shop.stock,
    }  # fmt: skip
    met = set()
    for table, held in tables.items():
        items = [item for item in held.items() if not str(item["pk"]).startswith("reaction#")]
        assert unmapped(table, items) == []
        met |= {kind.name for item in items if (kind := kind_of(table, str(item["pk"]), str(item["sk"])))}
    assert {"events", "facts", "link of an identifier", "consent", "customer", "message"} <= met


def test_a_new_attribute_and_a_new_kind_are_found() -> None:
    """Neither a digest nor an address of the item is repeated."""
    shop = Shop42()
    home = next(str(item["pk"]) for item in shop.world.customers.items() if item["sk"] == "facts")
    [facts] = [item for item in shop.world.customers.items() if item["pk"] == home and item["sk"] == "facts"]
    found = unmapped("customers", [{**facts, "shoe_size": 42}, {"pk": home, "sk": "diary#2026", "text": "canary"}])
    assert len(found) == 2
    assert found[0] == "customers: facts has no shoe_size"
    assert "diary" in found[1]
    assert not any(home in line or "canary" in line for line in found)
