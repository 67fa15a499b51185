"""The conditions that journeys ask of a customer: nodes of their own, and every node of the segment language."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.segments.counting_rules import Active, Clicks, Event, Opens, Orders, Overdue, Received, Recent
from shared.domain.segments.definition import LEAVES, InSegment, Leaf
from shared.domain.segments.state_rules import Anniversary, CartIs, HasConsent, Reachable, TraitIs
from shared.domain.time.durations import Duration

PropertyName = Annotated[str, Field(pattern=r"^[^.\x00-\x1f]{1,60}$")]
"""A property of the event that began the enrollment, at its top level."""
OrderStatus = Literal["completed", "cancelled", "fully_refunded"]
LOOKED = "Product Viewed"
LOOKS = 10
"""Looks that are told apart: facts know so many of the last different products."""
MAX_DEPTH = 12
"""Conditions inside conditions."""


class OrderedRule(Strict):
    since: Literal["clock"] | None = None
    within: Duration | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.since is None) == (self.within is None):
            raise ValueError("say since when; write since: clock, or within: 7d")
        return self


class Ordered(Strict):
    """Any order since then, on any channel, of any state: unpaid and cancelled ones too.

    ``since: clock`` includes an order at the very instant of the clock; ``within`` is half-open, as everywhere.
    """

    ordered: OrderedRule


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class SameOrderRule(Strict):
    same: PropertyName
    status: Annotated[tuple[OrderStatus, ...], Field(min_length=1), BeforeValidator(_listed)]


class SameOrder(Strict):
    """The order that the event of the start named is in one of these states now."""

    order: SameOrderRule


class OpenCaseRule(Strict):
    same: PropertyName | None = None


class OpenCase(Strict):
    """The customer has an open complaint, return or refund: any, or one about what the start named."""

    open_case: OpenCaseRule


class SameProductRule(Strict):
    same: PropertyName


class Bought(Strict):
    """An order since the clock of the enrollment holds the product that the event of the start named."""

    bought: SameProductRule


class InCart(Strict):
    """The product that the event of the start named is in the cart now."""

    in_cart: SameProductRule


class LookedAgain(Strict):
    """Within this time some product was looked at more than once. Asked when a look begins the enrollment, it is that
    product: with it there are more looks than different products for the first time. Of the newest ``LOOKS`` looks."""

    looked_again: Recent


class AnyOf(Strict):
    any: "tuple[Condition, ...]" = Field(min_length=1)


class AllOf(Strict):
    all: "tuple[Condition, ...]" = Field(min_length=1)


class Not(Strict):
    not_: "Condition" = Field(alias="not")


OWN: Mapping[str, type[Strict]] = {
    "ordered": Ordered,
    "order": SameOrder,
    "open_case": OpenCase,
    "bought": Bought,
    "in_cart": InCart,
    "looked_again": LookedAgain,
}
NODES: Mapping[str, type[Strict]] = {**OWN, **LEAVES, "any": AnyOf, "all": AllOf, "not": Not}
"""By the word that begins them. A new node is added here, to ``Condition``, to ``evidence`` and to
``describe_condition``."""


def _word(value: Any) -> str | None:
    """The tag of a node: its word in angle brackets, so that a path of an error can leave it out again."""
    if isinstance(value, Mapping):
        return next((f"<{word}>" for word in value if word in NODES), None)
    return next((f"<{word}>" for word, node in NODES.items() if isinstance(value, node)), None)


Condition = Annotated[
    Annotated[Ordered, Tag("<ordered>")]
    | Annotated[SameOrder, Tag("<order>")]
    | Annotated[OpenCase, Tag("<open_case>")]
    | Annotated[Bought, Tag("<bought>")]
    | Annotated[InCart, Tag("<in_cart>")]
    | Annotated[LookedAgain, Tag("<looked_again>")]
    | Annotated[Orders, Tag("<orders>")]
    | Annotated[Event, Tag("<event>")]
    | Annotated[TraitIs, Tag("<trait>")]
    | Annotated[Received, Tag("<received>")]
    | Annotated[Opens, Tag("<opens>")]
    | Annotated[Clicks, Tag("<clicks>")]
    | Annotated[HasConsent, Tag("<consent>")]
    | Annotated[Reachable, Tag("<reachable>")]
    | Annotated[Active, Tag("<active>")]
    | Annotated[Anniversary, Tag("<anniversary>")]
    | Annotated[CartIs, Tag("<cart>")]
    | Annotated[Overdue, Tag("<overdue>")]
    | Annotated[InSegment, Tag("<in_segment>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[Not, Tag("<not>")],
    Discriminator(
        _word,
        custom_error_type="unknown_condition",
        custom_error_message=f"that is no condition; begin it with one of {', '.join(NODES)}",
    ),
]


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly inside one."""
    match condition:
        case AnyOf():
            return condition.any
        case AllOf():
            return condition.all
        case Not():
            return (condition.not_,)
        case _:
            return ()


def nodes_of(condition: Condition | None) -> Iterator[Condition]:
    """The condition and all conditions inside it."""
    if condition is None:
        return
    yield condition
    for part in parts_of(condition):
        yield from nodes_of(part)


def leaves_of(condition: Condition | None) -> Iterator[Leaf]:
    """The nodes of the segment language inside a condition: what facts must keep for it."""
    for node in nodes_of(condition):
        if isinstance(node, Leaf):
            yield node


def same_of(condition: Condition | None) -> Iterator[str]:
    """The properties of the start's event that a condition asks about."""
    for node in nodes_of(condition):
        if isinstance(node, SameOrder):
            yield node.order.same
        elif isinstance(node, OpenCase) and node.open_case.same is not None:
            yield node.open_case.same
        elif isinstance(node, Bought):
            yield node.bought.same
        elif isinstance(node, InCart):
            yield node.in_cart.same


def depth_of(condition: Condition) -> int:
    return 1 + max((depth_of(part) for part in parts_of(condition)), default=0)
