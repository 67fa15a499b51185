"""What the functions of segment need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from shared.adapters.clock import clock_file


class Settings(Struct, frozen=True):
    """Names of tables, the secret's address, the failure queue, and the clock file (local stage only)."""

    customers: str
    timers: str
    catalog: str
    metrics: str
    secret: str
    failures: str
    work: str
    """Url of the queue of shards to walk; "" for a function that neither hands them out nor walks."""
    clock: str
    interests: str
    lake: str = ""
    """The Firehose stream that takes rows of the lake; "" if there is none."""
    lake_later: str = ""
    iys_queue: str = ""
    """Url of the queue of IYS's worker; "" for a function that tells it nothing."""
    audiences_queue: str = ""
    """Url of the queue of audiences; "" for a function that tells it nothing."""
    function: str = ""
    """Its name, for counters."""

    @property
    def local(self) -> bool:
        """On the laptop, whose functions start anew when something is published."""
        return bool(self.clock)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            customers=environment["KERVAN_CUSTOMERS"],
            timers=environment["KERVAN_TIMERS"],
            catalog=environment["KERVAN_CATALOG"],
            metrics=environment["KERVAN_METRICS"],
            secret=environment["KERVAN_SECRET"],
            failures=environment["KERVAN_FAILURES"],
            work=environment.get("KERVAN_WORK", ""),
            clock=clock_file(environment),
            interests=environment["KERVAN_INTERESTS"],
            lake=environment.get("KERVAN_LAKE", ""),
            lake_later=environment.get("KERVAN_LAKE_LATER", ""),
            iys_queue=environment.get("KERVAN_IYS_QUEUE", ""),
            audiences_queue=environment.get("KERVAN_AUDIENCES_QUEUE", ""),
            function=environment.get("POWERTOOLS_SERVICE_NAME", ""),
        )
