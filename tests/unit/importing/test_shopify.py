"""Shopify's customers and orders become people, consents and orders."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cli.failure import WrongUse
from cli.importing.batches import Batch, batches
from cli.importing.plan import Plan, export_of
from cli.importing.rows import Unreadable
from cli.importing.source import Source
from tests.unit.importing.exports import MARK, imported, statements, table, traits
from tests.unit.importing.files import AT, put

pytestmark = pytest.mark.unit

SHOPIFY = table(
    ["Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address City",
     "Default Address Zip", "Default Address Phone", "Phone", "Accepts SMS Marketing", "Total Spent", "Tags"],
    ["'801", "Elif", "Kaya", "elif@example.com", "yes", "Bursa", "'16010", "+90 555 000 00 01", "'+905550000002", "no",
     "250.50", "vip, tr"],
    ["'802", "Can", "", "can@example.com", "no", "", "", "", "", "no", "0.00", ""],
    ["'803", "", "", "", "no", "", "", "", "", "no", "0.00", ""],
)  # fmt: skip


def test_shopify_customers(tmp_path: Path) -> None:
    """Apostrophes go, a yes is a consent of the year 2000, a no is none, and the phone of an address is nobody's."""
    events, refused, plan = imported(put(tmp_path / "c.csv", MARK + SHOPIFY), "customers")
    assert plan.export is not None
    assert plan.export.label == "Shopify customers"
    assert [event["userId"] for event in events] == ["801", "801", "802", "803"]
    assert traits(events[0]) == {
        "firstName": "Elif", "lastName": "Kaya", "address": {"city": "Bursa", "postalCode": "16010"},
        "total_spent": 250.5, "tags": ["vip", "tr"], "email": "elif@example.com", "phone": "+905550000002",
    }  # fmt: skip
    assert statements(events) == [("Consent Granted", "email", "elif@example.com", "2000-01-01")]
    assert events[1]["properties"]["text_version"] == "imported from Shopify customers"
    assert all(event["context"]["history"] and event["context"]["active"] is False for event in events)
    assert refused == {}


def test_an_agreement_is_dated_as_the_shop_says(tmp_path: Path) -> None:
    """--consents-at is the time of every yes that names none."""
    path = put(tmp_path / "c.csv", SHOPIFY)
    events, _, _ = imported(path, "customers", consents_at=datetime(2024, 5, 1, tzinfo=UTC))
    assert statements(events) == [("Consent Granted", "email", "elif@example.com", "2024-05-01")]


ORDER_HEADER = [
    "Name", "Email", "Financial Status", "Paid at", "Fulfilled at", "Accepts Marketing", "Currency", "Subtotal",
    "Total", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Cancelled at",
    "Refunded Amount",
]  # fmt: skip


def first_row(number: str, total: str, **more: str) -> list[str]:
    cells = dict.fromkeys(ORDER_HEADER, "") | {
        "Name": number, "Email": "elif@example.com", "Financial Status": "paid", "Currency": "TRY", "Total": total,
        "Created at": "2026-10-01 11:59:00 +0300", "Lineitem quantity": "1", "Lineitem name": "Bot",
        "Lineitem price": total, "Lineitem sku": "B-1", "Accepts Marketing": "yes",
    }  # fmt: skip
    return list((cells | more).values())


def next_row(number: str, name: str, **more: str) -> list[str]:
    cells = dict.fromkeys(ORDER_HEADER, "") | {
        "Name": number, "Email": "elif@example.com", "Created at": "2026-10-01 11:59:00 +0300",
        "Lineitem quantity": "2", "Lineitem name": name, "Lineitem price": "10.00", "Lineitem sku": name,
    }  # fmt: skip
    return list((cells | more).values())


def test_shopify_orders_of_many_rows(tmp_path: Path) -> None:
    """Rows of one number are one order; its sums come from the first; a refund, a cancellation follow it."""
    text = table(
        ORDER_HEADER,
        first_row("#1", "220.00"), next_row("#1", "Çorap"),
        first_row("#2", "90.00", **{"Financial Status": "refunded", "Refunded Amount": "90.00"}),
        first_row("#3", "50.00", **{"Cancelled at": "2026-10-05 10:00:00 +0300"}),
    )  # fmt: skip
    events, refused, _ = imported(put(tmp_path / "o.csv", text), "orders")
    assert [(event["event"], event["properties"]["order_id"]) for event in events] == [
        ("Order Completed", "#1"), ("Order Completed", "#2"), ("Order Refunded", "#2"), ("Order Completed", "#3"),
        ("Order Cancelled", "#3"),
    ]  # fmt: skip
    assert [one["product_id"] for one in events[0]["properties"]["products"]] == ["B-1", "Çorap"]
    assert (events[0]["properties"]["total"], events[2]["properties"]["total"]) == (220.0, 90.0)
    assert events[0]["timestamp"] == "2026-10-01T08:59:00.000Z"
    assert (statements(events), refused) == ([], {})


