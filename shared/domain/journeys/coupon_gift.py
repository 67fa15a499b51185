"""What a step gives away."""

from datetime import timedelta

from pydantic import Field

from shared.domain.definitions.shop import Strict
from shared.domain.messages.request import Give
from shared.domain.time.durations import Duration


class GiveDefinition(Strict):
    """A code of the coupon, worth ``percent``, good for ``valid`` after the sending; a customer gets it once in
    ``once_per``."""

    coupon: str = Field(min_length=1, max_length=60)
    percent: int | None = Field(default=None, ge=1, le=100)
    valid: Duration | None = None
    once_per: Duration | None = None


def give_of(defined: GiveDefinition | None) -> Give | None:
    """What is handed over with a message, from what a step or a campaign says."""
    if defined is None:
        return None
    return Give(
        coupon=defined.coupon,
        percent=defined.percent,
        valid_ms=_milliseconds(defined.valid),
        once_per_ms=_milliseconds(defined.once_per),
    )


def _milliseconds(duration: timedelta | None) -> int | None:
    return None if not duration else duration // timedelta(milliseconds=1)
