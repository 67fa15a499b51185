"""Why a customer is in a segment or not: every node with its sentence, its value, how long it holds and what is behind.

For members and for everybody else, for published definitions and for drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.identity.keys import time_text
from shared.domain.segments.definition import All, AnyOf, InSegment, Node, Not, SegmentDefinition, parts_of
from shared.domain.segments.describe import Language, describe_rule, describe_segment
from shared.domain.segments.evaluate import evaluate_node, evaluate_segment
from shared.domain.segments.evidence import evidence_of
from shared.domain.segments.flips import Flip, flips
from shared.domain.segments.subject import Subject

LOOK_AHEAD = timedelta(days=400)
"""Far enough for every yearly return."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One node. ``facts``: what was found of the customer that decides it, as JSON; ``node``: its word."""

    node: str
    sentence: str
    value: bool
    valid_until: datetime | None
    facts: Mapping[str, Any]
    parts: tuple[Explained, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """``since``: since when the customer is a member, as decided. ``next_flip``: when that turns with time alone."""

    segment: str
    sentence: str
    member: bool
    since: datetime | None
    next_flip: Flip | None
    summary: str
    rule: Explained


def explain(definition: SegmentDefinition, subject: Subject, now: datetime, language: Language) -> Explanation:
    """Explains the whole rule at ``now``."""
    member = evaluate_segment(definition, subject, now).value
    turn = next(flips(definition, subject, now, now + LOOK_AHEAD), None)
    since = subject.profile.segments.get(definition.segment) if member else None
    return Explanation(
        definition.segment,
        describe_segment(definition, language),
        member,
        since,
        turn,
        _summary(member, since, turn, language),
        explain_node(definition.who, subject, now, language),
    )


def explain_node(node: Node, subject: Subject, now: datetime, language: Language) -> Explained:
    """Explains one node and all that is inside it. For ``in_segment`` it explains the rule of the other segment."""
    truth = evaluate_node(node, subject, now)
    inside = parts_of(node)
    if isinstance(node, InSegment) and node.in_segment in subject.segments:
        inside = (subject.segments[node.in_segment].who,)
    return Explained(
        _word(node),
        describe_rule(node, language),
        truth.value,
        truth.valid_until,
        {} if isinstance(node, All | AnyOf | Not) else evidence_of(node, subject, now),
        tuple(explain_node(part, subject, now, language) for part in inside),
    )


def explanation_json(found: Explanation) -> dict[str, Any]:
    turn = found.next_flip
    return {
        "segment": found.segment,
        "sentence": found.sentence,
        "member": found.member,
        "since": None if found.since is None else time_text(found.since),
        "valid_until": None if turn is None else time_text(turn.at),
        "leaves_at": time_text(turn.at) if turn is not None and not turn.enters else None,
        "enters_at": time_text(turn.at) if turn is not None and turn.enters else None,
        "summary": found.summary,
        "rule": _node_json(found.rule),
    }


def _node_json(found: Explained) -> dict[str, Any]:
    return {
        "node": found.node,
        "sentence": found.sentence,
        "value": found.value,
        "valid_until": None if found.valid_until is None else time_text(found.valid_until),
        "facts": dict(found.facts),
        "parts": [_node_json(part) for part in found.parts],
    }


def _word(node: Node) -> str:
    return next(iter(type(node).model_fields)).rstrip("_")


def _summary(member: bool, since: datetime | None, turn: Flip | None, language: Language) -> str:
    if language == "tr":
        state = f"{_when(since)} tarihinden beri segmentte" if since else "Segmentte" if member else "Segmentte değil"
        word = "girecek" if turn is not None and turn.enters else "çıkacak"
        ahead = f"başka bir şey olmazsa {_when(turn.at)} tarihinde {word}" if turn else "zamanla değişmeyecek"
        return f"{state}; {ahead}."
    state = f"In since {_when(since)}" if since else "In" if member else "Not in"
    word = "enters" if turn is not None and turn.enters else "leaves"
    ahead = f"{word} at {_when(turn.at)} unless something happens" if turn else "time alone will not change that"
    return f"{state}; {ahead}."


def _when(at: datetime | None) -> str:
    return "" if at is None else f"{time_text(at)[:19].replace('T', ' ')} UTC"
