"""Routing rules: who answers a new conversation, and how urgent it is. ``definitions/service/*.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import Field, StringConstraints

from shared.domain.conversations.conversation import MOST_TAGS, Channel, Conversation, InboundChannel, tagged
from shared.domain.definitions.shop import Strict
from shared.domain.profile.profile import Order, Profile
from shared.domain.profile.search_terms import folded
from shared.domain.service.team import Changes, Language, Name, Word

OPEN_FOR = timedelta(days=60)
"""An order is open until it is delivered, cancelled or given back, and for so long at most: not every shop tells of
deliveries."""
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
_BETWEEN = re.compile(r"[^\w]+")


class When(Strict):
    """Everything that is named must hold. Of a list, one is enough.

    ``words``: a word of the subject or the text begins so, whatever its case and accents: Turkish adds endings.
    ``open_order``: the customer has an order that was not delivered, cancelled or given back.
    """

    channels: tuple[InboundChannel, ...] = ()
    words: Annotated[tuple[Phrase, ...], Field(max_length=100)] = ()
    segments: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    languages: tuple[Language, ...] = ()
    open_order: bool | None = None


class RoutingDefinition(Strict):
    """``place``: rules are asked from the lowest to the highest place, of one place by name. A rule sets what none
    before it has set; tags add up. A rule without ``when`` holds for all."""

    routing: Name
    label: dict[Language, Word] = Field(default_factory=dict)
    place: int = Field(default=100, ge=0, le=10_000)
    when: When = When()
    set: Changes


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules ask about. ``language``: two letters; ``segments``: those that the customer is in."""

    channel: Channel
    words: str
    language: str
    segments: frozenset[str]
    open_order: bool


def in_order(rules: Iterable[RoutingDefinition]) -> tuple[RoutingDefinition, ...]:
    """As they are asked."""
    return tuple(sorted(rules, key=lambda rule: (rule.place, rule.routing)))


def asked_of(profile: Profile, channel: Channel, text: str, shop_language: str, now: datetime) -> Asked:
    """``text``: subject and text of the first message."""
    return Asked(
        channel,
        plain_words(text),
        language_said(profile.trait, profile.locale, shop_language),
        frozenset(profile.segments),
        any(is_open(order, now) for order in profile.orders),
    )


def language_said(trait: Any, locale: tuple[str, Any] | None, shop_language: str) -> str:
    """The customer's own word, else the newest locale of a device, else the shop's."""
    said = next((value for name in ("language", "locale") if isinstance(value := trait(name), str)), None)
    preferred = said or (locale[0] if locale else "") or shop_language
    return preferred.replace("_", "-").partition("-")[0].lower()


def plain_words(text: str) -> str:
    """Its words without case and accents, each after a blank.

    >>> plain_words("İADE etmek istiyorum!")
    ' iade etmek istiyorum'
    """
    return "".join(f" {word}" for word in _BETWEEN.split(folded(text)) if word)


def is_open(order: Order, now: datetime) -> bool:
    """Whether the customer still waits for the order."""
    ended = order.state != "completed" or order.returned or order.delivered_at is not None
    return not ended and now - order.at < OPEN_FOR


def holds(when: When, asked: Asked) -> bool:
    """Whether a rule is about this conversation."""
    words = [plain_words(word) for word in when.words]
    return (
        (not when.channels or asked.channel in when.channels)
        and (not words or any(word and word in asked.words for word in words))
        and (not when.segments or not asked.segments.isdisjoint(when.segments))
        and (not when.languages or asked.language in when.languages)
        and when.open_order in (None, asked.open_order)
    )


def routed(one: Conversation, rules: Iterable[RoutingDefinition], asked: Asked) -> Conversation:
    """A new conversation as the rules set it. What it has already stays."""
    given: dict[str, Any] = {}
    tags = one.tags
    for rule in in_order(rules):
        if holds(rule.when, asked):
            said = {name: getattr(rule.set, name) for name in ("team", "assignee", "priority")}
            given = {**{name: value for name, value in said.items() if value is not None}, **given}
            tags = tuple(dict.fromkeys((*tags, *rule.set.tags)))[:MOST_TAGS]
    return replace(tagged(one, tags), **given)
