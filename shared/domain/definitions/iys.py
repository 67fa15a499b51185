"""The shop's account at IYS, Turkey's register of consent (docs/iys.md)."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.domain.iys.sources import SOURCES


class IysSettings(BaseModel):
    """``code`` and ``brand``: the numbers of the shop and of its brand. ``sources``: by source of events, how consent
    is given there, in IYS's words. ``requests_per_minute``: how often IYS is asked at most. ``questions``: of how many
    approved recipients each exchange asks whether they still are, besides reading the list of changes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    code: int = Field(ge=1, lt=10**12)
    brand: int = Field(ge=1, lt=10**12)
    sources: dict[str, str] = Field(default_factory=dict, max_length=100)
    requests_per_minute: int = Field(default=60, ge=1, le=6_000)
    questions: int = Field(default=100, ge=0, le=10_000)

    @property
    def account(self) -> str:
        """The account as records name it."""
        return f"{self.code}-{self.brand}"

    @field_validator("sources")
    @classmethod
    def _words(cls, sources: dict[str, str]) -> dict[str, str]:
        if not SOURCES.issuperset(sources.values()):
            raise ValueError(f"a source of IYS is one of {', '.join(sorted(SOURCES))}")
        return sources
