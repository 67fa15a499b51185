"""What the functions of privacy need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.adapters.clock import clock_file


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, the secret's address, the url of the own queue, and the clock file (local stage only)."""

    customers: str
    messages: str
    catalog: str
    stock: str
    interests: str
    conversations: str
    timers: str
    iys: str
    secret: str
    work: str
    clock: str
    files: str
    """The bucket of what customers sent."""
    iys_queue: str = ""
    """Url of the queue of the exchange with the register of consent."""
    letters: tuple[str, ...] = ()
    """Urls of the queues of dead letters that may name a person."""
    audiences_queue: str = ""
    """Url of the queue of lists at advertising platforms."""
    lake_bucket: str = ""
    """Empty where there is no lake."""

    @property
    def local(self) -> bool:
        """On the laptop nobody waits five minutes for the second look."""
        return bool(self.clock)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            customers=environment["KERVAN_CUSTOMERS"],
            messages=environment["KERVAN_MESSAGES"],
            catalog=environment["KERVAN_CATALOG"],
            stock=environment["KERVAN_STOCK"],
            interests=environment["KERVAN_INTERESTS"],
            conversations=environment["KERVAN_CONVERSATIONS"],
            timers=environment["KERVAN_TIMERS"],
            iys=environment["KERVAN_IYS"],
            secret=environment["KERVAN_SECRET"],
            work=environment["KERVAN_WORK"],
            clock=clock_file(environment),
            files=environment["KERVAN_FILES"],
            iys_queue=environment.get("KERVAN_IYS_QUEUE", ""),
            letters=tuple(environment.get("KERVAN_NAMING_LETTERS", "").split()),
            audiences_queue=environment.get("KERVAN_AUDIENCES_QUEUE", ""),
            lake_bucket=environment.get("KERVAN_LAKE_BUCKET", ""),
        )
