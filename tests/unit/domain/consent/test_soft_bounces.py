"""Soft bounces of one address: when they suppress it, and what is remembered of them."""

from __future__ import annotations

import pytest

from shared.domain.consent.soft_bounces import ENOUGH, KEPT, SPAN_MS, Bounce, SoftBounces

pytestmark = pytest.mark.unit
DAY = SPAN_MS // 7


def bounced(*times: int, reached_at: int = 0) -> SoftBounces:
    said = SoftBounces(reached_at=reached_at)
    for at in times:
        said = said.with_bounce(at, f"r{at}")
    return said


@pytest.mark.parametrize(
    ("times", "newest"),
    [
        ((), None),
        ((1, 2, 3, SPAN_MS + 1), None),  # four
        ((1, 2, 3, 4, SPAN_MS), None),  # a millisecond less than a week
        ((1, 2, 3, 4, SPAN_MS + 1), (SPAN_MS + 1, f"r{SPAN_MS + 1}")),
        ((SPAN_MS + 1, 4, 3, 2, 1), (SPAN_MS + 1, f"r{SPAN_MS + 1}")),
        ((1, 1, 1, 1, SPAN_MS + 1), None),  # one report, told again
        ((*range(1, 9), 9 * DAY), (9 * DAY, f"r{9 * DAY}")),
    ],
)
def test_five_in_a_row_over_a_week_suppress(times: tuple[int, ...], newest: Bounce | None) -> None:
    """The newest of them is named."""
    assert bounced(*times).to_suppress == newest


def test_reports_of_one_moment_are_two_bounces() -> None:
    """Two mails to one address bounced at once; each report has its id."""
    said = bounced(1, 2, 3, SPAN_MS + 1)
    assert said.to_suppress is None
    assert said.with_bounce(SPAN_MS + 1, "z").to_suppress == (SPAN_MS + 1, "z")


def test_a_delivery_ends_the_row() -> None:
    """What bounced before it or in the same moment counts no more; an earlier delivery changes nothing."""
    said = bounced(1, 2, 3, 4).with_delivery(2)
    assert said == SoftBounces(frozenset({(3, "r3"), (4, "r4")}), 2)
    assert said.with_delivery(1) == said
    assert said.with_bounce(2, "late") == said
    assert said.with_delivery(9) == SoftBounces(frozenset(), 9)


def test_the_oldest_and_the_newest_are_remembered() -> None:
    """Of so many that the item would grow: the beginning of the row and its end decide."""
    most = bounced(*range(10, 10 + KEPT))
    assert len(most.bounces) == KEPT
    more = most.with_bounce(10 + KEPT, "last")
    assert len(more.bounces) == KEPT
    assert min(more.bounces) == (10, "r10")
    assert sorted(more.bounces)[1] == (12, "r12")
    assert max(more.bounces) == (10 + KEPT, "last")
    assert ENOUGH < KEPT
