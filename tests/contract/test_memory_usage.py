"""The fake table bills requests and units as DynamoDB does."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.ports import Conflict

pytestmark = pytest.mark.contract


def units(size: int) -> dict[str, Any]:
    """An item of exactly so many bytes: names and values count."""
    return {"pk": "p", "sk": "s", "data": b"x" * (size - len("pkpskssdata") + 1)}


def test_the_fake_bills_writes_by_the_kilobyte() -> None:
    """One unit per started 1 KB of the larger of old and new; a failed condition and a deletion cost too."""
    table = MemoryTable()
    bill: list[float] = []

    def charged() -> float:
        bill.append(table.usage.write_units)
        return table.usage.write_units - (bill[-2] if len(bill) > 1 else 0)

    from shared.adapters.memory import bytes_of

    assert bytes_of(units(1024)) == 1024
    table.put(units(1024))
    assert charged() == 1
    table.put(units(1025))
    assert charged() == 2
    table.put(units(100))
    assert charged() == 2
    with pytest.raises(Conflict):
        table.put(units(3000), expect={"version": 1})
    assert charged() == 3
    table.put_many([{"pk": "q", "sk": str(place)} for place in range(26)])
    assert charged() == 26
    table.put(units(2048))
    charged()
    table.delete("p", "s")
    assert charged() == 2
    table.delete("p", "s")
    assert charged() == 1
    assert table.usage.by_operation["put_many"] == 2


def test_the_fake_bills_reads_by_four() -> None:
    """One unit per started 4 KB: per item when got, per page when queried, half from an index; one for nothing."""
    table = MemoryTable(indexes=INDEXES["customers"])
    for place in range(3):
        table.put({**units(4000), "sk": str(place)})
    table.usage.reset()
    table.get("p", "0")
    assert table.usage.read_units == 1
    table.query("p")
    assert table.usage.read_units == 1 + 3
    table.get_many([("p", str(place)) for place in range(4)])
    assert table.usage.read_units == 4 + 4
    table.query("none", index="live")
    assert table.usage.read_units == 8.5
    assert table.usage.requests == 4


def test_the_fake_bills_indexes() -> None:
    """Entering or leaving an index costs a write, a changed key two, a change of what it does not hold nothing."""
    table = MemoryTable(indexes=INDEXES["customers"])

    def put(**item: Any) -> float:
        before = table.usage.write_units
        table.put({"pk": "u.1", "sk": "member#n", **item})
        return table.usage.write_units - before

    assert put() == 1
    assert put(seg="n#0", since="1", customer="a") == 2
    assert put(seg="n#0", since="1", customer="a", other=1) == 1
    assert put(seg="n#0", since="1", customer="b") == 2
    assert put(seg="n#0", since="2", customer="b") == 3
    assert put(seg="n#0") == 2
