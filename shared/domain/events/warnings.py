"""What of an accepted event cannot be used: told to the sender, who would not learn of it otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.domain.events.amounts import read_amount
from shared.domain.events.event import Event, EventType
from shared.domain.facts.values import MAX_PRODUCTS
from shared.domain.identity.identifiers import IdentifierType

WarningCode = Literal[
    "not_an_address", "missing", "ambiguous_amount", "not_an_amount", "negative_amount", "not_a_list", "too_many",
    "not_an_object",
]  # fmt: skip
"""What is counted of a warning; docs/api.md explains each."""
AMOUNTS = ("total", "subtotal", "revenue", "value", "shipping", "tax", "discount", "amount", "price", "old_price")
MOST = 20
"""Told of one event; a list of two hundred broken prices is said well enough by its first."""
_ADDRESSES = {"email": IdentifierType.EMAIL, "phone": IdentifierType.PHONE}
_NO_ADDRESS = {"email": "is not an e-mail address", "phone": "is not a phone number; write it as +905551112233"}
_NO_AMOUNT: dict[str, tuple[str, WarningCode]] = {
    "two_ways": ("can be read in two ways; write 1299 or 1.30, without a sign for thousands", "ambiguous_amount"),
    "no_amount": ("is not an amount; write it as 1299.90", "not_an_amount"),
}


@dataclass(frozen=True, slots=True)
class FieldWarning:
    """``field``: its place in the event (``properties.products.0.price``). ``reason``: never repeats the value."""

    field: str
    reason: str
    code: WarningCode


def warnings_of(event: Event) -> tuple[FieldWarning, ...]:
    """The first of what cannot be used, in the order of the event."""
    found: list[FieldWarning] = []
    for one in _all(event):
        found.append(one)
        if len(found) == MOST:
            break
    return tuple(found)


def _all(event: Event) -> Iterator[FieldWarning]:
    for name, kind in _ADDRESSES.items():
        if event.traits.get(name) not in (None, "") and all(known.type is not kind for known in event.identifiers):
            yield FieldWarning(f"traits.{name}", _NO_ADDRESS[name], "not_an_address")
    if event.type is not EventType.TRACK:
        return
    said = event.properties
    if event.name.startswith("Order ") and said.get("order_id") in (None, ""):
        yield FieldWarning("properties.order_id", "is missing; later events cannot speak of this order", "missing")
    yield from _amounts("properties", said)
    listed = said.get("products")
    if listed is None:
        return
    if not isinstance(listed, list):
        yield FieldWarning("properties.products", "is not a list", "not_a_list")
        return
    if len(listed) > MAX_PRODUCTS:
        yield FieldWarning(
            "properties.products", f"holds more than {MAX_PRODUCTS} products; the rest is left out", "too_many"
        )
    for place, product in enumerate(listed[:MAX_PRODUCTS]):
        if isinstance(product, Mapping):
            yield from _amounts(f"properties.products.{place}", product)
        else:
            yield FieldWarning(f"properties.products.{place}", "is not an object", "not_an_object")


def _amounts(path: str, said: Mapping[str, Any]) -> Iterator[FieldWarning]:
    for name in AMOUNTS:
        value = said.get(name)
        if value is None or value == "":
            continue
        read = read_amount(value)
        if isinstance(read, str):
            yield FieldWarning(f"{path}.{name}", *_NO_AMOUNT[read])
        elif read < 0:
            yield FieldWarning(
                f"{path}.{name}", "is negative; send what is given back as Order Refunded", "negative_amount"
            )
