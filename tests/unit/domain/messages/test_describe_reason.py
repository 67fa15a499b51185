"""Every reason is said in Turkish and in English; conditions are read aloud from the definition."""

from __future__ import annotations

import pytest

from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.describe_outcome import describe_outcome
from shared.domain.messages.describe_reason import SENTENCES, describe_reason
from shared.domain.messages.evidence_json import evidence_json
from shared.domain.messages.message import Reason

pytestmark = pytest.mark.unit

REVIEW = JourneyDefinition.model_validate(
    {
        "journey": "review",
        "start": {"event": "Order Delivered"},
        "stop_when": {"any": [{"ordered": {"since": "clock"}}, {"cart": {"items": {"exactly": 0}}}]},
        "steps": [
            {
                "id": "ask",
                "at": "3d",
                "send": "review-request",
                "purpose": "marketing",
                "channels": ["email"],
                "unless": {"open_case": {"same": "order_id"}},
            }
        ],
    }
)


@pytest.mark.parametrize("reason", [*(one.value for one in Reason), "unless", "piled_up"])
def test_every_reason_has_a_sentence_of_its_own(reason: str) -> None:
    """None falls through to the sentence about the provider."""
    said = describe_reason(reason)
    assert reason.startswith("stopped") or SENTENCES[reason] == said
    assert "provider did not take it" not in said.en
    assert said.tr != said.en


def test_what_the_provider_says_is_passed_on() -> None:
    """Its words are stable words of ours (``provider_...``), never its text."""
    assert describe_reason("provider_message_rejected").en == "The provider did not take it: provider_message_rejected"


def test_the_condition_is_read_aloud() -> None:
    """The exclusion of the step, and the exit rule of the journey."""
    assert describe_outcome("unless", REVIEW, "ask").en == (
        "The step is left out because there is an open complaint, return or refund about the same order."
    )
    assert "açık bir şikâyet, iade ya da geri ödeme var" in describe_outcome("unless", REVIEW, "ask").tr
    assert describe_outcome("stopped_ordered", REVIEW, "ask").en == (
        "The journey ended because anything was ordered since or the cart is empty."
    )


def test_without_the_definition_the_general_sentence_is_said() -> None:
    """A release that cannot be read any more, or a step that it does not have."""
    assert describe_outcome("unless", None, "ask") == SENTENCES["unless"]
    assert describe_outcome("unless", REVIEW, "other") == SENTENCES["unless"]
    assert describe_outcome("stopped_ordered", None) == SENTENCES[Reason.STOPPED]


def test_a_definition_is_read_only_where_the_sentence_needs_it() -> None:
    """A page of messages does not read the releases of all of them."""
    asked: list[tuple[int, str]] = []

    def find(release: int, journey: str) -> JourneyDefinition | None:
        asked.append((release, journey))
        return REVIEW

    shown = evidence_json("no_consent", ({"kind": "consent", "id": "c1"},), 3, "review", "ask", find)
    assert shown["found"] == [{"kind": "consent", "id": "c1"}]
    assert asked == []
    assert "open complaint" in evidence_json("unless", (), 3, "review", "ask", find)["rule"]["en"]
    assert asked == [(3, "review")]
