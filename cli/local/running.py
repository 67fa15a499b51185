"""The local stack that runs: what is deployed, its timers, its functions."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cli import paths
from cli.failure import Failure, WrongUse
from cli.local import clock, deploy, server
from cli.local.wait_until_idle import settle

LEASES = "lease"
"""The partition of `timers` that holds the leases of shards, not timers."""
WORKERS = {"flip": "segment", "journey": "schedule", "stock": "stock", "support": "support"}
"""Which function works on the due timers of a kind."""


@dataclass(frozen=True)
class LocalStack:
    base: str

    def movable(self) -> clock.Stack:
        """What the clock needs to move time through everything that is due."""
        return clock.Stack(
            earliest=self.earliest_timer,
            fire=self.fire,
            settle=partial(settle, self.base),
            tick=partial(self.fire, "flip"),
            pause=time.sleep,
        )

    def earliest_timer(self) -> clock.Timer | None:
        """The timer that is due first, over all kinds and shards."""
        found: tuple[str, str] | None = None
        pages = deploy.client(self.base, "dynamodb").get_paginator("scan")
        names = {"#pk": "pk", "#sk": "sk"}
        for page in pages.paginate(
            TableName=deploy.outputs()["TableTimers"], ProjectionExpression="#pk, #sk", ExpressionAttributeNames=names
        ):
            for item in page["Items"]:
                pk, sk = item["pk"]["S"], item["sk"]["S"]
                if pk != LEASES and (found is None or sk < found[1]):
                    found = (pk, sk)
        if found is None:
            return None
        due = datetime.fromisoformat(found[1].partition("#")[0]).astimezone(UTC)
        return clock.Timer(due, found[0].partition("#")[0], found)

    def fire(self, kind: str) -> None:
        """Calls the function that works on due timers of this kind, as the rule of every minute does.

        Raises
        ------
        Failure
            If it fails.
        """
        self._call(f"{deploy.STACK}-{WORKERS[kind]}-on-due")

    def _call(self, function: str) -> None:
        event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}, "resources": ["kervan/clock"]}
        answer = deploy.client(self.base, "lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if "FunctionError" in answer:
            reason = json.loads(answer["Payload"].read() or b"{}").get("errorMessage", "no reason given")
            raise Failure(f"{function} failed: {reason} (see .kervan/{server.LOG})")

    def exchange_with_iys(self) -> None:
        """Calls the function that exchanges with the register of consent, as the rule of every quarter of an hour does,
        and waits until what followed is done.

        Raises
        ------
        Failure
            If it fails.
        """
        self._call(f"{deploy.STACK}-iys-on-due")
        settle(self.base)

    def tell_audiences(self) -> None:
        """Tells advertising platforms who entered and left, as the rule of every quarter of an hour lets it be done,
        and waits until it is."""
        self.hand("audiences-work", {"due": True})

    def walk_for_retention(self) -> None:
        """Looks whose data have been kept long enough, as the rule of every hour lets it be done, and waits until it
        is."""
        self.hand("privacy-work", {"retention": True})

    def hand(self, queue: str, body: Mapping[str, Any]) -> None:
        """Puts one message into a queue, and waits until it was worked on and what followed is done."""
        queues = deploy.client(self.base, "sqs")
        url = queues.get_queue_url(QueueName=f"{deploy.STACK}-{queue}")["QueueUrl"]
        queues.send_message(QueueUrl=url, MessageBody=json.dumps(body))
        settle(self.base)

    def time_zone(self) -> str:
        """The shop's, as published."""
        from cli.catalog import local_catalog
        from cli.publishing import published_shop

        return published_shop(local_catalog(self.base).table).time_zone

    def items(self, output: str) -> list[dict[str, Any]]:
        """All items of a table of the local stack, named by its output, as plain values."""
        from shared.adapters.attribute_values import read_item

        pages = deploy.client(self.base, "dynamodb").get_paginator("scan")
        return [
            read_item(item) for page in pages.paginate(TableName=deploy.outputs()[output]) for item in page["Items"]
        ]


def local_stack(endpoint: str | None = None, _key: str | None = None) -> LocalStack:
    """The local stack of this folder.

    Raises
    ------
    WrongUse
        If the command was pointed at a real deployment: its time cannot be moved, its mail is not kept.
    Failure
        If the local stack does not run.
    """
    if endpoint and endpoint != paths.read(paths.LOCAL).get("endpoint"):
        raise WrongUse("this works on the local stack only: leave --endpoint and KERVAN_ENDPOINT out")
    base = server.running()
    if base is None:
        raise Failure("the local stack does not run: start it with `make run`")
    return LocalStack(base)
