"""What a channel sends wrongly is told to it, and to the shop's people."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan

NOTHING: dict[str, Any] = {"events": 0, "provisional": 0, "refused": [], "warnings": []}


def _counts(kervan: Kervan, capsys: pytest.CaptureFixture[str], name: str | None = "store") -> dict[str, Any]:
    items = kervan.api.get("/v1/sources")["items"]
    assert run(["sources", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == items
    return next((item for item in items if item["name"] == name), NOTHING)


def _sums(found: dict[str, Any]) -> dict[Any, int]:
    sums = {one["reason"]: one["count"] for one in found["refused"]}
    return sums | {(one["field"], one["reason"]): one["count"] for one in found["warnings"]}


def _risen(before: dict[str, Any], after: dict[str, Any]) -> dict[Any, int]:
    new, old = _sums(after), _sums(before)
    return {key: count - old.get(key, 0) for key, count in new.items() if count != old.get(key, 0)}


def test_amounts_are_read_and_what_cannot_be_used_is_counted(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """ "99,90" and "1.999,00" are amounts; "abc" is a warning in the answer and in `kervan sources`; so is what is
    refused."""
    store, user = kervan.channel("store"), f"{name}-sums"
    before = _counts(kervan, capsys)

    def order(number: int, total: object) -> dict[str, Any]:
        properties = {"order_id": f"{user}-{number}", "total": total, "currency": "TRY"}
        return {"type": "track", "event": "Order Completed", "userId": user, "properties": properties}

    odd = {
        "product_id": "p-1",
        "quantity": "iki",
        "currency": "lira",
        f"{user}@example.com": "a field of the shop's own",
    }
    added = {"type": "track", "event": "Product Added", "userId": user, "properties": odd}
    batch = [order(1, "99,90"), order(2, "1.999,00"), order(3, "abc"), {"type": "track", "userId": user}, added]
    answer = store.post("batch", {"batch": batch})
    assert (answer["accepted"], [one["index"] for one in answer["rejected"]]) == (4, [3])
    assert [(one["index"], one["field"]) for one in answer["warnings"]] == [
        (2, "properties.total"),
        (4, "properties.quantity"),
        (4, "properties.currency"),
    ]
    kervan.settle()
    assert kervan.customer(f"user:{user}")["orders"]["total"] == 2098.9

    after = _counts(kervan, capsys)
    assert after["events"] - before["events"] == 4
    assert _risen(before, after) == {
        "bad_name": 1,
        ("properties.total", "not_an_amount"): 1,
        ("properties.quantity", "not_a_quantity"): 1,
        ("properties.currency", "not_a_currency"): 1,
    }
    assert user not in json.dumps(kervan.api.get("/v1/sources"))


def test_orders_of_a_public_key_and_guessed_keys_are_counted(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five events within a second are all in the next answer; an order that a page reports is provisional."""
    web, stranger = _counts(kervan, capsys, "web"), _counts(kervan, capsys, None)
    properties = {"order_id": f"{name}-1", "total": 5}
    order = {"event": "Order Completed", "anonymousId": name, "properties": properties}
    for number in range(4):
        kervan.channel("web").post("page", {"anonymousId": name, "name": f"page {number}"})
    kervan.channel("web").post("track", order)
    headers = {"authorization": f"Basic {base64.b64encode(b'guessed:').decode()}", "content-type": "application/json"}
    assert kervan.http("POST", "/v1/track", json.dumps(order).encode(), headers)[0] == 401

    after = _counts(kervan, capsys, "web")
    assert (after["events"] - web["events"], after["provisional"] - web["provisional"]) == (5, 1)
    assert _risen(stranger, _counts(kervan, capsys, None)) == {"unknown_key": 1}
