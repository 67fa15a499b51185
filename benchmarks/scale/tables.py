"""A table of DynamoDB on demand: a capacity that grows with its use, and partition keys that take 1,000 units each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from benchmarks.scale.limits import DOUBLING, PARTITION_WRITES

MINUTE = 60


class Table:
    """Asked once for each second, in order.

    Parameters
    ----------
    warm
        Write units that it takes at once; twice the peak of at least half an hour ago is taken as well.
    quota
        Write units beyond which it never goes.
    """

    def __init__(self, *, warm: float, quota: float) -> None:
        self._warm, self._quota = warm, quota
        self._peaks: deque[float] = deque(maxlen=DOUBLING // MINUTE)
        """Peaks of the minutes of the last half hour; what leaves it is an earlier peak."""
        self._earlier = 0.0
        self._this_minute = 0.0
        self.throttled = 0
        """Seconds in which it refused something."""
        self.written = 0.0
        self.peak = 0.0

    @property
    def capacity(self) -> float:
        return min(self._quota, max(self._warm, 2 * self._earlier))

    @property
    def partitions(self) -> int:
        """And so the shards of its stream."""
        return max(4, round(self.capacity / PARTITION_WRITES))

    def grant(self, second: int, wanted: float, hot: Iterable[tuple[int, float]] = ()) -> float:
        """Which share of the wanted units is taken in this second.

        ``hot``: how many partition keys share how many units; a group that is over its keys' limit holds back
        whoever writes it, so the least share counts for all.
        """
        share = 1.0 if wanted <= self.capacity else self.capacity / wanted
        for keys, units in hot:
            if units > keys * PARTITION_WRITES:
                share = min(share, keys * PARTITION_WRITES / units)
        done = wanted * share
        self.written += done
        self.throttled += share < 1
        self.peak = max(self.peak, done)
        self._this_minute = max(self._this_minute, done)
        if second % MINUTE == MINUTE - 1:
            if len(self._peaks) == self._peaks.maxlen:
                self._earlier = max(self._earlier, self._peaks[0])
            self._peaks.append(self._this_minute)
            self._this_minute = 0.0
        return share
