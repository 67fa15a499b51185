"""A segment as a sentence, in Turkish and in English: what a marketer reads before it is published."""

from __future__ import annotations

from typing import Literal, assert_never

from shared.domain.durations import say_duration
from shared.domain.segments.language import All, AnyOf, Not, OrderRule, Orders, SegmentDefinition

Language = Literal["tr", "en"]


def say_segment(definition: SegmentDefinition, language: Language) -> str:
    """The rule of a segment as one sentence.

    >>> rule = {"segment": "new", "who": {"orders": {"first": {"within": "30d"}}}}
    >>> say_segment(SegmentDefinition.model_validate(rule), "en")
    'new: customers whose first order was within the last 30 days.'
    """
    name = definition.label.get(language, definition.segment)
    if language == "tr":
        return f"{name}: {say_rule(definition.who, language)} müşteriler."
    return f"{name}: customers {say_rule(definition.who, language)}."


def say_rule(node: Orders | All | AnyOf | Not, language: Language) -> str:
    """One node, to be read after "customers" or, in Turkish, before "müşteriler"."""
    turkish = language == "tr"
    match node:
        case Orders():
            return _orders(node.orders, language)
        case All():
            return (" ve " if turkish else " and ").join(_inner(part, language) for part in node.all)
        case AnyOf():
            return (" veya " if turkish else " or ").join(_inner(part, language) for part in node.any)
        case Not():
            said = _inner(node.not_, language)
            return f"({said}) olmayan" if turkish else f"not those {said}"
        case _:
            assert_never(node)


def _inner(node: Orders | All | AnyOf | Not, language: Language) -> str:
    """A node inside another: in brackets where "and" and "or" would run together."""
    said = say_rule(node, language)
    return f"({said})" if isinstance(node, All | AnyOf) else said


def _orders(rule: OrderRule, language: Language) -> str:
    parts: list[str] = []
    counts = _bounds(rule, language)
    if counts:
        within = "" if rule.within is None else say_duration(rule.within, language)
        if language == "tr":
            parts.append(f"{f'son {within} içinde ' if within else ''}{counts} siparişi olan")
        else:
            noun = "order" if counts.endswith(" 1") else "orders"
            parts.append(f"with {counts} {noun}{f' within the last {within}' if within else ''}")
    for which, recent in (("first", rule.first), ("last", rule.last)):
        if recent is not None:
            within = say_duration(recent.within, language)
            turkish = {"first": "ilk", "last": "son"}[which]
            parts.append(
                f"{turkish} siparişi son {within} içinde olan"
                if language == "tr"
                else f"whose {which} order was within the last {within}"
            )
    return (" ve " if language == "tr" else " and ").join(parts)


def _bounds(rule: OrderRule, language: Language) -> str:
    words = {
        "tr": ("en az {}", "en çok {}", "tam {}", "{} adetten fazla"),
        "en": ("at least {}", "at most {}", "exactly {}", "more than {}"),
    }[language]
    bounds = (rule.at_least, rule.at_most, rule.exactly, rule.more_than)
    said = [word.format(bound) for word, bound in zip(words, bounds, strict=True) if bound is not None]
    return (" ve " if language == "tr" else " and ").join(said)
