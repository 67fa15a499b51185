"""``links:`` in ``definitions/shop.yaml``: what is followed, and which UTM parameters links to the shop get."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from shared.domain.consent.consent import ConsentChannel

NAMES = ("source", "medium", "campaign", "content", "term", "id")
PLACEHOLDERS = frozenset({"channel", "campaign", "step", "template", "language"})
_PLACE = re.compile(r"\{([^{}]*)\}")
_Value = Annotated[str, StringConstraints(max_length=100)]
Parameters = dict[str, _Value]


class LinkSettings(BaseModel):
    """How links of messages are followed.

    ``clicks``: whether links are followed, or the channels on which they are. An app that opens by links of the shop's
    own host does so only if these stand in the push message as they are.

    ``utm`` holds the parameters of all messages, by their name without ``utm_``; ``by_channel`` and ``by_campaign`` add
    to them and replace them for one channel, and for one journey or campaign by its name. A value may hold
    ``{channel}``, ``{campaign}`` (the name of the journey or campaign), ``{step}``, ``{template}`` and ``{language}``.
    An empty value leaves a parameter out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    opens: bool = True
    clicks: bool | tuple[ConsentChannel, ...] = True
    utm: Parameters = Field(
        default_factory=lambda: {
            "source": "kervan", "medium": "{channel}", "campaign": "{campaign}", "content": "{step}",
        }
    )  # fmt: skip
    by_channel: dict[str, Parameters] = Field(default_factory=dict)
    by_campaign: dict[str, Parameters] = Field(default_factory=dict)

    @field_validator("utm")
    @classmethod
    def _known(cls, given: Parameters) -> Parameters:
        return _checked(given)

    @field_validator("by_channel", "by_campaign")
    @classmethod
    def _each_known(cls, given: dict[str, Parameters]) -> dict[str, Parameters]:
        return {name: _checked(parameters) for name, parameters in given.items()}

    def follows(self, channel: str) -> bool:
        """Whether links of this channel's messages are followed.

        >>> LinkSettings(clicks=("email", "sms")).follows("push")
        False
        """
        return self.clicks if isinstance(self.clicks, bool) else channel in self.clicks

    def parameters(self, said: Mapping[str, str]) -> dict[str, str]:
        """The UTM parameters of one message; ``said`` gives the placeholders' values.

        >>> LinkSettings(by_channel={"sms": {"source": "sms"}}).parameters(
        ...     {"channel": "sms", "campaign": "spring", "step": ""})
        {'utm_source': 'sms', 'utm_medium': 'sms', 'utm_campaign': 'spring'}
        """
        chosen = {
            **self.utm,
            **self.by_channel.get(said.get("channel", ""), {}),
            **self.by_campaign.get(said.get("campaign", ""), {}),
        }
        values = tuple(said.items())
        filled = {name: _filled(text, values) for name, text in chosen.items()}
        return {f"utm_{name}": filled[name] for name in NAMES if filled.get(name)}


@lru_cache(maxsize=256)
def _filled(text: str, values: tuple[tuple[str, str], ...]) -> str:
    """The messages of a step have the same parameters."""
    said = dict(values)
    return _PLACE.sub(lambda found: said.get(found[1], ""), text)


def _checked(given: Parameters) -> Parameters:
    for name, value in given.items():
        if name not in NAMES:
            raise ValueError(f"{name} is no UTM parameter; there are {', '.join(NAMES)}")
        for place in _PLACE.findall(value):
            if place not in PLACEHOLDERS:
                raise ValueError(f"{{{place}}} is not known; there are {', '.join(sorted(PLACEHOLDERS))}")
    return given
