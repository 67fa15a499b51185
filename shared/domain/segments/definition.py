"""Segments as marketers write them: a tagged union of small nodes (docs/segments.md).

Each node says in its docstring what it means; the evaluator and the brute force that checks it are both written from
these words. The nodes are in ``counting_rules`` and ``state_rules``; those that combine them are here.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from shared.domain.definitions.shop import Strict
from shared.domain.segments.counting_rules import Active, Clicks, Event, Opens, Orders, Overdue, Received
from shared.domain.segments.state_rules import Anniversary, CartIs, HasConsent, Reachable, TraitIs

NAME = r"^[a-z][a-z0-9-]{0,47}$"

MAX_DEPTH = 12
"""Nodes inside nodes."""


class InSegment(Strict):
    """Member of another segment of the same release, as its rule is at this moment; circles are refused."""

    in_segment: str = Field(pattern=NAME)


class All(Strict):
    all: "tuple[Node, ...]" = Field(min_length=1)


class AnyOf(Strict):
    any: "tuple[Node, ...]" = Field(min_length=1)


class Not(Strict):
    not_: "Node" = Field(alias="not")


Leaf = (
    Orders
    | Event
    | TraitIs
    | Received
    | Opens
    | Clicks
    | HasConsent
    | Reachable
    | Active
    | Anniversary
    | CartIs
    | Overdue
    | InSegment
)
"""The nodes that ask something of the customer."""

LEAVES: Mapping[str, type[Strict]] = {
    "orders": Orders,
    "event": Event,
    "trait": TraitIs,
    "received": Received,
    "opens": Opens,
    "clicks": Clicks,
    "consent": HasConsent,
    "reachable": Reachable,
    "active": Active,
    "anniversary": Anniversary,
    "cart": CartIs,
    "overdue": Overdue,
    "in_segment": InSegment,
}
"""By the only word that a node begins with. A new one is added here, to ``Leaf`` and ``Node``, to ``evaluate``, to
``evidence``, to both languages of ``describe``, and to ``oracle``."""

NODES: Mapping[str, type[Strict]] = {**LEAVES, "all": All, "any": AnyOf, "not": Not}


def _tag(value: Any) -> str | None:
    """A node is named by its only key; the tag is in angle brackets, so that the path of an error leaves it out."""
    if isinstance(value, Mapping):
        return next((f"<{name}>" for name in value if name in NODES), None)
    return next((f"<{name}>" for name, kind in NODES.items() if isinstance(value, kind)), None)


Node = Annotated[
    Annotated[Orders, Tag("<orders>")]
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
    | Annotated[All, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Not, Tag("<not>")],
    Discriminator(
        _tag,
        custom_error_type="unknown_rule",
        custom_error_message=f"write one of {', '.join(NODES)} here",
    ),
]


class SegmentDefinition(Strict):
    """One segment. ``aliases`` are further labels for the same rule, never a second rule."""

    segment: str = Field(pattern=NAME)
    label: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    who: Node

    @model_validator(mode="after")
    def _shallow(self) -> Self:
        if _depth(self.who) > MAX_DEPTH:
            raise ValueError(f"nodes are nested deeper than {MAX_DEPTH}; make a segment of a part and use in_segment")
        return self


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside a node."""
    match node:
        case All():
            return node.all
        case AnyOf():
            return node.any
        case Not():
            return (node.not_,)
        case _:
            return ()


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Every node below that asks something, in the order of writing."""
    parts = parts_of(node)
    if isinstance(node, Leaf):
        yield node
    for part in parts:
        yield from leaves_of(part)


def _depth(node: Node) -> int:
    return 1 + max((_depth(part) for part in parts_of(node)), default=0)