def test_orders_are_events_too(tmp_path: Path) -> None:
    """`kervan import events` takes the same file; customers does not, and says which command does."""
    path = put(tmp_path / "o.csv", table(ORDER_HEADER, first_row("#1", "1.00")))
    assert len(imported(path, "events")[0]) == 1
    with pytest.raises(WrongUse, match="kervan import orders"):
        imported(path, "customers")
    with pytest.raises(WrongUse, match=r"--map"):
        imported(put(tmp_path / "p.csv", "no,total\n1,2\n"), "orders")


def test_a_row_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    """It is told; the order around it stays one order."""
    lines = table(ORDER_HEADER, first_row("#1", "220.00"), next_row("#1", "a"), next_row("#1", "b")).splitlines()
    lines.insert(2, "#1,broken")
    path = put(tmp_path / "o.csv", "\n".join(lines) + "\n")
    events, refused, _ = imported(path, "orders")
    assert [len(event["properties"]["products"]) for event in events] == [3]
    assert list(refused) == [3]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Created at": ""}, "no time"),
        ({"Email": ""}, "names nobody"),
        ({"Name": ""}, "no number"),
        ({"Total": "1.299"}, "two ways"),
        ({"Created at": "soon"}, "not a time"),
    ],
)
def test_an_order_that_would_be_wrong_is_rejected(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    """A wrong sum or time is worse than a rejected row."""
    events, refused, _ = imported(
        put(tmp_path / "o.csv", table(ORDER_HEADER, first_row("#1", "5", **change))), "orders"
    )
    assert events == []
    assert reason in refused[2]


@given(
    st.lists(
        st.tuples(st.sampled_from(["1", "2", "3", "'1", " '2", ""]), st.sampled_from(["", "1.00"])),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 40),
)
@example([("1", ""), ("", ""), ("1", "")], 0)
def test_orders_are_grouped_as_brute_force_does(rows: list[tuple[str, str]], cut: int) -> None:
    """Neighbours of one number are one order, scattered ones are none, also when the import goes on in the middle. An
    apostrophe before a number is no other number, and rows without a number part what is around them."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = table(ORDER_HEADER, *(first_row(number, "7", **{"Refunded Amount": back}) for number, back in rows))
        path = put(Path(folder) / "o.csv", text)
        plan = Plan(
            "orders", path, "csv", "utf-8", UTC, AT, False, export_of(path, "orders", "csv", "utf-8", None, None)
        )
        whole = _batches(plan, lambda _source: None)
        expected: list[list[str]] = []
        for number in (written.strip(" '") for written, _ in rows):
            if not expected or expected[-1][0] != number:
                expected.append([])
            expected[-1].append(number)
        completed = [event for event in whole if event["event"] == "Order Completed"]
        groups = Counter(one[0] for one in expected)
        groups[""] = 0
        taken = [one for one in expected if groups[one[0]] == 1]
        assert [len(event["properties"]["products"]) for event in completed] == [len(one) for one in taken]
        assert [isinstance(row, Unreadable) for row in _rows(plan)] == [groups[one[0]] > 1 for one in expected]
        ends = [(row.end, row.next_line) for row in _rows(plan)]
        end, line = ends[min(cut, len(ends) - 1)]
        done = sum(1 for one, row in zip(expected, _rows(plan), strict=True) if row.end <= end and one in taken)
        rest = list(_batches(plan, lambda source: source.go_to(end, line)))
        assert [event for event in rest if event["event"] == "Order Completed"] == completed[done:]


def _rows(plan: Plan) -> list[Any]:
    with Source(plan.path) as source:
        return list(plan.rows(source, lambda: None))


def _batches(plan: Plan, begin: Any) -> list[dict[str, Any]]:
    with Source(plan.path) as source:
        found: list[Batch] = list(
            batches(plan.rows(source, lambda: begin(source)), plan.make(), lambda: source.position)
        )
    return [json.loads(event) for batch in found for event in batch.events]
