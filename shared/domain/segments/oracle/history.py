"""The raw history of one customer: the logs of the identifiers, and the statements of consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.domain.consent.consent import Consent
from shared.domain.events.event import Event, EventType
from shared.domain.identity.keys import milliseconds
from shared.domain.segments.oracle.cart import CartSeen, cart_of
from shared.domain.segments.oracle.messages import Messages, messages_of
from shared.domain.segments.oracle.orders import NAMES, Bought, confirmed_reports, orders_of
from shared.domain.segments.oracle.person import Person, person_of


@dataclass(frozen=True)
class MemberLog:
    """All events under one identifier, in any order, as often as they came. ``key`` is its partition key.

    ``until_ms``: of a browser that two people share, events at or after this instant count for nobody.
    """

    key: str
    events: Sequence[Event]
    until_ms: int | None = None


@dataclass(frozen=True)
class History:
    """One customer: the partition key of the root, the log of every member, and what all of them said of consent.

    What the events tell is put together on the first question; only what depends on the asked instant is left for then.
    """

    root: str
    members: Sequence[MemberLog]
    consents: Sequence[Consent] = ()
    orders_from: str = "any"

    @cached_property
    def events(self) -> list[Event]:
        """Those of ``told`` that count; what is provisional is not among them."""
        if self.orders_from == "any":
            return self.told
        return [event for event in self.told if event.trusted or event.type is not EventType.TRACK or _free(event.name)]

    @cached_property
    def told(self) -> list[Event]:
        """Each event once, in the order of time; equal times by id."""
        distinct = {
            (event.time, event.id, event.name): event
            for member in self.members
            for event in member.events
            if member.until_ms is None or milliseconds(event.time) < member.until_ms
        }
        return [distinct[place] for place in sorted(distinct)]

    @cached_property
    def orders(self) -> list[Bought]:
        return orders_of(self.told, self.orders_from)

    @cached_property
    def cart(self) -> CartSeen:
        if self.orders_from == "any":
            return cart_of(self.events)
        return cart_of(sorted([*self.events, *confirmed_reports(self.told)], key=lambda one: (one.time, one.id)))

    @cached_property
    def messages(self) -> Messages:
        return messages_of(self.events)

    @cached_property
    def person(self) -> Person:
        return person_of(self.told)


def _free(name: str) -> bool:
    """What anybody may say where orders are taken from trusted sources only."""
    return name not in (*NAMES, "Product Price Dropped", "Product Back in Stock", "Product Low in Stock")
