"""Bounds on numbers and amounts, as definitions write them: every bound that is given must hold."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from shared.domain.definitions.shop import Strict

_LARGEST = Decimal(10) ** 12


def _amount(value: Any) -> Any:
    """Numbers as they are written: 0.1 is a tenth, not the nearest binary fraction."""
    if isinstance(value, bool):
        raise ValueError("write a number here")
    return Decimal(str(value)) if isinstance(value, int | float) else value


def plain_number(amount: Decimal) -> int | float:
    """As definitions write it."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


Amount = Annotated[
    Decimal,
    Field(gt=-_LARGEST, lt=_LARGEST, allow_inf_nan=False),
    BeforeValidator(_amount),
    PlainSerializer(plain_number, return_type=float | int),
]
"""A number of a definition, exact."""


class CountBounds(Strict):
    """How many: whole numbers."""

    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    exactly: int | None = Field(default=None, ge=0)
    more_than: int | None = Field(default=None, ge=0)
    less_than: int | None = Field(default=None, ge=0)

    @property
    def counts(self) -> bool:
        """Whether any bound is given."""
        return self.largest is not None

    @property
    def largest(self) -> int | None:
        """The largest number that any bound names: what must be told apart is at most one more."""
        bounds = (self.at_least, self.at_most, self.exactly, self.more_than, self.less_than)
        return max((bound for bound in bounds if bound is not None), default=None)

    def allows(self, count: int) -> bool:
        """Whether so many meet the bounds; no bound is always met."""
        return (
            (self.at_least is None or count >= self.at_least)
            and (self.at_most is None or count <= self.at_most)
            and (self.exactly is None or count == self.exactly)
            and (self.more_than is None or count > self.more_than)
            and (self.less_than is None or count < self.less_than)
        )


class AmountBounds(Strict):
    """How much: any number, such as an amount of money or a trait."""

    at_least: Amount | None = None
    at_most: Amount | None = None
    exactly: Amount | None = None
    more_than: Amount | None = None
    less_than: Amount | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if not self.bounded:
            raise ValueError("say how much; write at_least, at_most, exactly, more_than or less_than")
        return self

    @property
    def bounded(self) -> bool:
        bounds = (self.at_least, self.at_most, self.exactly, self.more_than, self.less_than)
        return any(bound is not None for bound in bounds)

    def allows(self, amount: Decimal) -> bool:
        """Whether this amount meets every bound."""
        return (
            (self.at_least is None or amount >= self.at_least)
            and (self.at_most is None or amount <= self.at_most)
            and (self.exactly is None or amount == self.exactly)
            and (self.more_than is None or amount > self.more_than)
            and (self.less_than is None or amount < self.less_than)
        )
