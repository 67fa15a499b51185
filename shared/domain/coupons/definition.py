"""The definition of a coupon: ``definitions/coupons/*.yaml``.

A ``give`` that names a definition takes a code of its own for each message; any other ``give`` shows its name as the
one code that everybody gets.
"""

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from shared.domain.coupons.pattern import Pattern
from shared.domain.definitions.shop import Strict

CODE_LENGTH = 60
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)


class CouponDefinition(Strict):
    """Codes that were imported (``kervan coupons import``), or made from a pattern such as ``CART10-{8}``."""

    coupon: str
    label: dict[str, str] = Field(default_factory=dict)
    codes: Literal["imported"] | None = None
    pattern: str | None = None

    @field_validator("coupon")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not is_code(name):
            raise ValueError(f"{name!r} is not a possible name; use letters, digits, hyphens, such as CART10")
        return name

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.codes is None) == (self.pattern is None):
            raise ValueError('a coupon says where its codes come from; write codes: imported, or pattern: "CART10-{8}"')
        if self.pattern is not None:
            Pattern.parse(self.pattern)
        return self

    @property
    def made(self) -> Pattern | None:
        """The pattern, if codes are made from one; None if they are imported."""
        return None if self.pattern is None else Pattern.parse(self.pattern)


def is_code(text: str) -> bool:
    """True if this can be a code that a customer types in, and a part of a key."""
    return _CODE.fullmatch(text) is not None


def sample_code(coupon: str) -> str:
    """What a test and a preview show of a coupon that has codes of its own: a code of the pool would be a customer's.

    >>> sample_code("CART10")
    'CART10-TEST'
    """
    return f"{coupon}-TEST"
