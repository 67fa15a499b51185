"""Orders of other tools that were never bought, and refunds of orders that are imported again."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.importing.cell_text import cell_text
from cli.importing.exports.order import bodies_of_order
from cli.importing.exports.person import ExportOptions
from cli.importing.exports.rows import cells_of
from cli.importing.exports.shopify import ORDERS
from tests.unit.importing.exports import imported, table, traits
from tests.unit.importing.files import put

pytestmark = pytest.mark.unit
WOOCOMMERCE = ["Order Number", "Order Status", "Order Date", "Email (Billing)", "Order Total Amount"]


def order(status: str) -> str:
    return table(WOOCOMMERCE, ["7", status, "2026-01-02 10:00", "nur@example.com", "99.90"])


@pytest.mark.parametrize(
    "status", ["Pending payment", "wc-pending", "Ödeme bekleniyor", "Draft", "wc-checkout-draft", "Trash", "TASLAK"]
)
def test_an_order_that_was_left_unpaid_is_none(tmp_path: Path, status: str) -> None:
    """A checkout that was begun and left counts as no sale; it can be imported once it is paid."""
    events, refused, _ = imported(put(tmp_path / "o.csv", order(status)), "orders")
    assert events == []
    assert "never paid" in refused[2]


@pytest.mark.parametrize(
    ("status", "follows"),
    [
        ("wc-failed", "Order Cancelled"), ("Başarısız", "Order Cancelled"), ("BAŞARISIZ OLDU", "Order Cancelled"),
        ("wc-cancelled", "Order Cancelled"), ("wc-refunded", "Order Refunded"), ("wc-completed", ""),
        ("Processing", ""), ("pending", ""),
    ],
)  # fmt: skip
def test_a_status_in_each_of_its_spellings(tmp_path: Path, status: str, follows: str) -> None:
    """As the database has it, and as WooCommerce shows it in Turkish."""
    events, refused, _ = imported(put(tmp_path / "o.csv", order(status)), "orders")
    assert refused == {}
    assert [event["event"] for event in events] == ["Order Completed", follows][: 2 if follows else 1]


@given(st.lists(st.decimals(0, 10**9, places=2).filter(bool), min_size=2, max_size=4, unique=True))
def test_the_newest_of_imported_refunds_counts(sums: list[Decimal]) -> None:
    """A file tells no time of a refund: at one time the greater id counts, so the larger sum must have it."""
    ids = {}
    for one in [*map(str, sums), ""]:
        row = {"Name": "#1", "Email": "nur@example.com", "Created at": "2026-01-02 10:00", "Refunded Amount": one}
        options = ExportOptions(ORDERS, UTC, None, lambda _column, _reason: None)
        last = bodies_of_order([cells_of(row | {"Financial Status": "refunded"})], options)[-1]
        assert last["properties"]["refund_id"] == "#1-imported"
        ids[Decimal(one or "Infinity")] = (last["timestamp"], last["messageId"])
    assert [ids[one] for one in sorted(ids)] == sorted(ids.values())
    assert len(set(ids.values())) == len(ids)


@pytest.mark.parametrize(
    ("cell", "text"),
    [("'+905550000001", "+905550000001"), ("'16010", "16010"), ("'=1+1", "=1+1"), (" '-5", "-5"), ("'@nur", "@nur"),
     ("'t Hooft", "'t Hooft"), ("'n Sjaal", "'n Sjaal"), ("'90s'", "'90s'"), ("D'Arcy", "D'Arcy"), ("'", "'")],
)  # fmt: skip
def test_the_apostrophe_of_a_name_stays(cell: str, text: str) -> None:
    """Only what would be a number or a formula has one before it that is not part of it."""
    assert cell_text(cell) == text


@pytest.mark.parametrize("header", [["mail", "Address", "adr"], ["mail", "adr", "Address"]])
def test_parts_of_an_address_and_a_column_of_its_name(tmp_path: Path, header: list[str]) -> None:
    """Whichever comes first, the parts stay, and nothing breaks."""
    mapping = put(tmp_path / "m.yaml", "columns: {mail: email, adr: address, Address: trait address}\n")
    row = {"mail": "nur@example.com", "Address": "at home", "adr": "Cadde 1  Bursa  TR"}
    path = put(tmp_path / "a.csv", table(header, [row[name] for name in header]))
    events, refused, _ = imported(path, "customers", mapping=mapping)
    assert refused == {}
    assert traits(events[0])["address"] == {"street": "Cadde 1", "city": "Bursa", "country": "TR"}
