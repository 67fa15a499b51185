"""What a trait of the customer or a property of an event must be, in Turkish and in English."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.definitions.value_test import ValueTest
from shared.domain.segments.phrases import Language, amounts, last_english, last_turkish, listed, value_word
from shared.domain.segments.state_rules import TraitRule

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "tr": {
        "is": "{} olan",
        "contains": "“{}” içeren",
        "starts_with": "“{}” ile başlayan",
        "known": "bilinen",
        "unknown": "bilinmeyen",
        "before": "{} tarihinden önce olan",
        "after": "{} tarihinde veya sonrasında olan",
        "and": " ve ",
    },
    "en": {
        "is": "is {}",
        "contains": "contains “{}”",
        "starts_with": "starts with “{}”",
        "known": "is known",
        "unknown": "is not known",
        "before": "is before {}",
        "after": "is {} or later",
        "and": " and ",
    },
}


def describe_value(test: ValueTest, language: Language) -> list[str]:
    """The parts of a test; all must hold."""
    words = _WORDS[language]
    said = []
    if test.is_ is not None:
        said.append(words["is"].format(value_word(test.is_, language)))
    if test.one_of is not None:
        said.append(words["is"].format(listed((value_word(one, language) for one in test.one_of), language)))
    if test.contains is not None:
        said.append(words["contains"].format(test.contains))
    if test.starts_with is not None:
        said.append(words["starts_with"].format(test.starts_with))
    if test.bounded:
        said.append(words["is"].format(amounts(test, language)))
    if test.exists is not None:
        said.append(words["known" if test.exists else "unknown"])
    return said


def describe_trait(rule: TraitRule, language: Language) -> list[str]:
    """The parts of what is asked of a trait: its value, and when it was."""
    words = _WORDS[language]
    said = describe_value(rule, language)
    if rule.before is not None:
        said.append(words["before"].format(rule.before))
    if rule.after is not None:
        said.append(words["after"].format(rule.after))
    if rule.within is not None:
        said.append(f"{last_turkish(rule.within)}olan" if language == "tr" else f"was{last_english(rule.within)}")
    return said


def describe_where(where: Mapping[str, ValueTest], language: Language) -> str:
    """What the properties of an event must be."""
    together = _WORDS[language]["and"]
    return ", ".join(f"{path} {together.join(describe_value(test, language))}" for path, test in where.items())
