"""Whether the shops that report to one deployment keep their customers and their stock apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from shared.domain.connectors.connector import Connector


@dataclass(frozen=True, slots=True)
class Mixed:
    """What two shops would share. ``field``: what has to be written otherwise in the second of them."""

    connector: str
    field: str
    message: str
    remedy: str


def mixed_shops(connectors: Sequence[Connector]) -> list[Mixed]:
    """Pairs of shops whose customers of one number would be one person, or whose numbers of pieces would overwrite each
    other."""
    found: list[Mixed] = []
    for first, second in combinations(connectors, 2):
        found += _customers(first, second)
        found += _stock(first, second)
    return found


def _customers(first: Connector, second: Connector) -> Iterable[Mixed]:
    shared = first.customers_of == second.connector or second.customers_of == first.connector
    both = first.customers_of is not None and first.customers_of == second.customers_of
    if _same_numbers(first.user_prefix, second.user_prefix) and not shared and not both:
        yield Mixed(
            second.connector,
            "user_prefix",
            f"customers of one number would be one person with those of {first.connector}",
            f'write user_prefix: "{second.connector}-", or customers_of: {first.connector} if they are the same people',
        )


def _same_numbers(one: str, other: str) -> bool:
    """Whether a number behind one prefix can be a number behind the other: ``1`` and 23 is 123, as without a prefix."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (long == short or long[len(short) :].isdecimal())


def _stock(first: Connector, second: Connector) -> Iterable[Mixed]:
    for place in sorted(_places(first) & _places(second)):
        one_place = place in {first.location, second.location}
        yield Mixed(
            second.connector,
            "location" if one_place else "locations",
            f"the stock of {place} is that of {first.connector} too: each would overwrite the other's pieces",
            "write another location, or stock: false in one of the two",
        )


def _places(connector: Connector) -> set[str]:
    """The locations whose pieces a shop tells; those without a name of ours bear that of the connector."""
    if not connector.stock:
        return set()
    named = set(connector.locations.values())
    mapping = connector.mapping
    if connector.platform == "shopify" or (mapping is not None and not mapping.stock):
        return named if mapping is None else set()
    tells_one = mapping is None or any(rule.location is None for rule in mapping.stock)
    return named | ({connector.location} if tells_one else set())
