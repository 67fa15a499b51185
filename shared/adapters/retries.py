"""When a request to AWS is sent again, and after how long: the rules of botocore's mode ``standard``.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable

THROTTLES = frozenset(
    {
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException",
    }
)  # fmt: skip
_TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException", "InternalServerError", "InternalError"})
_TRANSIENT_STATUS = frozenset({500, 502, 503, 504})

LONGEST_SECONDS = 20.0
THROTTLE_SECONDS = 1.0
"""The first pause after a throttle is up to so long; then twice that."""
_CAPACITY, _COST, _COST_LATE, _RETURNED = 500, 5, 10, 1


def is_retryable(code: str, status: int) -> bool:
    """Whether an error of AWS may be gone the next time."""
    return code in THROTTLES or code in _TRANSIENT or status in _TRANSIENT_STATUS


def pause_seconds(attempt: int, first: float, chance: Callable[[], float], asked_ms: str | None = None) -> float:
    """How long to wait after attempt number ``attempt`` (from 1): a random part of a time that doubles.

    Parameters
    ----------
    first
        The longest first pause, in seconds.
    asked_ms
        The header ``x-amz-retry-after``: the server may ask for more, up to 5 seconds more.
    """
    pause = chance() * min(first * 2.0 ** (attempt - 1), LONGEST_SECONDS)
    if asked_ms is not None and asked_ms.isascii() and asked_ms.isdigit():
        return max(pause, min(int(asked_ms[:9]) / 1000, 5.0 + pause))
    return pause


class RetryQuota:
    """Ends retries when most requests of this environment fail: a server in error is not asked three times as much.

    500 tokens; a retry takes 5, after a time-out 10; they come back when it succeeds, and one with each first success.
    """

    def __init__(self) -> None:
        self._left = _CAPACITY
        self._lock = threading.Lock()

    def acquire(self, *, late: bool) -> int:
        """The tokens taken for a retry; 0 if there are not enough."""
        cost = _COST_LATE if late else _COST
        with self._lock:
            if cost > self._left:
                return 0
            self._left -= cost
            return cost

    def give_back(self, taken: int) -> None:
        if self._left < _CAPACITY:
            with self._lock:
                self._left = min(_CAPACITY, self._left + (taken or _RETURNED))
