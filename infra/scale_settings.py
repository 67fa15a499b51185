"""What a large shop raises; what is not named stays as the stage has it (docs/scale.md)."""

from dataclasses import dataclass

LEAST_WARM = 4_000
"""Write units that a new table takes anyway."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """0 leaves a setting as it is.

    Attributes
    ----------
    api_rate
        Requests per second that the HTTP API admits; the burst is two and a half times as much.
    stream_batches
        Batches of one stream shard worked on in parallel, 1 to 10.
    senders_at_once
        Most invocations of each channel's sender at once, 2 to 1,000.
    timers_at_once
        Most workers of due timers at once, 2 to 1,000.
    warm_writes
        Write units per second that the table `customers` takes without notice; other busy tables a quarter of it.
    """

    api_rate: int = 0
    stream_batches: int = 0
    senders_at_once: int = 0
    timers_at_once: int = 0
    warm_writes: int = 0


BOUNDS = {
    "api_rate": (1, 100_000),
    "stream_batches": (1, 10),
    "senders_at_once": (2, 1_000),
    "timers_at_once": (2, 1_000),
    "warm_writes": (LEAST_WARM, 1_000_000),
}
"""Least and most of each setting, as AWS takes them."""
