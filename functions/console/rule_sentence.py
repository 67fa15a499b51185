"""The rule of a segment as a sentence of its own."""

from __future__ import annotations

from shared.domain.definitions.text_comparison import turkish_sentence
from shared.domain.segments.definition import SegmentDefinition
from shared.domain.segments.describe import Language, describe_rule


def rule_sentence(definition: SegmentDefinition, language: Language) -> str:
    """As it is read after the label, with a capital letter."""
    rule = describe_rule(definition.who, language)
    if language == "tr":
        return f"{turkish_sentence(rule)} müşteriler."
    return f"Customers {rule}."
