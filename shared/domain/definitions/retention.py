"""How long people are kept of whom nothing is heard any more (docs/privacy.md#retention)."""

from pydantic import BaseModel, ConfigDict, Field


class Retention(BaseModel):
    """``customers_days``: who bought or agreed to something, after his last sign of life. ``prospects_days``: who never
    did. ``carry_out``: whether they are erased; else they are only counted. ``per_day``: how many erasures begin on a
    day at most."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    customers_days: int = Field(default=1_825, ge=90, le=36_500)
    prospects_days: int = Field(default=365, ge=30, le=36_500)
    carry_out: bool = False
    per_day: int = Field(default=500, ge=1, le=100_000)
