"""The conditions that journeys ask of a customer: one small node each, one function that answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, assert_never

from pydantic import Discriminator, Field, Tag, model_validator

from shared.domain.profile import Order, Profile
from shared.domain.shop import Strict


class Count(Strict):
    """How many: every bound that is given must hold."""

    exactly: int | None = Field(default=None, ge=0)
    at_least: int | None = Field(default=None, ge=0)
    more_than: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    less_than: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _some_bound(self) -> Count:
        if all(bound is None for bound in (self.exactly, self.at_least, self.more_than, self.at_most, self.less_than)):
            raise ValueError("say how many: exactly, at_least, more_than, at_most or less_than")
        return self

    def fits(self, number: int) -> bool:
        return (
            (self.exactly is None or number == self.exactly)
            and (self.at_least is None or number >= self.at_least)
            and (self.more_than is None or number > self.more_than)
            and (self.at_most is None or number <= self.at_most)
            and (self.less_than is None or number < self.less_than)
        )


class OrderedSince(Strict):
    since: Literal["clock"]


class Ordered(Strict):
    """Any order since then, on any channel, of any state: unpaid and cancelled ones too (settled meaning 6)."""

    ordered: OrderedSince


class CartCounts(Strict):
    items: Count


class CartHas(Strict):
    """The cart as it is now; ``items`` counts different products."""

    cart: CartCounts


class AnyOf(Strict):
    any: tuple[Condition, ...] = Field(min_length=1)


class AllOf(Strict):
    all: tuple[Condition, ...] = Field(min_length=1)


class Not(Strict):
    not_: Condition = Field(alias="not")


NODES: Mapping[str, type[Strict]] = {"ordered": Ordered, "cart": CartHas, "any": AnyOf, "all": AllOf, "not": Not}
"""By the word that begins them. A new node is added here, to ``Condition``, to ``evidence`` and to ``say``."""


def _word(value: Any) -> str | None:
    """The tag of a node: its word in angle brackets, so that a path of an error can leave it out again."""
    if isinstance(value, Mapping):
        return next((f"<{word}>" for word in NODES if word in value), None)
    return next((f"<{word}>" for word, node in NODES.items() if isinstance(value, node)), None)


Condition = Annotated[
    Annotated[Ordered, Tag("<ordered>")]
    | Annotated[CartHas, Tag("<cart>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[Not, Tag("<not>")],
    Discriminator(
        _word,
        custom_error_type="unknown_condition",
        custom_error_message=f"a condition begins with one of: {', '.join(NODES)}",
    ),
]

AnyOf.model_rebuild()
AllOf.model_rebuild()
Not.model_rebuild()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a condition holds: the word of the node, and the order if it was one."""

    word: str
    order: Order | None = None


def evidence(condition: Condition, profile: Profile, clock: datetime) -> Evidence | None:
    """None if the condition does not hold for this customer now, else what made it hold.

    ``clock`` is the clock of the run. An order at the same instant as the clock is since the clock.
    """
    match condition:
        case Ordered():
            since = next((order for order in profile.orders if order.at >= clock), None)
            return None if since is None else Evidence("ordered", since)
        case CartHas():
            return Evidence("cart") if condition.cart.items.fits(profile.cart.count) else None
        case AnyOf():
            return next((found for part in condition.any if (found := evidence(part, profile, clock))), None)
        case AllOf():
            parts = [evidence(part, profile, clock) for part in condition.all]
            return parts[0] if all(parts) else None
        case Not():
            return None if evidence(condition.not_, profile, clock) else Evidence("not")
        case _:
            assert_never(condition)


def nodes_of(condition: Condition | None) -> Iterator[Condition]:
    """The condition and all conditions inside it."""
    if condition is None:
        return
    yield condition
    match condition:
        case AnyOf():
            inner = condition.any
        case AllOf():
            inner = condition.all
        case Not():
            inner = (condition.not_,)
        case _:
            inner = ()
    for part in inner:
        yield from nodes_of(part)
