"""Mail that is refused for now, again and again: when an address is given up (docs/messages.md#suppressed-addresses).

What is remembered is a set of bounces and the newest sign of life. It is a function of the reports alone, whatever
their order and however often each comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ENOUGH = 5
SPAN_MS = 7 * 24 * 3_600_000
KEPT = 64
"""Bounces that are remembered of one address: the oldest and the newest."""

Bounce = tuple[int, str]
"""When (milliseconds), and the id of the report."""


@dataclass(frozen=True, slots=True)
class SoftBounces:
    """``alive``: when the newest delivery was made, or somebody took the address off the suppression (milliseconds).
    ``bounces`` came later than that."""

    bounces: frozenset[Bounce] = frozenset()
    alive: int = 0

    def with_bounce(self, at: int, report: str) -> SoftBounces:
        return _kept(replace(self, bounces=self.bounces | {(at, report)}))

    def with_life(self, at: int) -> SoftBounces:
        """A delivery at this instant. Mail that bounced at the same instant counts as before it."""
        return _kept(replace(self, alive=max(self.alive, at)))

    @property
    def exhausted(self) -> Bounce | None:
        """The newest bounce, if the address is to be given up: five or more in a row over seven days or more."""
        if len(self.bounces) < ENOUGH:
            return None
        first, last = min(self.bounces), max(self.bounces)
        return last if last[0] - first[0] >= SPAN_MS else None


def _kept(said: SoftBounces) -> SoftBounces:
    later = sorted(bounce for bounce in said.bounces if bounce[0] > said.alive)
    if len(later) > KEPT:
        later = [later[0], *later[-(KEPT - 1) :]]
    return replace(said, bounces=frozenset(later))
