"""What a channel sends wrongly is told to it, and to the shop's people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.main import run
from tests.e2e.conftest import Kervan


def _counts(kervan: Kervan, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    items = kervan.api.get("/v1/sources")["items"]
    assert run(["sources", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == items
    return next((item for item in items if item["name"] == "store"), {"events": 0, "refused": [], "warnings": []})


def _sums(found: dict[str, Any]) -> dict[Any, int]:
    sums = {one["reason"]: one["count"] for one in found["refused"]}
    return sums | {(one["field"], one["reason"]): one["count"] for one in found["warnings"]}


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

    batch = [order(1, "99,90"), order(2, "1.999,00"), order(3, "abc"), {"type": "track", "userId": user}]
    answer = store.post("batch", {"batch": batch})
    assert (answer["accepted"], [one["index"] for one in answer["rejected"]]) == (3, [3])
    assert [(one["index"], one["field"]) for one in answer["warnings"]] == [(2, "properties.total")]
    kervan.settle()
    assert kervan.customer(f"user:{user}")["orders"]["total"] == 2098.9

    after = _counts(kervan, capsys)
    assert after["events"] - before["events"] == 3
    new, old = _sums(after), _sums(before)
    risen = {key: count - old.get(key, 0) for key, count in new.items() if count != old.get(key, 0)}
    assert risen == {"bad_name": 1, ("properties.total", "not_an_amount"): 1}
