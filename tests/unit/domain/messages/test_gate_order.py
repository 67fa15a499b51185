"""The questions that are shown are the gates that are asked, and every reason has its place and its remedy."""

from __future__ import annotations

import pytest

from shared.domain.messages.describe_reason import SENTENCES
from shared.domain.messages.describe_remedy import REMEDIES, describe_remedy
from shared.domain.messages.gate_order import ORDER, answers
from shared.domain.messages.gates import GATES
from shared.domain.messages.message import Reason

pytestmark = pytest.mark.unit
AROUND = ("journey", "sending", "provider")


def test_the_questions_are_the_gates_in_their_order() -> None:
    """A new gate needs its question, in its place."""
    assert [one.name for one in ORDER if one.name not in AROUND] == [gate.__name__ for gate in GATES]


def test_every_reason_belongs_to_one_question() -> None:
    """A new reason needs its place and what would have had to be different."""
    reasons = [reason for one in ORDER for reason in one.reasons]
    assert len(reasons) == len(set(reasons))
    assert {*map(str, Reason), "unless", "piled_up"} == set(reasons)
    stopped = {reason for reason in SENTENCES if reason.startswith("stopped")}
    assert set(map(str, SENTENCES)) - stopped == set(map(str, REMEDIES))


@pytest.mark.parametrize("reason", [None, *Reason, "unless", "piled_up", "provider_message_too_long"])
def test_one_question_stops_a_message_and_those_before_it_were_passed(reason: str | None) -> None:
    """What stands behind it was not asked; a word of the provider's stops at the provider."""
    said = [answer for _, answer in answers(reason)]
    if reason is None:
        assert set(said) == {"passed"}
        return
    place = said.index("stopped")
    assert said == ["passed"] * place + ["stopped"] + ["not_asked"] * (len(said) - place - 1)
    known = [one for one in ORDER if reason in one.reasons]
    assert ORDER[place] == (known[0] if known else ORDER[-1])
    assert describe_remedy(reason).tr
    assert describe_remedy(reason).en
