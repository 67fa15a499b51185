"""What a shop says about its sign-up form: the texts that people agree to, and how many may sign up."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field


class ConsentText(BaseModel):
    """One version of a text, per language: ``{channels: [sms], tr: "...", en: "..."}``.

    ``channels``, ``purposes``: what the text asks for; everything if nothing is said. ``valid_from``: the first day of
    the shop on which forms may show it; at once if nothing is said.
    """

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)
    __pydantic_extra__: dict[str, str] = Field(init=False)

    channels: tuple[Literal["email", "sms"], ...] = ()
    purposes: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")], ...] = ()
    valid_from: date | None = None

    @property
    def texts(self) -> dict[str, str]:
        """By language."""
        return dict(self.model_extra or {})

    def asks_for(self, channel: str) -> bool:
        """Whether who agrees to this text agrees to messages by the channel."""
        return not self.channels or channel in self.channels

    def asks_for_purposes(self, purposes: Iterable[str]) -> bool:
        """Whether who agrees to this text agrees to messages for all of these purposes."""
        return not self.purposes or set(purposes) <= set(self.purposes)

    def valid(self, today: date) -> bool:
        return self.valid_from is None or self.valid_from <= today

    def joined(self, other: "ConsentText") -> Self:
        """The same version with the languages of both."""
        return self.model_copy(update=other.texts | self.texts)


class RewrittenText(Exception):
    """A version of a consent text says something else than it did in an earlier release; the version is in ``text``."""

    def __init__(self, text: str) -> None:
        super().__init__("a consent text says something else than before")
        self.text = text


def rewritten(before: Mapping[str, ConsentText], after: Mapping[str, ConsentText]) -> tuple[str, ...]:
    """The versions that say something else than they did when people agreed to them. A language more is no change."""

    def kept(version: str) -> bool:
        return before[version].texts.items() <= after[version].texts.items()

    return tuple(version for version in sorted(before.keys() & after.keys()) if not kept(version))


class SignUpLimits(BaseModel):
    """How often the form may be sent (docs/definitions.md#sign-up).

    ``per_visitor``: sign-ups an hour from one IPv4 address, behind which a carrier may have thousands of phones.
    ``per_hour``: sign-ups by one write key, whoever sends them. ``codes_per_hour``, ``codes_per_day``: text messages
    with a code, by one write key. The shop pays for each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    per_visitor: int = Field(default=60, ge=1, le=10_000)
    per_hour: int = Field(default=2_000, ge=1, le=1_000_000)
    codes_per_hour: int = Field(default=200, ge=0, le=100_000)
    codes_per_day: int = Field(default=500, ge=0, le=1_000_000)
