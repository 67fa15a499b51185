"""What a journey of Amazon Pinpoint asks of events, segments and attributes, as our conditions.

An attribute of a user is a trait, an attribute of an event a property.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOUCHES = {
    "_email.open": ("opens", "email"), "_email.click": ("clicks", "email"), "_email.delivered": ("received", "email"),
    "_SMS.SUCCESS": ("received", "sms"), "_campaign.opened_notification": ("clicks", "push"),
    "_campaign.received_foreground": ("received", "push"), "_campaign.received_background": ("received", "push"),
    "_journey.opened_notification": ("clicks", "push"), "_journey.received_foreground": ("received", "push"),
    "_journey.received_background": ("received", "push"),
}  # fmt: skip
_BOUNDS = {
    "GREATER_THAN": "more_than", "GREATER_THAN_OR_EQUAL": "at_least", "LESS_THAN": "less_than",
    "LESS_THAN_OR_EQUAL": "at_most", "EQUAL": "exactly",
}  # fmt: skip


class InvalidJourney(ValueError):
    """The text is no journey of Pinpoint. The sentence says what is missing."""


@dataclass(frozen=True, slots=True)
class NoEqual:
    """What of the journey is not in the translation, or not as it was. ``where``: an activity's id, or a setting."""

    where: str
    what: str
    reason: str


def slug(written: Any, otherwise: str) -> str:
    """A name as ours are: small letters, digits and hyphens."""
    text = written if isinstance(written, str) else ""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("İ", "I").lower())
    found = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")[:48].strip("-")
    return found or otherwise


class Conditions:
    """Writes conditions, and notes the segments that are needed and what has no equal."""

    def __init__(self) -> None:
        self._lost: set[NoEqual] = set()
        self.no_equal: list[NoEqual] = []
        self.segments: list[str] = []

    def lose(self, where: str, what: str, reason: str) -> None:
        """Note what has no equal, once."""
        found = NoEqual(where, what, reason)
        if found not in self._lost:
            self._lost.add(found)
            self.no_equal.append(found)

    def condition(self, said: Any, where: str) -> dict[str, Any] | None:
        """What is asked; None if nothing of it has an equal. A part without one is left out only where any will do."""
        listed = said if isinstance(said, dict) else {}
        every = listed.get("Operator", "ALL") != "ANY"
        found = [self._simple(one, where) for one in objects(listed.get("Conditions"))]
        kept = [one for one in found if one is not None]
        if not kept or (every and len(kept) < len(found)):
            return None
        return kept[0] if len(kept) == 1 else {"all" if every else "any": kept}

    def _simple(self, one: Mapping[str, Any], where: str) -> dict[str, Any] | None:
        segment = at_path(one, "SegmentCondition", "SegmentId")
        if isinstance(segment, str) and segment:
            return {"in_segment": self.segment(segment)}
        event = one.get("EventCondition")
        if isinstance(event, dict):
            return self._asked_event(event, where)
        dimensions = one.get("SegmentDimensions")
        if isinstance(dimensions, dict):
            return self._traits(dimensions, where)
        self.lose(where, "condition", "is of a kind that is not known")
        return None

    def _asked_event(self, event: Mapping[str, Any], where: str) -> dict[str, Any] | None:
        names = at_path(event, "Dimensions", "EventType", "Values")
        touched = [_TOUCHES[one] for one in names if one in _TOUCHES] if isinstance(names, list) else []
        if touched:
            word, channel = touched[0]
            self.lose(where, "EventCondition", "asked about one message; here about any of this channel in 7 days")
            return {word: {"channel": channel, "within": "7d"}}
        if not names or not isinstance(names, list):
            self.lose(where, "EventCondition", "names no event")
            return None
        name, tests = self.event(event.get("Dimensions"), where)
        self.lose(where, "EventCondition", "asked since the journey began; here in the last 7 days")
        return {"event": {"name": name, "within": "7d", **({"where": tests} if tests else {})}}

    def event(self, dimensions: Any, where: str) -> tuple[str, dict[str, Any]]:
        said = dimensions if isinstance(dimensions, dict) else {}
        names = at_path(said, "EventType", "Values")
        if not isinstance(names, list) or not names or not isinstance(names[0], str):
            raise InvalidJourney("an event has no name")
        if len(names) > 1:
            self.lose(where, "EventType", "names several events; only the first is asked")
        tests: dict[str, Any] = {}
        for name, one in _pairs(said.get("Attributes")):
            test = self._attribute(name, one, where)
            if test is not None:
                tests[name] = test
        for name, one in _pairs(said.get("Metrics")):
            bound = _BOUNDS.get(str(one.get("ComparisonOperator")))
            if bound and isinstance(one.get("Value"), int | float):
                tests[name] = {bound: one["Value"]}
            else:
                self.lose(where, f"metric {name}"[:60], "has a comparison that is not known")
        return names[0][:100], tests

    def _traits(self, dimensions: Mapping[str, Any], where: str) -> dict[str, Any] | None:
        found = []
        for name, one in (*_pairs(dimensions.get("UserAttributes")), *_pairs(dimensions.get("Attributes"))):
            test = self._attribute(name, one, where)
            if test is None:
                return None
            found.append({"trait": {"name": name, **test}})
        for part in ("Behavior", "Demographic", "Location", "Metrics"):
            if dimensions.get(part):
                self.lose(where, part, "is asked of endpoints; write a segment that asks the customer")
                return None
        if not found:
            return None
        return found[0] if len(found) == 1 else {"all": found}

    def _attribute(self, name: str, one: Mapping[str, Any], where: str) -> dict[str, Any] | None:
        values = [value for value in one.get("Values") or [] if isinstance(value, str)]
        kind = one.get("AttributeType", "INCLUSIVE")
        if kind == "CONTAINS" and len(values) == 1:
            return {"contains": values[0]}
        if kind != "INCLUSIVE" or not values:
            self.lose(where, f"attribute {name}"[:60], f"is compared by {kind}, which has no equal")
            return None
        return {"is": values[0]} if len(values) == 1 else {"one_of": values}

    def segment(self, id_: Any) -> str:
        name = slug(f"pinpoint-{id_}", "pinpoint-segment")
        if name not in self.segments:
            self.segments.append(name)
        return name


def at_path(holder: Any, *names: str) -> Any:
    for name in names:
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder


def objects(listed: Any) -> list[Mapping[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _pairs(holder: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, one) for name, one in holder.items() if isinstance(one, dict)] if isinstance(holder, dict) else []
