"""What the functions of stock need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.adapters.clock import clock_file


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, the secret's address, and the clock file (local stage only)."""

    stock: str
    products: str
    timers: str
    catalog: str
    customers: str
    interests: str
    secret: str
    work: str
    """Url of the queue of announcements; "" for a function that hands none over."""
    clock: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            stock=environment["KERVAN_STOCK"],
            products=environment["KERVAN_PRODUCTS"],
            timers=environment["KERVAN_TIMERS"],
            catalog=environment["KERVAN_CATALOG"],
            customers=environment["KERVAN_CUSTOMERS"],
            interests=environment["KERVAN_INTERESTS"],
            secret=environment.get("KERVAN_SECRET", ""),
            work=environment.get("KERVAN_WORK", ""),
            clock=clock_file(environment),
        )
