"""What may be wrong with teams and routing rules beside the other definitions, and with the texts of canned answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from shared.domain.definitions.problems import Problem
from shared.domain.service.canned_answer import NAMES, CannedAnswerDefinition
from shared.domain.service.routing import RoutingDefinition
from shared.domain.service.team import TeamDefinition

OPENS = frozenset({"opens", "shop.name", "shop.contact"})
"""What the answer outside the hours may name."""


class Liquid(Protocol):
    """Reads a text: why it is no Liquid, and which names it takes."""

    def check(self, source: str) -> str | None: ...

    def names(self, source: str) -> set[str]: ...


def service_problems(
    files: Mapping[str, str],
    teams: Mapping[str, TeamDefinition],
    routing: Mapping[str, RoutingDefinition],
    segments: Collection[str],
) -> Iterator[Problem]:
    """``files``: where each definition stands, by its key such as ``team/returns``."""
    defaults = sorted(name for name, team in teams.items() if team.default)
    for name in defaults[1:]:
        remedy = f"leave default: true with {defaults[0]}, or with this one"
        yield Problem(files[f"team/{name}"], "default", "two teams are the default one", remedy)
    for name, team in teams.items():
        wanted = team.escalate.team if team.escalate is not None else None
        if wanted is not None and wanted not in teams:
            yield _unknown(files[f"team/{name}"], "escalate.team", "team", wanted, teams)
    for name, rule in routing.items():
        file = files[f"routing/{name}"]
        if rule.set.team is not None and rule.set.team not in teams:
            yield _unknown(file, "set.team", "team", rule.set.team, teams)
        for segment in rule.when.segments:
            if segment not in segments:
                yield _unknown(file, "when.segments", "segment", segment, segments)


def text_problems(
    teams: Mapping[str, TeamDefinition], answers: Mapping[str, CannedAnswerDefinition], liquid: Liquid
) -> Iterator[Problem]:
    """Texts that are no Liquid, or name what nobody knows: an agent would send a hole. The file is the key."""
    for name, answer in answers.items():
        for language, text in answer.text.items():
            yield from _text_problems(f"canned_answer/{name}", f"text.{language}", text, NAMES, liquid)
        for place, value in enumerate(answer.whatsapp.values if answer.whatsapp is not None else ()):
            yield from _text_problems(f"canned_answer/{name}", f"whatsapp.values[{place}]", value, NAMES, liquid)
    for name, team in teams.items():
        said = team.outside_hours.text if team.outside_hours is not None else {}
        for language, text in said.items():
            yield from _text_problems(f"team/{name}", f"outside_hours.text.{language}", text, OPENS, liquid)


def _text_problems(file: str, path: str, text: str, known: Collection[str], liquid: Liquid) -> Iterator[Problem]:
    broken = liquid.check(text)
    if broken is not None:
        yield Problem(file, path, f"the text is no Liquid: {broken}", "correct the part in {{ }} or {% %}")
    for name in sorted(liquid.names(text) - set(known)):
        yield Problem(file, path, f"nobody knows {name!r} here", f"write one of {', '.join(sorted(known))}")


def _unknown(file: str, path: str, kind: str, name: str, known: Collection[str]) -> Problem:
    there = ", ".join(sorted(known)[:10]) or "none yet"
    return Problem(file, path, f"there is no {kind} {name!r}", f"write one of those there are ({there}), or add it")
