"""The fast way of evaluating key conditions answers as the emulator's own."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb

from cli.local.key_conditions import SLOT, with_fast_keys

TEXT = st.text("aZ#\u0131\u00e7\U0001f600 0", max_size=3)
VALUES = st.one_of(TEXT.map(lambda text: {"S": text}), st.integers(0, 9).map(lambda number: {"N": str(number)}))
FORMS = (
    "#p = :p", "#p = :p AND #s < :x", "#p = :p AND #s >= :x", "#p = :p AND #s BETWEEN :x AND :y",
    "#p = :p AND begins_with(#s, :x)", "#p = :p AND #s <= :x", "pk = :p", "#p = :p AND #q < :x",
)  # fmt: skip
NAMES = {"#p": "pk", "#s": "sk"}


def own(*asked: Any) -> Any:
    try:
        return dynamodb._evaluate_condition(*asked, slot=SLOT)
    except ValueError as wrong:
        return str(wrong)


FAST = with_fast_keys(lambda expr, item, values, names, slot: own(expr, item, values, names))


@given(st.sampled_from(FORMS), st.dictionaries(st.sampled_from(["pk", "sk"]), VALUES), VALUES, VALUES, VALUES)
def test_the_answers_are_the_same(form: str, item: dict[str, Any], p: Any, x: Any, y: Any) -> None:
    """For every form that our adapter writes, and for some that it does not; keys of any type, absent ones too."""
    values = {name: value for name, value in ((":p", p), (":x", x), (":y", y)) if name in form}
    assert FAST(form, item, values, NAMES, SLOT) == own(form, item, values, NAMES)


def test_other_expressions_are_left_to_the_emulator() -> None:
    """A condition of a write is none of ours."""
    asked: list[tuple[Any, ...]] = []

    def evaluate(*arguments: Any) -> bool:
        asked.append(arguments)
        return True

    assert with_fast_keys(evaluate)("#p = :p", {}, {}, {}, "ConditionExpression")
    assert [arguments[-1] for arguments in asked] == ["ConditionExpression"]
