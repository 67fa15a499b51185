"""What the functions of ingest need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.adapters.clock import clock_file
from shared.stores.source_counters import EVERY_SECONDS


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, the secret's address, and the clock file (local stage only)."""

    stage: str
    customers: str
    messages: str
    catalog: str
    metrics: str
    secret: str
    clock: str
    conversations_queue: str
    """Url of the queue of conversations."""
    stock_queue: str = ""
    """Url of the work queue of stock; "" for a function that hands it nothing."""
    iys_queue: str = ""
    """Url of the queue of the exchange with the register of consent; only the way in of HTTP has it."""
    hook_secrets: str = ""
    """The ARN of what callers of webhooks prove themselves with."""

    @property
    def counting_seconds(self) -> float:
        """How long counts of sources may wait before they are written; on the laptop everybody wants to see them."""
        return 0.0 if self.stage == "local" else EVERY_SECONDS

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            stage=environment["KERVAN_STAGE"],
            customers=environment["KERVAN_CUSTOMERS"],
            messages=environment["KERVAN_MESSAGES"],
            catalog=environment["KERVAN_CATALOG"],
            metrics=environment["KERVAN_METRICS"],
            secret=environment["KERVAN_SECRET"],
            clock=clock_file(environment),
            conversations_queue=environment["KERVAN_SUPPORT_QUEUE"],
            stock_queue=environment.get("KERVAN_STOCK_QUEUE", ""),
            iys_queue=environment.get("KERVAN_IYS_QUEUE", ""),
            hook_secrets=environment.get("KERVAN_HOOK_SECRETS", ""),
        )
