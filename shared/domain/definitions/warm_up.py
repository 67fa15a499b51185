"""The daily volumes of a new sender, as the shop writes them."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class WarmUp(BaseModel):
    """``daily``: the volume of the first day, of the second, and so on; after the last there is no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    started: date
    daily: tuple[Annotated[int, Field(ge=1, le=100_000_000)], ...] = Field(min_length=1, max_length=90)
