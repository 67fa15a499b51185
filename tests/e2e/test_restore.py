"""The drill of docs/restore.md: tables are lost and come back, the system goes on, nothing is sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from cli.local import deploy
from cli.main import run
from tests.e2e.conftest import Kervan
from tests.e2e.test_cart_recovery import leave_cart

pytestmark = pytest.mark.e2e
TABLES = ("customers", "timers", "messages")


def test_what_was_sent_after_the_restored_instant_is_not_sent_again(kervan: Kervan, name: str) -> None:
    """Customers and timers are a day old again, the ledger is not: it alone keeps the offer of that day from going out
    a second time. The journey goes on with its last step. A purchase after the restored instant is lost, until the
    shop reports it again."""
    copies, before = a_day_after_the_copy(kervan, name)
    lost = f"late-{name}"
    order = {"order_id": f"L-{name}", "total": 100, "currency": "TRY", "products": [{"product_id": "p", "name": "Bag"}]}
    kervan.channel("server").send("track", userId=lost, event="Order Completed", properties=order)
    kervan.settle()

    for table in ("customers", "timers"):
        empty(kervan, table)
    assert kervan.http("GET", f"/v1/customers/user:{name}", headers=operator(kervan))[0] == 404
    for table in ("customers", "timers"):
        assert run(["restore", table, "--from", copies[table]]) == 0
        kervan.settle()

    assert view(kervan, name) == before["customer"]
    assert kervan.http("GET", f"/v1/customers/user:{lost}", headers=operator(kervan))[0] == 404
    kervan.advance(timedelta(minutes=30))
    assert mails(kervan) == before["mails"]
    kervan.channel("server").send("track", userId=lost, event="Order Completed", properties=order)
    kervan.settle()
    assert kervan.customer(f"user:{lost}")
    kervan.advance(timedelta(hours=60))
    assert [count for to, count in mails(kervan).items() if to == address(name)] == [3]


def test_without_a_ledger_shadow_mode_keeps_the_past_from_being_sent(kervan: Kervan, name: str) -> None:
    """All three tables are a day old again: nobody knows that the offer went out. What was due until now is decided in
    shadow mode, and nothing of it goes out a second time, now or later. The last step, two days later, is sent."""
    copies, before = a_day_after_the_copy(kervan, name)
    for table in TABLES:
        empty(kervan, table)
    assert run(["sending", "shadow", "on"]) == 0
    for table in ("messages", "customers", "timers"):
        assert run(["restore", table, "--from", copies[table]]) == 0
        kervan.settle()
    kervan.advance(timedelta(minutes=30))
    assert run(["sending", "shadow", "off"]) == 0
    assert mails(kervan) == before["mails"]
    kervan.advance(timedelta(hours=60))
    subjects = [one["subject"] for one in kervan.outbox() if one["to"] == address(name)]
    assert len(subjects) == len(set(subjects)) == 3
    decided = {(one["step"], one["channel"]): (one["state"], one["reason"]) for one in kervan.messages(f"user:{name}")}
    assert decided["offer", "email"] == ("skipped", "shadow_mode")
    assert decided["last", "email"] == ("sent", None)


def a_day_after_the_copy(kervan: Kervan, name: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A cart is left at ten and reminded of; the tables are copied as AWS does it; the offer of the next day goes out.
    The copies by table, and what was known and delivered."""
    kervan.advance_until("10:00")
    leave_cart(kervan, name)
    kervan.advance(timedelta(hours=2))
    copies = {table: f"copy-{table}-{name}" for table in TABLES}
    client = deploy.client(kervan.stack.base, "dynamodb")
    for table, copy in copies.items():
        client.restore_table_to_point_in_time(
            SourceTableName=f"{deploy.STACK}-{table}", TargetTableName=copy, UseLatestRestorableTime=True
        )
    known = view(kervan, name)
    kervan.advance(timedelta(hours=24))
    delivered = mails(kervan)
    assert delivered[address(name)] == 2
    return copies, {"customer": known, "mails": delivered}


def view(kervan: Kervan, name: str) -> Mapping[str, Any]:
    """What a customer's page says that time alone does not change."""
    found = kervan.customer(f"user:{name}")
    return {key: found[key] for key in ("id", "identifiers", "traits", "consent", "cart")}


def address(name: str) -> str:
    return f"{name}@example.com"


def mails(kervan: Kervan) -> dict[str, int]:
    """How many messages each address was sent, over the whole stack."""
    counts: dict[str, int] = {}
    for one in kervan.outbox():
        counts[one["to"]] = counts.get(one["to"], 0) + 1
    return counts


def operator(kervan: Kervan) -> dict[str, str]:
    return {"authorization": f"Bearer {kervan.api.key}"}


def empty(kervan: Kervan, table: str) -> None:
    """Every item is deleted, as by a mistake; the table stays."""
    client = deploy.client(kervan.stack.base, "dynamodb")
    name = f"{deploy.STACK}-{table}"
    for page in client.get_paginator("scan").paginate(TableName=name):
        for item in page["Items"]:
            client.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
    kervan.settle()
