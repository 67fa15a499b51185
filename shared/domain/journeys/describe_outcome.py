"""Why a step of a journey was not sent, with the condition of its definition read aloud."""

from __future__ import annotations

from shared.domain.journeys.conditions import Condition
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe_condition import describe_condition
from shared.domain.messages.describe_reason import Said, describe_reason
from shared.domain.messages.message import Reason

UNLESS = "unless"


def asks_definition(reason: str) -> bool:
    """True if the sentence needs the journey's definition."""
    return reason == UNLESS or reason.startswith(Reason.STOPPED.value)


def describe_outcome(reason: str, journey: JourneyDefinition | None = None, step: str = "") -> Said:
    """The condition that held, in both languages; the general sentence where there is none."""
    condition = _condition(reason, journey, step)
    if condition is None:
        return describe_reason(reason)
    tr, en = describe_condition(condition, "tr"), describe_condition(condition, "en")
    if reason == UNLESS:
        return Said(f"Adım gönderilmedi, çünkü koşulu gerçekleşti: {tr}.", f"The step is left out because {en}.")
    return Said(f"Yolculuk bitti, çünkü çıkış koşulu gerçekleşti: {tr}.", f"The journey ended because {en}.")


def _condition(reason: str, journey: JourneyDefinition | None, step: str) -> Condition | None:
    if journey is None:
        return None
    if reason == UNLESS:
        found = journey.step(step)
        return None if found is None else found.unless
    return journey.stop_when if asks_definition(reason) else None
