"""Soft bounces of an address, and when they suppress it (docs/messages.md#suppressed-addresses).

What is remembered is a set of bounces and the newest delivery. It is a function of the reports alone, whatever their
order and however often each comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ENOUGH = 5
"""Bounces in a row that suppress an address, if they lie far enough apart."""
SPAN_MS = 7 * 24 * 3_600_000
"""Milliseconds between the first and the last of them: a week."""
KEPT = 64
"""Bounces that are remembered of one address: the oldest and the newest."""

Bounce = tuple[int, str]
"""When (milliseconds), and the id of the report."""


@dataclass(frozen=True, slots=True)
class SoftBounces:
    """``reached_at``: when the newest delivery was made, or an operator lifted the suppression (milliseconds).
    ``bounces`` came later than that."""

    bounces: frozenset[Bounce] = frozenset()
    reached_at: int = 0

    def with_bounce(self, at: int, report: str) -> SoftBounces:
        """A soft bounce at this instant, in milliseconds; ``report`` is the id of its report."""
        return _kept(replace(self, bounces=self.bounces | {(at, report)}))

    def with_delivery(self, at: int) -> SoftBounces:
        """A delivery at this instant. Mail that bounced at the same instant counts as before it."""
        return _kept(replace(self, reached_at=max(self.reached_at, at)))

    @property
    def to_suppress(self) -> Bounce | None:
        """The newest bounce, if the address is to be suppressed: five or more in a row over seven days or more."""
        if len(self.bounces) < ENOUGH:
            return None
        first, last = min(self.bounces), max(self.bounces)
        return last if last[0] - first[0] >= SPAN_MS else None


def _kept(said: SoftBounces) -> SoftBounces:
    later = sorted(bounce for bounce in said.bounces if bounce[0] > said.reached_at)
    if len(later) > KEPT:
        later = [later[0], *later[-(KEPT - 1) :]]
    return replace(said, bounces=frozenset(later))
