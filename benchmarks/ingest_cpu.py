"""Processor time per event of the ingest handler, in batches of 25."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks import prices
from benchmarks.aws_stub import counting_table, own_code_table
from benchmarks.deployment import Deployment, answered, request
from benchmarks.processor import best_of
from benchmarks.rows import Row
from benchmarks.shopper import Shopper
from shared.ports import Table

PART = "ingest, processor"
BATCH = 25
TARGET_MS = 0.3


def rows(rounds: int = 15) -> Iterator[Row]:
    own = _milliseconds(own_code_table(), rounds)
    yield Row(
        PART,
        f"per event in batches of {BATCH}, our code",
        own,
        "ms",
        TARGET_MS,
        prices.of_cpu(own / 1000),
        "request to DynamoDB's item format; the client does nothing",
    )
    whole = _milliseconds(counting_table()[0], rounds)
    yield Row(
        PART,
        f"per event in batches of {BATCH}, with botocore",
        whole,
        "ms",
        TARGET_MS,
        prices.of_cpu(whole / 1000),
        "serialised, signed, answer parsed; cut off before the socket",
    )


def _milliseconds(table: Table, rounds: int) -> float:
    deployment = Deployment()
    environment = deployment.ingest_on(table)
    events = [_batch(deployment, seed) for seed in range(8)]

    def work() -> None:
        for event in events:
            answered(environment, event)

    return best_of(rounds, work) / (len(events) * BATCH) * 1000


def _batch(deployment: Deployment, seed: int) -> dict[str, Any]:
    """A batch of one shopper as the browser SDK sends it when told to batch."""
    messages = Shopper(seed=seed, user=f"u-{seed}").messages(BATCH)
    deployment.clock.time = datetime.fromisoformat(messages[-1]["timestamp"]) + timedelta(seconds=1)
    return request("/v1/batch", {"batch": messages, "sentAt": messages[-1]["timestamp"]})
