"""The Lambda function of every five minutes: it pulls the feeds of products that are due."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from functions.stock.pull_feed import FeedPuller, describe
from functions.stock.settings import Settings
from shared.adapters.aws_clients import dynamo_client
from shared.adapters.clock import clock_for
from shared.adapters.conflict_pause import pause
from shared.adapters.counters import count
from shared.adapters.dynamo import DynamoTable
from shared.adapters.error_kinds import kind_of
from shared.adapters.guarded_https import GuardedHttps
from shared.adapters.handler_errors import without_values
from shared.operators.stock.watch import PriceWatch
from shared.ports.invocation import TimeLeft
from shared.stores.feeds import Feeds
from shared.stores.products import Products
from shared.stores.timers import Timers

log = logging.getLogger("kervan.stock")
log.setLevel(logging.INFO)
MARGIN_MS = 60_000
"""For the digests, which are written at the end."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Feeds and who pulls them."""

    feeds: Feeds
    puller: Callable[[Path], FeedPuller]


@cache
def environment() -> Environment:
    """Made with the first invocation and kept."""
    settings = Settings.read(os.environ)
    client = dynamo_client()
    products = Products(
        DynamoTable(client, settings.products), PriceWatch(Timers(DynamoTable(client, settings.timers))), pause
    )
    feeds, clock = Feeds(DynamoTable(client, settings.catalog)), clock_for(settings.clock)

    def now() -> datetime:
        return clock.now()

    return Environment(feeds, lambda folder: FeedPuller(feeds, products, GuardedHttps(), folder, now))


@without_values
def handler(_event: Mapping[str, Any], context: TimeLeft) -> dict[str, int]:
    """Pull what is due; a feed that fails keeps no other one waiting."""
    return respond(context, environment())


def respond(context: TimeLeft, composed: Environment) -> dict[str, int]:
    """How many feeds were pulled, by what became of them."""
    done: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        puller = composed.puller(Path(folder))
        for feed in composed.feeds.all():
            if context.get_remaining_time_in_millis() <= MARGIN_MS:
                break
            try:
                pull = puller.pull(feed, lambda: context.get_remaining_time_in_millis() > MARGIN_MS)
            except Exception as error:  # noqa: BLE001 - the others go on; this one is tried again after its lease
                log.warning("a feed could not be pulled: %s", kind_of(error))
                count({"FeedFailed": 1}, function="stock-on-feed")
                done["failed"] = done.get("failed", 0) + 1
                continue
            if pull is not None:
                count(describe(pull), function="stock-on-feed")
                done[pull.state] = done.get(pull.state, 0) + 1
    return done
