"""The person behind the events: traits, zone, addresses, where and with what something was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts import values
from shared.domain.facts.newest import canonical
from shared.domain.identity.identifiers import Identifier, IdentifierType, InvalidIdentifier, identifier

OURS = ("email", "sms", "push")
DEVICE_ZONE_GOOD_FOR = timedelta(days=90)
LONGEST_NAME = 100


@dataclass(frozen=True)
class Use:
    """Something was done on ``channel`` with this kind of device in the hour (UTC) that begins ``at``."""

    at: datetime
    channel: str
    device: str


@dataclass(frozen=True)
class Person:
    """``device_zone``: the newest zone that a device reported, and when. ``token``: of the device seen last."""

    traits: Mapping[str, Any]
    device_zone: tuple[datetime, str] | None
    token: str
    names: frozenset[Identifier]
    uses: tuple[Use, ...]

    def zone(self, shop: Shop, now: datetime) -> ZoneInfo:
        """The trait, else the newest device's within 90 days, else the shop's (docs/definitions.md#time-zone)."""
        for name in ("time_zone", "timezone"):
            zone = _zone(self.traits.get(name))
            if zone is not None:
                return zone
        if self.device_zone is not None:
            seen_at, said = self.device_zone
            zone = _zone(said)
            if zone is not None and now - seen_at < DEVICE_ZONE_GOOD_FOR:
                return zone
        return ZoneInfo(shop.time_zone)

    def address(self, channel: str, members: frozenset[str], keys: Callable[[Identifier], str]) -> Identifier | None:
        """On e-mail or SMS: the trait, if it is a possible address, else the first of the customer's identifiers.

        ``members`` are the partition keys of the customer: a name that an event carries is the customer's if its key
        is one of them.
        """
        kind = IdentifierType.EMAIL if channel == "email" else IdentifierType.PHONE
        said = self.traits.get("email" if channel == "email" else "phone")
        if isinstance(said, str):
            try:
                return identifier(kind, said, _international)
            except InvalidIdentifier:
                pass
        known = sorted(one.value for one in self.names if one.type is kind and keys(one) in members)
        return Identifier(kind, known[0]) if known else None


def person_of(events: Sequence[Event]) -> Person:
    """``events`` in the order of time."""
    zones = [(one.time, said) for one in events if (said := values.text(one.context.get("timezone"), 64))]
    tokens = [(one.time, said) for one in events if (said := values.text(_device(one).get("token"), 1_024))]
    names = {name for one in events for name in (*one.identifiers, *((one.alias_of,) if one.alias_of else ()))}
    return Person(
        traits=_traits(events),
        device_zone=zones[-1] if zones else None,
        token=max(tokens)[1] if tokens else "",
        names=frozenset(names),
        uses=tuple(_use(one) for one in events if one.channel not in OURS and one.context.get("active") is not False),
    )


def _traits(events: Sequence[Event]) -> dict[str, Any]:
    """The latest word of a trusted source, else the latest of a public one; null unsets it."""
    words: dict[str, list[tuple[Any, ...]]] = {}
    for one in events:
        for name, value in one.traits.items():
            if len(name) <= LONGEST_NAME and values.trait_fits(value):
                words.setdefault(name, []).append((one.trusted, one.time, one.id, canonical(value), value))
    latest = {name: max(said, key=lambda word: word[:4])[4] for name, said in words.items()}
    return {name: value for name, value in latest.items() if value is not None}


def _use(event: Event) -> Use:
    hour = event.time.replace(minute=0, second=0, microsecond=0)
    return Use(hour, event.channel, values.text(_device(event).get("type"), 20).lower())


def _device(event: Event) -> Mapping[str, Any]:
    device = event.context.get("device")
    return device if isinstance(device, Mapping) else {}


def _international(written: str) -> str | None:
    """A number that says its country; any other would need the tables of all numbering plans (ingest has them)."""
    digits = "".join(sign for sign in written.strip() if sign not in " -().\u00a0")
    return digits if digits[:1] == "+" and digits[1:].isdecimal() and digits.isascii() else None


def _zone(said: Any) -> ZoneInfo | None:
    """None for what is no zone."""
    if not isinstance(said, str) or not said or len(said) > 64 or said.startswith(("/", ".")):
        return None
    try:
        return ZoneInfo(said)
    except (KeyError, ValueError, OSError):
        return None
