"""Teams, routing rules and canned answers as sentences, in Turkish and in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from shared.domain.segments.phrases import Language
from shared.domain.service.canned_answer import CannedAnswerDefinition
from shared.domain.service.opening_hours import DAYS, Spans, spans_text
from shared.domain.service.routing import RoutingDefinition, When
from shared.domain.service.team import Changes, TeamDefinition
from shared.domain.time.durations import describe_duration
from shared.domain.time.turkish_holidays import FIRST_YEAR, LAST_YEAR

_DAY_NAMES = {
    "tr": ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_PRIORITIES = {"low": "düşük", "normal": "normal", "high": "yüksek", "urgent": "acil"}
_CLOSED = {"tr": "kapalı", "en": "closed"}


def describe_team(team: TeamDefinition, language: Language) -> str:
    """Hours, promise, escalation, and what happens by itself."""
    turkish = language == "tr"
    parts = [_hours(team, language)]
    if team.default:
        parts.append("ekibi olmayan konuşmalar onundur" if turkish else "conversations without a team are its own")
    if team.answer is not None:
        parts += _promise(team, language)
    if team.escalate is not None:
        changed = _changes(team.escalate, language)
        parts.append(f"geç kalırsa {changed}" if turkish else f"when it is late: {changed}")
    if team.tell:
        to = ", ".join(team.tell)
        parts.append(f"süre dolarken {to} bilgilendirilir" if turkish else f"{to} is told when an answer is due")
    if team.outside_hours is not None:
        channels = ", ".join(team.outside_hours.channels)
        parts.append(
            f"saatler dışında kendiliğinden yanıt gider ({channels})"
            if turkish
            else f"outside the hours an answer goes out by itself ({channels})"
        )
    if team.satisfaction is not None:
        after = describe_duration(team.satisfaction.after, language)
        parts.append(
            f"kapandıktan {after} sonra memnuniyet sorulur" if turkish else f"{after} after the end it asks how it was"
        )
        if team.satisfaction.consent == "not_needed":
            parts.append("e-posta ve SMS için izin aranmaz" if turkish else "by e-mail and SMS without consent")
    return f"{team.label.get(language, team.team)}: {'; '.join(parts)}."


def describe_routing(rule: RoutingDefinition, language: Language) -> str:
    """The conditions, and what they give."""
    name = rule.label.get(language, rule.routing)
    asked, given = _conditions(rule.when, language), _changes(rule.set, language)
    if language == "tr":
        return f"{name} ({rule.place}. sırada): yeni bir konuşmada {asked or 'her zaman'}: {given}."
    return f"{name} (at place {rule.place}): a new conversation {asked or 'in any case'}: {given}."


def describe_canned(answer: CannedAnswerDefinition, language: Language) -> str:
    """Its languages and channels; the text is read in the file."""
    name, languages = answer.label.get(language, answer.canned_answer), ", ".join(sorted(answer.text))
    channels = ", ".join(answer.channels)
    if language == "tr":
        return f"{name}: hazır yanıt ({languages}), {channels or 'her kanalda'}."
    return f"{name}: a canned answer ({languages}) for {channels or 'every channel'}."


def holiday_notices(teams: Sequence[TeamDefinition]) -> list[str]:
    """What is known of the holidays that these teams keep, in both languages; nothing if none keeps any."""
    if not any(team.holidays == "turkey" for team in teams):
        return []
    first, last, after = FIRST_YEAR, LAST_YEAR, LAST_YEAR + 1
    turkish = f"Türkiye'nin dinî bayramları {first}-{last} yılları için bilinir; {after} yılından itibaren yalnız günü "
    turkish += "kanunda sabit olan tatiller sayılır. Eksik günleri days: altına yazın."
    english = f"The religious holidays of Turkey are known for {first} to {last}; from {after} on only the days that "
    return [turkish, english + "the law fixes count. Write missing ones under days:."]


def _hours(team: TeamDefinition, language: Language) -> str:
    week = "; ".join(f"{days} {_spans(spans, language)}" for days, spans in _grouped(team.hours, language))
    single = ", ".join(f"{day.isoformat()} {_spans(spans, language)}" for day, spans in sorted(team.days.items()))
    zone = f" ({team.time_zone})" if team.time_zone else ""
    if language == "tr":
        free = " resmî tatiller dışında" if team.holidays == "turkey" else ""
        return f"çalışma saatleri{free}: {week}{zone}" + (f"; {single}" if single else "")
    free = " but on public holidays of Turkey" if team.holidays == "turkey" else ""
    return f"works{free}: {week}{zone}" + (f"; {single}" if single else "")


def _spans(spans: Spans, language: Language) -> str:
    return spans_text(spans) if spans else _CLOSED[language]


def _grouped(week: Mapping[str, Spans], language: Language) -> list[tuple[str, Spans]]:
    """Neighbouring days of equal hours together."""
    names, runs = _DAY_NAMES[language], list[tuple[int, int, Spans]]()
    for place, day in enumerate(DAYS):
        spans = week.get(day, ())
        if runs and runs[-1][1] == place - 1 and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], place, spans)
        elif spans:
            runs.append((place, place, spans))
    return [(names[one] if one == last else f"{names[one]}-{names[last]}", spans) for one, last, spans in runs]


def _promise(team: TeamDefinition, language: Language) -> list[str]:
    answer = team.answer
    if answer is None:
        return []

    def said(span: timedelta) -> str:
        return describe_duration(span, language)

    turkish = language == "tr"
    parts = [
        f"ilk yanıt {said(answer.first)} içinde" if turkish else f"the first answer is due within {said(answer.first)}"
    ]
    if answer.next is not None:
        parts.append(f"sonraki {said(answer.next)} içinde" if turkish else f"a later one within {said(answer.next)}")
    if answer.warn_before is not None:
        early = said(answer.warn_before)
        parts.append(f"{early} önce uyarılır" if turkish else f"it is warned {early} before")
    return parts


def _changes(given: Changes, language: Language) -> str:
    turkish, said = language == "tr", []
    if given.team:
        said.append(f"{'ekip' if turkish else 'team'} {given.team}")
    if given.assignee:
        said.append(f"{'temsilci' if turkish else 'agent'} {given.assignee}")
    if given.priority:
        said.append(f"öncelik {_PRIORITIES[given.priority]}" if turkish else f"priority {given.priority}")
    if given.tags:
        said.append(f"{'etiket' if turkish else 'tags'} {', '.join(given.tags)}")
    return ", ".join(said)


def _conditions(when: When, language: Language) -> str:
    turkish, said = language == "tr", []
    either = " veya " if turkish else " or "
    if when.channels:
        said.append(f"kanal {either.join(when.channels)} ise" if turkish else f"on {either.join(when.channels)}")
    if when.words:
        words = either.join(f"“{word}”" for word in when.words)
        said.append(f"{words} geçiyorsa" if turkish else f"that says {words}")
    if when.segments:
        names = either.join(when.segments)
        said.append(f"müşteri {names} içindeyse" if turkish else f"of a customer in {names}")
    if when.languages:
        names = either.join(when.languages)
        said.append(f"dili {names} ise" if turkish else f"in {names}")
    if when.open_order is not None:
        there = when.open_order
        said.append(
            f"açık siparişi {'varsa' if there else 'yoksa'}"
            if turkish
            else f"{'with' if there else 'without'} an open order"
        )
    return (" ve " if turkish else " ").join(said)
