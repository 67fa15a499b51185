"""Every part of the benchmark that needs processor time runs, in small: nobody sees it break until a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from benchmarks import (
    clicks,
    conversations,
    dry_runs,
    forged_withdrawals,
    imports,
    ingest_cpu,
    iys,
    membership,
    privacy,
    segment_cpu,
    stock,
    wire,
    wire_share,
)
from benchmarks.rows import Row

pytestmark = pytest.mark.unit

SMALL: dict[str, Callable[[], Iterable[Row]]] = {
    "clicks": lambda: clicks.rows(people=5),
    "conversations": lambda: conversations.rows(people=5, waiting=600),
    "stock": lambda: stock.rows(times=6),
    "segment-cpu": lambda: segment_cpu.rows(rounds=1),
    "iys": lambda: iys.rows(addresses=50),
    "privacy": lambda: privacy.rows(events=60, messages=3),
    "dry-run": lambda: dry_runs.rows(rounds=1, events=200),
    "ingest-cpu": lambda: ingest_cpu.rows(rounds=1),
    "membership": lambda: membership.rows(count=200),
    "withdrawals": lambda: forged_withdrawals.rows(customers=60),
    "wire-share": lambda: wire_share.rows(rounds=1, people=100),
}
QUICK = {"clicks", "conversations", "segment-cpu", "stock", "iys", "privacy", "withdrawals"}
"""The others take ten seconds and more, however small they are."""


@pytest.mark.parametrize(
    "part", [part if part in QUICK else pytest.param(part, marks=pytest.mark.long) for part in SMALL]
)
def test_a_part_measures_something(part: str) -> None:
    """It has rows, and none of them is negative or without a name."""
    rows = list(SMALL[part]())
    assert rows
    assert all(row.what and row.value >= 0 for row in rows)
    assert any(row.value > 0 for row in rows)


def test_our_client_is_quicker_than_botocore_for_each_call() -> None:
    """Processor time up to the socket, both measured one after the other."""
    rows = {row.what: row.value for row in wire.rows(rounds=1)}
    calls = {what.rpartition(": ")[0] for what in rows}
    assert len(calls) == 6
    for call in calls:
        assert rows[f"{call}: ours"] < rows[f"{call}: botocore"]


@pytest.mark.parametrize("handler", [imports.PLAIN, *imports.READY])
def test_every_handler_starts_with_the_environment_of_the_benchmark(handler: str) -> None:
    """A function that reads a new setting is told so here, and not when a release is measured."""
    imported, ready = imports.measured(handler, imports.environment_of(""))
    assert 0 < imported <= ready
