"""What the functions of audiences need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.adapters.clock import clock_file


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, addresses of secrets, and the clock file (local stage only)."""

    customers: str
    catalog: str
    audiences: str
    sender_secrets: str
    """The ARN of what senders call providers with; the platforms' tokens are among them."""
    clock: str
    url: str = ""
    """Where the platforms are played, on the laptop; empty elsewhere."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            customers=environment["KERVAN_CUSTOMERS"],
            catalog=environment["KERVAN_CATALOG"],
            audiences=environment["KERVAN_AUDIENCES"],
            sender_secrets=environment["KERVAN_SENDER_SECRETS"],
            clock=clock_file(environment),
            url=environment.get("KERVAN_ADS_URL", ""),
        )
