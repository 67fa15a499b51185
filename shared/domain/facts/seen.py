"""Occurrences of an event as facts: the first, and the newest so many."""

from __future__ import annotations

from msgspec import Struct

from shared.domain.facts.newest import Stamp


class Seen(Struct):
    """Occurrences under one name. ``layers``: by how many are kept, that many of the newest, newest first.

    Within one release there is one layer. Two meet when people are joined whose facts were folded for different
    releases; then each layer stays what it is, exact for its own events: cutting both to either bound would make the
    outcome depend on who was joined first.
    """

    first: int
    layers: dict[int, tuple[Stamp, ...]]

    def absorb(self, other: Seen) -> None:
        self.first = min(self.first, other.first)
        for keep, newest in other.layers.items():
            known = self.layers.get(keep)
            if known is None:
                self.layers[keep] = newest
            elif known != newest:
                self.layers[keep] = tuple(sorted({*known, *newest}, reverse=True)[:keep])

    @property
    def newest(self) -> tuple[Stamp, ...]:
        """All that is remembered, newest first."""
        if len(self.layers) == 1:
            return next(iter(self.layers.values()))
        return tuple(sorted({stamp for layer in self.layers.values() for stamp in layer}, reverse=True))

    def copy(self) -> Seen:
        return Seen(self.first, dict(self.layers))
