"""A journey as a sentence, in Turkish and in English: what a marketer reads before it is published."""

from __future__ import annotations

from typing import Literal, assert_never

from shared.domain.durations import say_duration
from shared.domain.journeys.conditions import AllOf, AnyOf, CartHas, Condition, Count, Not, Ordered
from shared.domain.journeys.language import EventStart, JourneyDefinition, SendStep, WhenStart

Language = Literal["tr", "en"]

_CHANNELS = {
    "tr": {"preferred": "tercih ettiği kanal", "email": "e-posta", "sms": "SMS", "push": "bildirim"},
    "en": {"preferred": "the preferred channel", "email": "e-mail", "sms": "SMS", "push": "push"},
}


def say_journey(journey: JourneyDefinition, language: Language) -> str:
    """Every part of the definition, in its order, as sentences."""
    name = journey.label.get(language, journey.journey)
    parts = [f"{name}: {_start(journey, language)}"]
    parts += [_step(step, language) for step in journey.steps]
    if journey.stop_when is not None:
        stop = say_condition(journey.stop_when, language)
        parts.append(f"{stop[0].upper()}{stop[1:]} ise durur." if language == "tr" else f"It stops if {stop}.")
    if journey.clock.from_ == "last_cart_change":
        parts.append(
            "Süre sepetin son değişikliğinden sayılır, ilk gönderimden sonra sabit kalır."
            if language == "tr"
            else "Time counts from the last change of the cart, and from the first message on it stays as it is."
        )
    if journey.reenter is not None:
        again = say_duration(journey.reenter.after, language)
        parts.append(
            f"Mesaj gönderilmişse en erken {again} sonra yeniden başlar."
            if language == "tr"
            else f"If something was sent, it begins again after {again} at the earliest."
        )
    if journey.goal is not None:
        within = say_duration(journey.goal.ordered.within, language)
        parts.append(f"Hedef: {within} içinde sipariş." if language == "tr" else f"Goal: an order within {within}.")
    return " ".join(parts)


def say_condition(condition: Condition, language: Language) -> str:
    """One condition as part of a sentence."""
    turkish = language == "tr"
    match condition:
        case Ordered():
            return "o zamandan beri herhangi bir kanalda sipariş verilmiş" if turkish else "anything was ordered since"
        case CartHas():
            count = condition.cart.items
            if count == Count(exactly=0):
                return "sepet boş" if turkish else "the cart is empty"
            items = _count(count, language)
            noun = "product" if items.endswith(" 1") else "products"
            return f"sepette {items} ürün var" if turkish else f"the cart holds {items} {noun}"
        case AnyOf():
            return (" veya " if turkish else " or ").join(say_condition(part, language) for part in condition.any)
        case AllOf():
            return (" ve " if turkish else " and ").join(say_condition(part, language) for part in condition.all)
        case Not():
            inner = say_condition(condition.not_, language)
            return f"şu doğru değil: {inner}" if turkish else f"it is not so that {inner}"
        case _:
            assert_never(condition)


def _start(journey: JourneyDefinition, language: Language) -> str:
    start = journey.start
    turkish = language == "tr"
    condition = "" if start.if_ is None else say_condition(start.if_, language)
    match start:
        case WhenStart():
            what = "sepet değişince" if turkish else "begins when the cart changes"
        case EventStart():
            what = f"{start.event} olunca" if turkish else f"begins with {start.event}"
        case _:
            assert_never(start)
    if turkish:
        return f"{what}{f' ve {condition} ise' if condition else ''} başlar."
    return f"{what}{f', if {condition}' if condition else ''}."


def _step(step: SendStep, language: Language) -> str:
    at, fresh = say_duration(step.at, language), say_duration(step.fresh_for, language)
    channels = [_CHANNELS[language][channel] for channel in step.channels]
    if language == "tr":
        text = f"{at} sonra {step.send} gönderilir ({', yoksa '.join(channels)}); {fresh} geçerse gönderilmez."
        if step.give is not None:
            percent = f" (%{step.give.percent})" if step.give.percent else ""
            text += f" {step.give.coupon} kodu{percent} verilir."
        if step.no_reaction is not None and len(channels) > 1:
            text += f" {say_duration(step.no_reaction.after, language)} içinde tepki yoksa sıradaki kanal denenir."
        if step.unless is not None:
            text += f" {say_condition(step.unless, language)} ise atlanır."
        return text
    text = f"After {at} {step.send} is sent ({', else '.join(channels)}), unless it is {fresh} late."
    if step.give is not None:
        percent = f" ({step.give.percent}% off)" if step.give.percent else ""
        text += f" It gives the code {step.give.coupon}{percent}."
    if step.no_reaction is not None and len(channels) > 1:
        text += f" Without a reaction in {say_duration(step.no_reaction.after, language)} the next channel is tried."
    if step.unless is not None:
        text += f" It is left out if {say_condition(step.unless, language)}."
    return text


def _count(count: Count, language: Language) -> str:
    words = {
        "exactly": ("tam", "exactly"),
        "at_least": ("en az", "at least"),
        "more_than": ("fazlası şundan:", "more than"),
        "at_most": ("en çok", "at most"),
        "less_than": ("azı şundan:", "less than"),
    }
    said = [
        f"{words[name][0 if language == 'tr' else 1]} {bound}"
        for name in words
        if (bound := getattr(count, name)) is not None
    ]
    return (" ve " if language == "tr" else " and ").join(said)
