"""The definitions of how customers are answered that were validated together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.definitions.shop import Strict
from shared.domain.segments.phrases import Language
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.describe import describe_canned, describe_routing, describe_team, holiday_notices
from shared.domain.service.routing import RoutingDefinition, in_order
from shared.domain.service.team import TeamDefinition

LANGUAGES: tuple[Language, ...] = ("tr", "en")


@dataclass(frozen=True, slots=True)
class Service:
    """Each by its name."""

    teams: Mapping[str, TeamDefinition] = field(default_factory=dict)
    routing: Mapping[str, RoutingDefinition] = field(default_factory=dict)
    canned_answers: Mapping[str, CannedAnswerDefinition] = field(default_factory=dict)

    def names(self, listed: str) -> list[str]:
        """Of one kind; ``listed`` is the word under which a release lists it."""
        return list(self._kinds()[listed])

    def documents(self) -> dict[str, list[dict[str, Any]]]:
        """As a release keeps them: JSON as a marketer would have written it."""
        return {
            listed: [one.model_dump(mode="json", by_alias=True, exclude_unset=True) for one in definitions.values()]
            for listed, definitions in self._kinds().items()
            if definitions
        }

    def sentences(self) -> list[str]:
        """Each definition in Turkish and English, rules in the order in which they are asked."""
        found = [describe_team(team, said) for team in self.teams.values() for said in LANGUAGES]
        found += [describe_routing(rule, said) for rule in in_order(self.routing.values()) for said in LANGUAGES]
        return found + [describe_canned(one, said) for one in self.canned_answers.values() for said in LANGUAGES]

    def notices(self) -> list[str]:
        """What is good to know before it is published, in both languages."""
        return holiday_notices(list(self.teams.values()))

    def _kinds(self) -> Mapping[str, Mapping[str, Strict]]:
        return {"teams": self.teams, "routing": self.routing, "canned_answers": self.canned_answers}
