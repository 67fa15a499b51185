"""A segment that is kept the same as a list at an advertising platform (docs/audiences.md)."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

AudienceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Number = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class Audience(BaseModel):
    """``list``: the number of the custom audience at Meta, or of the user list at Google. ``account``: Google's number
    of the account; Meta needs none."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    segment: str = Field(min_length=1, max_length=100)
    to: Literal["meta", "google"]
    list: Number
    account: Number | Literal[""] = ""

    @model_validator(mode="after")
    def _account(self) -> Self:
        if self.to == "google" and not self.account:
            raise ValueError("an audience at google has the account, as digits without dashes")
        return self
