"""A journey as sentences, in Turkish and in English: what a marketer reads before it is published."""

from __future__ import annotations

from typing import assert_never

from shared.domain.definitions.text_comparison import turkish_sentence
from shared.domain.journeys.definition import (
    DateStart,
    EnteredStart,
    EventStart,
    JourneyDefinition,
    LeftStart,
    WhenStart,
)
from shared.domain.journeys.describe_condition import Language, describe_condition
from shared.domain.journeys.describe_step import describe_steps
from shared.domain.messages.request import PRIORITY
from shared.domain.segments.describe_value import describe_where
from shared.domain.time.durations import describe_duration

__all__ = ["Language", "describe_condition", "describe_journey", "describe_start"]


def describe_journey(journey: JourneyDefinition, language: Language) -> str:
    """Every part of the definition, in its order, as sentences."""
    name = journey.label.get(language, journey.journey)
    turkish = language == "tr"
    parts = [f"{name}: {describe_start(journey, language)}"]
    if journey.one_per is not None:
        parts.append(
            f"Her {journey.one_per} için bir kez başlar." if turkish else f"It begins once for each {journey.one_per}."
        )
    parts += describe_steps(journey.steps, language)
    if journey.stop_when is not None:
        stop = describe_condition(journey.stop_when, language)
        parts.append(f"{turkish_sentence(stop)} ise durur." if turkish else f"It stops if {stop}.")
    if journey.clock.from_ == "last_cart_change":
        parts.append(
            "Süre sepetin son değişikliğinden sayılır, ilk gönderimden sonra sabit kalır."
            if turkish
            else "Time counts from the last change of the cart, and from the first message on it stays as it is."
        )
    if journey.reenter is not None:
        again = describe_duration(journey.reenter.after, language)
        parts.append(
            f"Mesaj gönderilmişse en erken {again} sonra yeniden başlar."
            if turkish
            else f"If something was sent, it begins again after {again} at the earliest."
        )
    if journey.goal is not None:
        within = describe_duration(journey.goal.ordered.within, language)
        parts.append(f"Hedef: {within} içinde sipariş." if turkish else f"Goal: an order within {within}.")
    return " ".join(parts + _beside_others(journey, language))


def describe_start(journey: JourneyDefinition, language: Language) -> str:
    """What begins a journey, as the rest of a sentence."""
    start = journey.start
    turkish = language == "tr"
    condition = "" if start.if_ is None else describe_condition(start.if_, language)
    match start:
        case WhenStart():
            what = "sepet değişince" if turkish else "begins when the cart changes"
        case EventStart():
            where = "" if start.where is None else f" ({describe_where(start.where, language)})"
            what = f"{start.event}{where} olunca" if turkish else f"begins with {start.event}{where}"
        case EnteredStart():
            what = (
                f"{start.entered} segmentine girince" if turkish else f"begins on entering the segment {start.entered}"
            )
            if start.existing:
                what += " (içinde olanlar için de)" if turkish else " (for those who are in it already too)"
        case LeftStart():
            what = f"{start.left} segmentinden çıkınca" if turkish else f"begins on leaving the segment {start.left}"
        case DateStart():
            what = _date(start, language)
        case _:
            assert_never(start)
    if turkish:
        return f"{what}{f' ve {condition} ise' if condition else ''} başlar."
    return f"{what}{f', if {condition}' if condition else ''}."


def _date(start: DateStart, language: Language) -> str:
    at, before = f"{start.at:%H:%M}", "" if start.before is None else describe_duration(start.before, language)
    if language == "tr":
        day = f"{'her yıl ' if start.every == 'year' else ''}{start.date} "
        return f"{day}{f'gününden {before} önce' if before else 'gününde'} saat {at} olunca"
    day = f"the day of {start.date}{' each year' if start.every == 'year' else ''}"
    return f"begins {f'{before} before ' if before else 'on '}{day} at {at}"


def _beside_others(journey: JourneyDefinition, language: Language) -> list[str]:
    turkish = language == "tr"
    said = []
    if journey.priority != PRIORITY:
        said.append(f"Öncelik: {journey.priority}." if turkish else f"Priority: {journey.priority}.")
    if journey.group is not None:
        said.append(
            f"{journey.group} grubundan aynı anda yalnız biri sürer."
            if turkish
            else f"Of the group {journey.group} only one runs at a time."
        )
    return said
