"""Parts combined to a whole: every combination of four parts, against the rule as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest

from shared.domain.segments.evaluation_result import Evaluation, all_of, any_of, negated

pytestmark = pytest.mark.unit

TIMES = (None, datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC))
PARTS = [Evaluation(value, until) for value in (True, False) for until in TIMES]


def plain_all(parts: Sequence[Evaluation]) -> Evaluation:
    """True until the first part may turn; false until the last of the false parts may, if each of them may."""
    false = [part.valid_until for part in parts if not part.value]
    if not false:
        return Evaluation(True, min((part.valid_until for part in parts if part.valid_until), default=None))
    return Evaluation(False, None if None in false else max(until for until in false if until))


@pytest.mark.parametrize("size", range(5))
def test_every_combination(size: int) -> None:
    """``any`` is ``all`` of the opposites, the other way round."""
    for parts in product(PARTS, repeat=size):
        assert all_of(parts) == plain_all(parts)
        assert any_of(parts) == negated(plain_all([negated(part) for part in parts]))
