"""Counting what DynamoDB would bill: requests, read units (4 KB) and write units (1 KB)."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field


class Usage(Struct):
    """Sums over calls. Half a read unit exists (eventually consistent), so reads are floats."""

    requests: int = 0
    read_units: float = 0.0
    write_units: float = 0.0
    by_operation: Counter[str] = field(default_factory=Counter)

    def add(self, operation: str, *, read: float = 0.0, write: float = 0.0, requests: int = 1) -> None:
        self.requests += requests
        self.read_units += read
        self.write_units += write
        self.by_operation[operation] += requests

    def reset(self) -> None:
        self.requests, self.read_units, self.write_units = 0, 0.0, 0.0
        self.by_operation.clear()
