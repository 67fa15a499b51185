"""A number with its noun."""

from __future__ import annotations

import pytest

from cli.output.counted import counted

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 pushes"), (1, "1 push"), (2, "2 pushes"), (1_200, "1,200 pushes")],
)
def test_one_is_singular(number: int, said: str) -> None:
    """One thing is singular, none and several are plural; thousands are told apart by a comma."""
    assert counted(number, "push", "pushes") == said
    assert counted(1, "row") == "1 row"
    assert counted(2, "row") == "2 rows"
