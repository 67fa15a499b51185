"""What the functions of support need of their environment, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

QUEUED = ("email", "sms", "push", "social")
"""Queues whose workers send answers."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Names of tables, the secret's address, the urls of channels' queues, and the clock file (local stage only)."""

    conversations: str
    customers: str
    timers: str
    catalog: str
    secret: str
    queues: Mapping[str, str]
    clock: str
    files: str
    """The bucket of mails and files."""
    public_url: str = ""
    """Where the HTTP API answers; links to the question how it was lead there."""
    social: str = ""
    """The channels of Meta that the shop has connected, divided by blanks."""
    sender_email: str = ""
    """Who writes to teams; empty: nobody does."""
    configuration_set: str = ""
    sender_secrets: str = ""
    """ARN of the secrets that senders need: files on WhatsApp are fetched with its token."""
    graph_url: str = ""
    """Where the Graph API of Meta answers, on the laptop; elsewhere it is Meta's."""
    own_addresses: frozenset[str] = frozenset()
    """In small letters: what comes from them is an echo of ours."""
    due_hook: str = ""
    """The queue of the webhook ``conversation.due``; empty: nobody is told."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Raises KeyError with the name of the variable that is missing."""
        return cls(
            conversations=environment["KERVAN_CONVERSATIONS"],
            customers=environment["KERVAN_CUSTOMERS"],
            timers=environment["KERVAN_TIMERS"],
            catalog=environment["KERVAN_CATALOG"],
            secret=environment["KERVAN_SECRET"],
            queues={channel: environment[f"KERVAN_QUEUE_{channel.upper()}"] for channel in QUEUED},
            clock=environment.get("KERVAN_CLOCK", "") if environment["KERVAN_STAGE"] == "local" else "",
            files=environment["KERVAN_FILES"],
            public_url=environment.get("KERVAN_PUBLIC_URL", ""),
            social=environment.get("KERVAN_SOCIAL", ""),
            sender_email=environment.get("KERVAN_SENDER_EMAIL", ""),
            configuration_set=environment.get("KERVAN_CONFIGURATION_SET", ""),
            sender_secrets=environment.get("KERVAN_SENDER_SECRETS", ""),
            graph_url=environment.get("KERVAN_GRAPH_URL", "") if environment["KERVAN_STAGE"] == "local" else "",
            own_addresses=frozenset(environment.get("KERVAN_OWN_ADDRESSES", "").lower().split()),
            due_hook=environment.get("KERVAN_DUE_HOOK_QUEUE", ""),
        )
