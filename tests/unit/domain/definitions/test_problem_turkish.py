"""What the checks say of a wrong definition is said in Turkish too; values stay as they were written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.campaigns.definition import CampaignDefinition
from shared.domain.definitions.problem_turkish import SENTENCES, in_turkish
from shared.domain.definitions.problems import problems_of
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.segments.definition import SegmentDefinition

pytestmark = pytest.mark.unit
SEND = {"id": "a", "send": "t", "purpose": "marketing", "channels": ["email"]}
JOURNEY: dict[str, Any] = {"journey": "j", "start": {"event": "Order Completed"}, "steps": [SEND]}
CAMPAIGN: dict[str, Any] = {
    "campaign": "c", "segment": "s", "send": "t", "purpose": "marketing", "channels": ["email"], "at": "now",
}  # fmt: skip


@pytest.mark.parametrize(("english", "turkish"), SENTENCES)
def test_both_sentences_name_the_same_values(english: str, turkish: str) -> None:
    """Nothing of a mistake is lost in Turkish, and every sentence finds itself."""
    named = set(re.findall(r"\{\d\}", english))
    assert set(re.findall(r"\{\d\}", turkish)) == named
    values = {place: f"'w{place[1]}'" for place in named}
    written, wanted = english, turkish
    for place, value in values.items():
        written, wanted = written.replace(place, value), wanted.replace(place, value)
    assert in_turkish(written) == wanted


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (JourneyDefinition, {**JOURNEY, "steps": [SEND, SEND]}),
        (JourneyDefinition, {**JOURNEY, "steps": [{**SEND, "at": "soon"}]}),
        (JourneyDefinition, {**JOURNEY, "steps": [{**SEND, "at": "1month"}]}),
        (JourneyDefinition, {**JOURNEY, "steps": [{**SEND, "channels": ["email", "email"]}]}),
        (JourneyDefinition, {**JOURNEY, "steps": [{**SEND, "fresh_for": "0m"}]}),
        (JourneyDefinition, {**JOURNEY, "steps": []}),
        (JourneyDefinition, {**JOURNEY, "stepps": []}),
        (JourneyDefinition, {**JOURNEY, "journey": "No Name"}),
        (SegmentDefinition, {"segment": "s", "who": {"cart": {}}}),
        (SegmentDefinition, {"segment": "s", "who": {"orders": {}}}),
        (CampaignDefinition, {**CAMPAIGN, "segments": ["a", "b"]}),
        (CampaignDefinition, {**CAMPAIGN, "except": ["s"]}),
        (CampaignDefinition, {**CAMPAIGN, "at": "tomorrow"}),
        (CampaignDefinition, {**CAMPAIGN, "local_time": True}),
        (CampaignDefinition, {**CAMPAIGN, "throttle": {"per_minute": 0}}),
        (CampaignDefinition, {**CAMPAIGN, "throttle": {"per_minute": "many"}}),
        (CampaignDefinition, {**CAMPAIGN, "channels": []}),
        (CampaignDefinition, {key: value for key, value in CAMPAIGN.items() if key != "send"}),
    ],
)
def test_what_a_person_does_wrong_first_is_said_in_turkish(model: Any, wrong: dict[str, Any]) -> None:
    """Each sentence of each mistake."""
    with pytest.raises(ValidationError) as invalid:
        model.model_validate(wrong)
    for problem in problems_of("", model, wrong, invalid.value):
        assert in_turkish(problem.message), problem.message
        assert in_turkish(problem.remedy), problem.remedy


def test_an_unknown_sentence_is_not_guessed() -> None:
    assert in_turkish("write something that nobody knows") is None
    assert in_turkish("nobody knows this") is None
