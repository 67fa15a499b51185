"""A segment as a sentence, in Turkish and in English: what a marketer reads before it is published."""

from __future__ import annotations

from shared.domain.segments.definition import All, AnyOf, Node, Not, SegmentDefinition
from shared.domain.segments.describe_english import english_parts
from shared.domain.segments.describe_turkish import turkish_parts
from shared.domain.segments.phrases import Language

__all__ = ["Language", "describe_rule", "describe_segment"]


def describe_segment(definition: SegmentDefinition, language: Language) -> str:
    """The rule of a segment as one sentence.

    >>> rule = {"segment": "new", "who": {"orders": {"first": {"within": "30d"}}}}
    >>> describe_segment(SegmentDefinition.model_validate(rule), "en")
    'new: customers whose first order was within the last 30 days.'
    """
    name = definition.label.get(language, definition.segment)
    if language == "tr":
        return f"{name}: {describe_rule(definition.who, language)} müşteriler."
    return f"{name}: customers {describe_rule(definition.who, language)}."


def describe_rule(node: Node, language: Language) -> str:
    """One node, to be read after "customers" or, in Turkish, before "müşteriler"."""
    turkish = language == "tr"
    match node:
        case All():
            return (" ve " if turkish else " and ").join(_inner(part, language) for part in node.all)
        case AnyOf():
            return (" veya " if turkish else " or ").join(
                _inner(part, language, apart=len(node.any) > 1) for part in node.any
            )
        case Not():
            if turkish:
                return f"({describe_rule(node.not_, language)}) olmayan"
            return f"not those {_inner(node.not_, language, apart=True)}"
        case _:
            return (" ve " if turkish else " and ").join(_parts(node, language))


def _inner(node: Node, language: Language, *, apart: bool = False) -> str:
    """A node inside another: in brackets where "and" and "or" would run together."""
    said = describe_rule(node, language)
    joined = isinstance(node, All | AnyOf) or (apart and not isinstance(node, Not) and len(_parts(node, language)) > 1)
    return f"({said})" if joined else said


def _parts(node: Node, language: Language) -> list[str]:
    if isinstance(node, All | AnyOf | Not):
        return [describe_rule(node, language)]
    return turkish_parts(node) if language == "tr" else english_parts(node)
