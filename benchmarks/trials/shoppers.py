"""People who leave a cart: their events as a shop's channels send them, each with an id of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

LEAST = 5
"""Events that a cart reminder needs: who, consent, device, sign-in, cart."""
BATCH = 25


@dataclass(frozen=True, slots=True)
class Request:
    """One batch, and the source whose key it is sent with."""

    source: str
    events: tuple[dict[str, Any], ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(event["messageId"] for event in self.events)


@dataclass(frozen=True)
class Shoppers:
    """``events`` of ``people`` in all. Everybody views products on a device that nobody knows, signs in, and leaves a
    cart; the shop's server told the address and the consent before."""

    prefix: str
    people: int
    events: int
    now: Callable[[], datetime]
    cart: bool = True
    _views: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_views", max(0, self.events // self.people - LEAST))

    def user(self, number: int) -> str:
        return f"{self.prefix}-{number}"

    def address(self, number: int) -> str:
        return f"{self.user(number)}@example.com"

    def requests(self) -> Iterator[Request]:
        """In the order in which they happen, with the time of the moment they are asked for."""
        waiting: dict[str, list[dict[str, Any]]] = {"server": [], "web": []}
        for number in range(self.people):
            for source, event in self._events(number):
                waiting[source].append(event)
            for source, events in waiting.items():
                while len(events) >= BATCH:
                    yield Request(source, tuple(events[:BATCH]))
                    del events[:BATCH]
        yield from (Request(source, tuple(events)) for source, events in waiting.items() if events)

    def _events(self, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
        user, device = self.user(number), f"{self.user(number)}-device"
        at = self.now() - timedelta(seconds=60)

        def event(kind: str, what: str, who: dict[str, str], **more: Any) -> dict[str, Any]:
            nonlocal at
            at += timedelta(milliseconds=100)
            said = {"event": what} if kind == "track" else {}
            return {"type": kind, "messageId": f"{user}-{what}-{at:%H%M%S%f}", "timestamp": f"{at.isoformat()}",
                    **who, **said, **more}  # fmt: skip

        traits = {"email": self.address(number), "firstName": "Ayşe", "language": "tr"}
        agreed = {"channel": "email", "purpose": "marketing", "source": "HS_WEB", "text_version": "2026-01"}
        yield "server", event("identify", "identify", {"userId": user}, traits=traits)
        yield "server", event("track", "Consent Granted", {"userId": user}, properties=agreed)
        for place in range(self._views):
            yield "web", event("track", "Product Viewed", {"anonymousId": device}, properties=_product(place))
        yield "web", event("page", "Cart", {"anonymousId": device}, name="Cart")
        yield "web", event("identify", "identify", {"anonymousId": device, "userId": user})
        if self.cart:
            yield "web", event("track", "Product Added", {"anonymousId": device}, properties=_product(0))


def _product(place: int) -> dict[str, Any]:
    return {"product_id": f"p{place}", "name": "Keten gömlek", "price": 899.9, "currency": "TRY", "quantity": 1}
