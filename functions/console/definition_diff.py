"""The difference between two versions of a definition, as people read it: sentences with the changed words marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from pydantic import ValidationError

from functions.console.texts import text
from shared.adapters.yaml_text import written
from shared.domain.definitions.difference import Difference
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe import describe_journey
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.describe import describe_segment
from shared.domain.segments.phrases import Language
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.describe import describe_canned, describe_routing, describe_team
from shared.domain.service.routing import RoutingDefinition
from shared.domain.service.team import TeamDefinition

LANGUAGES: tuple[Language, ...] = ("tr", "en")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are in both versions, were taken out, or were put in."""

    what: Literal["same", "out", "in"]
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One changed definition. ``sentences``: by language; ``lines``: of the YAML, those that changed and two around
    each; ``parts``: of a template, which texts changed."""

    key: str
    kind: str
    name: str
    label: Mapping[str, str]
    change: Literal["new", "changed", "removed"]
    sentences: Mapping[str, Sequence[Piece]]
    lines: Sequence[Piece]
    parts: Sequence[str]


def shown(difference: Difference) -> Shown:
    """For a page; nothing of it is escaped yet."""
    before, after = difference.before, difference.after
    of_template = difference.kind == "template"
    there = after if after is not None else before
    label = there.get("label") if isinstance(there.get("label"), Mapping) else {}
    return Shown(
        difference.key,
        difference.kind,
        difference.name,
        label or {},
        "new" if before is None else "removed" if after is None else "changed",
        {} if of_template else _sentences(difference),
        () if of_template else tuple(_lines(before, after)),
        tuple(_parts(before, after)) if of_template and before and after else (),
    )


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Word by word, neighbours of one kind together.

    >>> [(piece.what, piece.text) for piece in words("after 24 hours", "after 48 hours")]
    [('same', 'after'), ('out', '24'), ('in', '48'), ('same', 'hours')]
    """
    return tuple(_compared(before.split(), after.split(), " "))


def _sentences(difference: Difference) -> dict[str, tuple[Piece, ...]]:
    found: dict[str, tuple[Piece, ...]] = {}
    for language in LANGUAGES:
        old, new = (sentence_of(difference.kind, one, language) for one in (difference.before, difference.after))
        if old or new:
            found[language] = words(old, new)
    return found


def sentence_of(kind: str, content: Any, language: Language) -> str:
    """A definition that can be said as a sentence; empty for others, and for one that this version cannot read."""
    try:
        match kind:
            case "segment" if content is not None:
                return describe_segment(SegmentDefinition.model_validate(content), language)
            case "journey" if content is not None:
                return describe_journey(JourneyDefinition.model_validate(content), language)
            case "team" if content is not None:
                return describe_team(TeamDefinition.model_validate(content), language)
            case "routing" if content is not None:
                return describe_routing(RoutingDefinition.model_validate(content), language)
            case "canned_answer" if content is not None:
                return describe_canned(CannedAnswerDefinition.model_validate(content), language)
    except ValidationError:
        return ""
    return ""


def _lines(before: Any, after: Any) -> Iterator[Piece]:
    old, new = ([] if one is None else written(one).splitlines() for one in (before, after))
    pieces = list(_compared(old, new, "\n"))
    for place, piece in enumerate(pieces):
        lines = piece.text.split("\n")
        if piece.what == "same" and len(lines) > 5:
            head = [] if place == 0 else lines[:2]
            tail = [] if place == len(pieces) - 1 else lines[-2:]
            yield Piece("same", "\n".join([*head, "…", *tail]))
        else:
            yield piece


def _compared(old: Sequence[str], new: Sequence[str], between: str) -> Iterator[Piece]:
    for what, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Piece("same", between.join(old[start:end]))
            continue
        if end > start:
            yield Piece("out", between.join(old[start:end]))
        if new_end > new_start:
            yield Piece("in", between.join(new[new_start:new_end]))


def _parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """``subject.tr``: which texts of a template differ."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from (f"{name}.{inner}" for inner in sorted({*old, *new}) if old.get(inner) != new.get(inner))
        elif old != new:
            yield name


def kind_and_name(key: str, language: str) -> str:
    """``segment/at-risk`` as people say it."""
    kind, _, name = key.partition("/")
    said = text(f"kind.{kind}", language)
    return said if kind == "shop" else f"{said} {name}"
