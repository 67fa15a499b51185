"""What a step gives away."""

from __future__ import annotations

from pydantic import Field

from shared.domain.definitions.shop import Strict
from shared.domain.time.durations import Duration


class GiveDefinition(Strict):
    """A code of the coupon, worth ``percent``, good for ``valid`` after the sending; a customer gets it once in
    ``once_per``."""

    coupon: str = Field(min_length=1, max_length=60)
    percent: int | None = Field(default=None, ge=1, le=100)
    valid: Duration | None = None
    once_per: Duration | None = None
