"""The Lambda function of every hour: are levels what the sum of their movements says?"""

from __future__ import annotations

import logging
import os
import random
from functools import cache
from typing import Any

from shared.adapters.aws_clients import dynamo_client
from shared.adapters.counters import gauge
from shared.adapters.dynamo import DynamoTable
from shared.adapters.handler_errors import SafeError, without_values
from shared.ports.invocation import TimeLeft
from shared.stores.stock import StockStore
from shared.stores.stock_items import level_key
from shared.stores.stock_shards import SHARDS

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)

PER_SHARD = 12
"""Levels of each shard that an hour looks at: about 200 in all."""
MARGIN_MS = 20_000


class LevelsDiffer(SafeError):
    """Some levels are not the sum of their movements. The alarm on errors counts this."""


@without_values
def handler(_event: Any, context: TimeLeft) -> dict[str, int]:
    """Compares a sample of levels each hour."""
    return respond(context, stock(), random.Random())  # noqa: S311 - a sample, not a secret


@cache
def stock() -> StockStore:
    """Made with the first invocation and kept: the audit reads levels, and nothing else."""
    return StockStore(DynamoTable(dynamo_client(), os.environ["KERVAN_STOCK"]))


def respond(context: TimeLeft, stock: StockStore, rng: random.Random) -> dict[str, int]:
    """Compares levels from a random place on in each shard.

    Raises
    ------
    LevelsDiffer
        After all were compared; the log names each level that differs by its keys.
    """
    sampled = wrong = 0
    for shard in range(SHARDS):
        for place in stock.sample(shard, f"{rng.randrange(16**16):016x}", PER_SHARD):
            if context.get_remaining_time_in_millis() < MARGIN_MS:
                break
            mistakes = stock.audit(place)
            sampled += 1
            wrong += bool(mistakes)
            if mistakes:
                log.error("the level %s differs: %s", " ".join(level_key(place)), ", ".join(mistakes))
    done = {"StockSampled": sampled, "StockMismatches": wrong}
    gauge(done, function="stock-audit")
    log.info("audit %s", done)
    if wrong:
        raise LevelsDiffer(f"{wrong} of {sampled} levels")
    return done
