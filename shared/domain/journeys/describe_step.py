"""The steps of a journey as sentences, in Turkish and in English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import assert_never

from shared.domain.definitions.text_comparison import turkish_sentence
from shared.domain.journeys.describe_condition import Language, describe_condition
from shared.domain.journeys.local_moments import WEEKDAYS, LocalMoment
from shared.domain.journeys.step_definition import (
    BranchStep,
    EndStep,
    HoldoutStep,
    NoteStep,
    PropertyMoment,
    SendStep,
    SetStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntil,
)
from shared.domain.segments.describe_value import describe_where
from shared.domain.time.durations import describe_duration

_CHANNELS = {
    "tr": {"preferred": "tercih ettiği kanal", "email": "e-posta", "sms": "SMS", "push": "bildirim"},
    "en": {"preferred": "the preferred channel", "email": "e-mail", "sms": "SMS", "push": "push"},
}
_DAYS = {
    "tr": ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def describe_steps(steps: Iterable[Step], language: Language) -> Iterator[str]:
    """One sentence for each step, what is inside of it in brackets."""
    for step in steps:
        yield _step(step, language)


def _step(step: Step, language: Language) -> str:
    turkish = language == "tr"
    match step:
        case SendStep():
            return _turkish_send(step) if turkish else _english_send(step)
        case WaitStep():
            return _wait(step, language)
        case WaitForStep():
            return _wait_for(step, language)
        case BranchStep():
            rule = step.branch
            then, otherwise = _inside(rule.then, language), _inside(rule.else_, language)
            condition = describe_condition(rule.if_, language)
            if turkish:
                return f"{turkish_sentence(condition)} ise: {then}; değilse: {otherwise}."
            return f"If {condition}: {then}; else: {otherwise}."
        case SplitStep():
            whole = sum(arm.weight for arm in step.split.values())
            arms = [
                f"{name} {_percent(arm.weight * 100 / whole, language)}: {_inside(arm.steps, language)}"
                for name, arm in step.split.items()
            ]
            return f"{'Müşteriler bölünür' if turkish else 'Customers are divided'}: {'; '.join(arms)}."
        case HoldoutStep():
            percent = _percent(step.holdout.percent, language)
            if turkish:
                return f"Müşterilerin {percent} kadarı karşılaştırma için ayrılır ve mesaj almaz."
            return f"{percent} of the customers are held out for comparison and get nothing."
        case SetStep():
            nothing = "boş" if turkish else "nothing"
            traits = ", ".join(f"{name} = {nothing if value is None else value}" for name, value in step.set.items())
            return f"Müşteriye yazılır: {traits}." if turkish else f"It sets {traits}."
        case NoteStep():
            return f'Zaman çizelgesine yazılır: "{step.note}".' if turkish else f'It notes "{step.note}".'
        case EndStep():
            return f"Burada biter: {step.end}." if turkish else f"It ends here: {step.end}."
        case _:
            assert_never(step)


def _inside(steps: tuple[Step, ...], language: Language) -> str:
    nothing = "bir şey yapılmaz" if language == "tr" else "nothing"
    return f"({' '.join(describe_steps(steps, language))})" if steps else nothing


def _percent(share: float, language: Language) -> str:
    return f"%{share:g}" if language == "tr" else f"{share:g}%"


def _wait(step: WaitStep, language: Language) -> str:
    turkish = language == "tr"
    if isinstance(step.wait, timedelta):
        waited = describe_duration(step.wait, language)
        return f"{waited} beklenir." if turkish else f"It waits {waited}."
    until = _until(step.wait, language)
    if not turkish:
        return f"It waits until {until}."
    named = isinstance(step.wait.until, PropertyMoment)  # begins with the name of a property
    return f"{until if named else turkish_sentence(until)} beklenir."


def _until(wait: WaitUntil, language: Language) -> str:
    turkish = language == "tr"
    match wait.until:
        case LocalMoment():
            days = [_DAYS[language][WEEKDAYS.index(day)] for day in wait.until.weekday or ()]
            named = (" ya da " if turkish else " or ").join(days)
            at = f"{wait.until.time:%H:%M}"
            if turkish:
                return f"{f'{named} günü ' if days else ''}müşterinin saati {at} olana kadar"
            return f"{at} of the customer's clock{f' on {named}' if days else ''}"
        case PropertyMoment():
            before = describe_duration(wait.until.before, language) if wait.until.before else ""
            if turkish:
                hours = (
                    " (gönderim saatleri dışındaysa saatlerin bitmesine bir saat kalana)" if wait.until.within else ""
                )
                return f"{wait.until.property} {f'anından {before} öncesine' if before else 'anına'}{hours} kadar"
            hours = " (outside the send hours an hour before they end)" if wait.until.within else ""
            return f"{f'{before} before ' if before else ''}{wait.until.property}{hours}"
        case _:
            if turkish:
                return "müşterinin etkin olduğu saate kadar"
            return "an hour in which the customer is usually active"


def _wait_for(step: WaitForStep, language: Language) -> str:
    rule = step.wait_for
    most = describe_duration(rule.at_most, language)
    where = "" if rule.where is None else f" ({describe_where(rule.where, language)})"
    if language == "tr":
        same = "" if rule.same is None else f"aynı {rule.same} için "
        otherwise = "gelmezse biter" if rule.otherwise == "end" else "gelmezse sürer"
        return f"En çok {most} {same}{rule.event}{where} beklenir, {otherwise}."
    same = "" if rule.same is None else f" of the same {rule.same}"
    otherwise = "ends" if rule.otherwise == "end" else "goes on"
    return f"It waits at most {most} for {rule.event}{where}{same}; without it, it {otherwise}."


def _turkish_send(step: SendStep) -> str:
    channels = [_CHANNELS["tr"][channel] for channel in step.channels]
    when = "Ardından" if step.at is None else f"{describe_duration(step.at, 'tr')} sonra"
    fresh = describe_duration(step.fresh_for, "tr")
    text = f"{when} {step.send} gönderilir ({', yoksa '.join(channels)}); {fresh} geçerse gönderilmez."
    if step.give is not None:
        percent = f" (%{step.give.percent})" if step.give.percent else ""
        text += f" {step.give.coupon} kodu{percent} verilir."
    if step.no_reaction is not None and len(channels) > 1:
        text += f" {describe_duration(step.no_reaction.after, 'tr')} içinde tepki yoksa sıradaki kanal denenir."
    if step.unless is not None:
        text += f" {turkish_sentence(describe_condition(step.unless, 'tr'))} ise atlanır."
    return text


def _english_send(step: SendStep) -> str:
    channels = [_CHANNELS["en"][channel] for channel in step.channels]
    when = "Then" if step.at is None else f"After {describe_duration(step.at, 'en')}"
    fresh = describe_duration(step.fresh_for, "en")
    text = f"{when} {step.send} is sent ({', else '.join(channels)}), unless it is {fresh} late."
    if step.give is not None:
        percent = f" ({step.give.percent}% off)" if step.give.percent else ""
        text += f" It gives the code {step.give.coupon}{percent}."
    if step.no_reaction is not None and len(channels) > 1:
        text += f" Without a reaction in {describe_duration(step.no_reaction.after, 'en')} the next channel is tried."
    if step.unless is not None:
        text += f" It is left out if {describe_condition(step.unless, 'en')}."
    return text
