"""What the console needs of its environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, the secret's address, who signs people in, and the clock file (local stage only)."""

    stage: str
    customers: str
    messages: str
    catalog: str
    timers: str
    metrics: str
    iys: str
    audiences: str
    secret: str
    url: str
    """Where the console answers, without a slash at its end."""
    issuer: str
    """Of the identity provider, empty on a laptop."""
    client_id: str
    sign_in_url: str
    """Where the provider's own sign-in pages are."""
    clock: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        local = environment["KERVAN_STAGE"] == "local"
        return cls(
            stage=environment["KERVAN_STAGE"],
            customers=environment["KERVAN_CUSTOMERS"],
            messages=environment["KERVAN_MESSAGES"],
            catalog=environment["KERVAN_CATALOG"],
            timers=environment["KERVAN_TIMERS"],
            metrics=environment["KERVAN_METRICS"],
            iys=environment["KERVAN_IYS"],
            audiences=environment["KERVAN_AUDIENCES"],
            secret=environment["KERVAN_SECRET"],
            url=environment["KERVAN_CONSOLE_URL"],
            issuer=environment.get("KERVAN_CONSOLE_ISSUER", ""),
            client_id=environment.get("KERVAN_CONSOLE_CLIENT", ""),
            sign_in_url=environment.get("KERVAN_CONSOLE_SIGN_IN", ""),
            clock=environment.get("KERVAN_CLOCK", "") if local else "",
        )

    @property
    def local(self) -> bool:
        """Whether this is a laptop, where a link of the command signs in."""
        return self.stage == "local"
