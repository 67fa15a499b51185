"""What a step gives away."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, model_validator

from shared.domain.durations import Duration
from shared.domain.shop import Strict


class GiveDefinition(Strict):
    """A code of the coupon, worth ``percent``, good for ``valid`` after the sending; a customer gets it once in
    ``once_per``."""

    coupon: str = Field(min_length=1, max_length=60)
    percent: int | None = Field(default=None, ge=1, le=100)
    valid: Duration | None = None
    once_per: Duration | None = None

    @model_validator(mode="after")
    def _consistent(self) -> GiveDefinition:
        for name in ("valid", "once_per"):
            if getattr(self, name) is not None and getattr(self, name) <= timedelta():
                raise ValueError(f"{name} must be longer than 0m; write such as 72h, or leave it out")
        return self
