"""Processor time of a piece of code: the best of several rounds, because other programs can only make it longer."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def best_of(rounds: int, work: Callable[[], object], times: int = 1) -> float:
    """Processor seconds of one ``work``, at its fastest; ``times`` runs make a round."""
    work()
    found = []
    gc.disable()
    try:
        for _ in range(rounds):
            started = time.process_time()
            for _ in range(times):
                work()
            found.append((time.process_time() - started) / times)
            gc.collect()
    finally:
        gc.enable()
    return min(found)
