"""What the functions of schedule need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from shared.adapters.clock import clock_file
from shared.domain.messages.request import CHANNELS, Channel


class Settings(Struct, frozen=True):
    """Names of tables, urls of queues, and the clock file (local stage only).

    ``work`` is the queue of timer batches; only the functions that fire timers have it.
    """

    stage: str
    customers: str
    timers: str
    messages: str
    catalog: str
    queues: Mapping[Channel, str]
    work: str
    failures: str
    clock: str
    lake: str = ""
    """The Firehose stream that takes rows of the lake; "" if there is none."""
    lake_later: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            stage=environment["KERVAN_STAGE"],
            customers=environment["KERVAN_CUSTOMERS"],
            timers=environment["KERVAN_TIMERS"],
            messages=environment["KERVAN_MESSAGES"],
            catalog=environment["KERVAN_CATALOG"],
            queues={channel: environment[f"KERVAN_QUEUE_{channel.upper()}"] for channel in CHANNELS},
            work=environment.get("KERVAN_WORK", ""),
            failures=environment["KERVAN_FAILURES"],
            clock=clock_file(environment),
            lake=environment.get("KERVAN_LAKE", ""),
            lake_later=environment.get("KERVAN_LAKE_LATER", ""),
        )
