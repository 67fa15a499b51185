"""What is put into a work queue so that work that failed is done again. Everything here may be done any number of
times."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

CUSTOMER_KEY = r"^[a-z]\.[A-Za-z0-9_-]{22}$"
AT_ONCE = 25
"""Keys in one task: a few seconds of work."""
CustomerKey = Annotated[str, Field(pattern=CUSTOMER_KEY)]
EventSortKey = Annotated[str, Field(pattern=r"^t#", max_length=300)]


class RepairTask(BaseModel):
    """A message of segment's work queue.

    Attributes
    ----------
    events
        Keys of events that are read from the log and folded again.
    customers
        Customers that are decided again.
    logs
        Identifiers whose facts and links are made anew from their whole log.
    lake
        Identifiers whose events, customer and orders are told to the lake anew; nothing else is written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    repair: Literal[1] = 1
    events: Annotated[tuple[tuple[CustomerKey, EventSortKey], ...], Field(max_length=AT_ONCE)] = ()
    customers: Annotated[tuple[CustomerKey, ...], Field(max_length=AT_ONCE)] = ()
    logs: Annotated[tuple[CustomerKey, ...], Field(max_length=AT_ONCE)] = ()

    lake: Annotated[tuple[CustomerKey, ...], Field(max_length=AT_ONCE)] = ()

    def body(self) -> str:
        """The text of the message."""
        return json.dumps({"repair": 1, **self.model_dump(exclude_defaults=True)})


class CustomerChange(BaseModel):
    """A message of schedule's work queue: a change of an item ``customer``, as the stream told it.

    ``new`` and ``old`` are images in DynamoDB's JSON. They hold keys, names of events and of segments, and times.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    change: Literal[1] = 1
    new: dict[str, Any]
    old: dict[str, Any] | None = None

    def body(self) -> str:
        """The text of the message."""
        return self.model_dump_json(exclude_none=True)


def is_repair(body: str) -> bool:
    """Whether a message of segment's work queue is a repair; else it is a shard to walk."""
    return '"repair"' in body


def is_change(body: str) -> bool:
    """Whether a message of schedule's work queue is a changed customer; else it is a batch of timers."""
    return '"change"' in body
