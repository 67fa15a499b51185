"""Segments as marketers write them: a tagged union of small nodes (design 4, "The language of definitions")."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from shared.domain.durations import Duration
from shared.domain.shop import Strict

NAME = r"^[a-z][a-z0-9-]{0,47}$"


class Recent(Strict):
    """How long ago: ``within`` is half-open, exactly so long ago is outside (settled meaning 2)."""

    within: Duration


class OrderRule(Strict):
    """Orders that count (``Shop.orders_ignore``), how many, and when. ``first`` and ``last`` ask when that one was."""

    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    exactly: int | None = Field(default=None, ge=0)
    more_than: int | None = Field(default=None, ge=0)
    within: Duration | None = None
    first: Recent | None = None
    last: Recent | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> OrderRule:
        bounds = (self.at_least, self.at_most, self.exactly, self.more_than)
        counts = any(bound is not None for bound in bounds)
        if not counts and self.first is None and self.last is None:
            raise ValueError(
                "say how many orders (at_least, at_most, exactly, more_than), or how recent the first or last"
            )
        if self.within is not None and not counts:
            raise ValueError("within needs a number of orders beside it, such as at_least: 1")
        return self

    def allows(self, count: int) -> bool:
        """Whether so many orders meet the bounds; no bound is always met."""
        return (
            (self.at_least is None or count >= self.at_least)
            and (self.at_most is None or count <= self.at_most)
            and (self.exactly is None or count == self.exactly)
            and (self.more_than is None or count > self.more_than)
        )


class Orders(Strict):
    orders: OrderRule


class All(Strict):
    all: tuple[Node, ...] = Field(min_length=1)


class AnyOf(Strict):
    any: tuple[Node, ...] = Field(min_length=1)


class Not(Strict):
    not_: Node = Field(alias="not")


_TAGS: dict[str, type[Strict]] = {"orders": Orders, "all": All, "any": AnyOf, "not": Not}


def _tag(value: Any) -> str | None:
    """A node is named by its only key."""
    if isinstance(value, dict):
        return next((name for name in value if name in _TAGS), None)
    return next((name for name, kind in _TAGS.items() if isinstance(value, kind)), None)


Node = Annotated[
    Annotated[Orders, Tag("orders")]
    | Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        _tag,
        custom_error_type="unknown_rule",
        custom_error_message=f"write one of {', '.join(_TAGS)} here",
    ),
]


class SegmentDefinition(Strict):
    """One segment. ``aliases`` are further labels for the same rule, never a second rule."""

    segment: str = Field(pattern=NAME)
    label: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    who: Node


All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
SegmentDefinition.model_rebuild()
