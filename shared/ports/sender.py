"""The port of a channel's provider: one call per message, and a definite answer about what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field

from shared.domain.messages.address import Address
from shared.domain.templates.content import Content


class Outgoing(Struct, frozen=True):
    """One message, ready to send. ``headers`` are for e-mail. ``tags`` come back with feedback where a provider can."""

    message_id: str
    address: Address
    content: Content
    sender_name: str
    purpose: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Accepted(Struct, frozen=True):
    """The provider took it. ``dead`` are push tokens that it gave up on the way."""

    provider_id: str
    dead: tuple[str, ...] = ()


class Unreachable(Struct, frozen=True):
    """The provider definitely refused this address; another channel may reach the customer."""

    reason: str
    dead: tuple[str, ...] = ()


class Refused(Struct, frozen=True):
    """The provider definitely refused this message, and would again."""

    reason: str


class Postponed(Struct, frozen=True):
    """The provider definitely did not take it for now (throttled, paused, not connected): the same again later.

    ``about_address``: it says something about this address only, and nothing about the channel's provider.
    """

    reason: str
    dead: tuple[str, ...] = ()
    about_address: bool = False


class Ambiguous(Struct, frozen=True):
    """Called, and no answer that says yes or no: it may have gone out. ``about_address`` as in ``Postponed``."""

    reason: str
    dead: tuple[str, ...] = ()
    about_address: bool = False


Answer = Accepted | Unreachable | Refused | Postponed | Ambiguous


class Sender(Protocol):
    """One channel's provider. Makes exactly one attempt per address, and never raises for what a provider answers."""

    def send(self, outgoing: Outgoing) -> Answer: ...
