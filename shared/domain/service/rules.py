"""Everything that a release says about answering customers, read for those who answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.routing import RoutingDefinition, in_order
from shared.domain.service.team import TeamDefinition
from shared.domain.templates.definition import choose_language


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """``shop``: its answers as they are published, such as ``name`` and ``contact``."""

    teams: Mapping[str, TeamDefinition] = field(default_factory=dict)
    routing: tuple[RoutingDefinition, ...] = ()
    canned_answers: Mapping[str, CannedAnswerDefinition] = field(default_factory=dict)
    shop: Mapping[str, Any] = field(default_factory=dict)

    @property
    def time_zone(self) -> str:
        """Of the shop."""
        return str(self.shop.get("time_zone", "Europe/Istanbul"))

    @property
    def languages(self) -> tuple[str, ...]:
        """Of the shop, the first before the others."""
        return tuple(self.shop.get("languages", ("tr", "en")))

    def team_of(self, name: str) -> TeamDefinition | None:
        """The team of a conversation, or the default one; None if there is neither."""
        found = self.teams.get(name) if name else None
        return found or next((team for team in self.teams.values() if team.default), None)

    def text_in(self, texts: Mapping[str, str], language: str) -> tuple[str, str]:
        """The text in the language, else in the next best that there is; and which that is."""
        chosen = choose_language(language, tuple(texts), self.languages) or next(iter(texts))
        return texts[chosen], chosen


NO_RULES = ServiceRules()
"""Before the first release."""


def read_rules(release: Mapping[str, Any]) -> ServiceRules:
    """Of a release as JSON; definitions are validated again. Raises ValidationError."""
    teams = [TeamDefinition.model_validate(one) for one in release.get("teams", ())]
    canned = [CannedAnswerDefinition.model_validate(one) for one in release.get("canned_answers", ())]
    return ServiceRules(
        teams={team.team: team for team in teams},
        routing=in_order(RoutingDefinition.model_validate(one) for one in release.get("routing", ())),
        canned_answers={one.canned_answer: one for one in canned},
        shop=release.get("shop", {}),
    )
