"""What segmentation reads of a release of the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shared.domain.definitions.shop import Shop
from shared.domain.facts.fold import Features
from shared.domain.segments.definition import SegmentDefinition


class Definitions(Protocol):
    """What segmentation reads of a release."""

    @property
    def number(self) -> int: ...
    @property
    def shop(self) -> Shop: ...
    @property
    def segments(self) -> tuple[SegmentDefinition, ...]: ...
    @property
    def features(self) -> Features: ...
    @property
    def folded_since(self) -> int:
        """The release in which ``features`` last changed: facts of an older one are raised from the log."""

    @property
    def ruled_since(self) -> Mapping[str, int]: ...


class NewerRelease(Exception):
    """An item was written under a release that this environment does not know yet: load it and come again."""
