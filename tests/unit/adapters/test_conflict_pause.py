"""The wait before a change is decided anew."""

from __future__ import annotations

import pytest

from shared.adapters import conflict_pause

pytestmark = pytest.mark.unit


def test_it_doubles_up_to_its_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance between nothing and that: here the chance is the longest."""
    waited: list[float] = []
    monkeypatch.setattr("random.uniform", lambda _least, most: most)
    monkeypatch.setattr("time.sleep", waited.append)
    for attempt in range(8):
        conflict_pause.pause(attempt)
    assert waited == [0.01, 0.02, 0.04, 0.08, 0.16, 0.3, 0.3, 0.3]
