"""What the operators' API needs of its environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.adapters.clock import clock_file


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, the secret's address, and the clock file (local stage only)."""

    stage: str
    customers: str
    messages: str
    catalog: str
    timers: str
    metrics: str
    conversations: str
    secret: str
    iys: str
    audiences: str
    erasures: str
    """Url of the queue of erasures."""
    iys_queue: str
    """Url of the queue of the exchange with the register of consent."""
    clock: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            stage=environment["KERVAN_STAGE"],
            customers=environment["KERVAN_CUSTOMERS"],
            messages=environment["KERVAN_MESSAGES"],
            catalog=environment["KERVAN_CATALOG"],
            timers=environment["KERVAN_TIMERS"],
            metrics=environment["KERVAN_METRICS"],
            conversations=environment["KERVAN_CONVERSATIONS"],
            secret=environment["KERVAN_SECRET"],
            iys=environment["KERVAN_IYS"],
            audiences=environment["KERVAN_AUDIENCES"],
            erasures=environment["KERVAN_ERASURES"],
            iys_queue=environment["KERVAN_IYS_QUEUE"],
            clock=clock_file(environment),
        )
