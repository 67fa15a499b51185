"""On the local stage time jumps, and what was believed before does not hold after it."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.clock import elapsed_for
from shared.adapters.memory import MemoryTable
from shared.domain.messages.controls import Controls
from shared.stores.controls import SENDING_SECONDS, ControlStore
from shared.stores.journey_controls import JourneyControls
from tests.support.world import NOW

pytestmark = pytest.mark.unit
JUMPS = (timedelta(days=2), timedelta(hours=-3))


def test_without_a_file_it_is_the_time_of_the_process() -> None:
    """In AWS nothing moves the clock."""
    assert elapsed_for("") is time.monotonic


@pytest.mark.parametrize("jump", JUMPS)
def test_a_switch_is_read_again_after_the_clock_was_moved(tmp_path: Path, jump: timedelta) -> None:
    """Shadow mode ends, and the clock moves to the next step within the same second: that step is sent."""
    file = tmp_path / "clock.json"
    catalog = MemoryTable()
    sender = ControlStore(catalog, believed_for=SENDING_SECONDS, monotonic=elapsed_for(str(file)))
    ControlStore(catalog).write(Controls(shadow=True))
    assert sender.read().shadow
    ControlStore(catalog).write(Controls(shadow=False))
    assert sender.read().shadow  # within the second
    file.write_text(json.dumps({"offset_seconds": jump.total_seconds()}))
    assert not sender.read().shadow


@pytest.mark.parametrize("jump", JUMPS)
def test_so_is_the_pause_of_a_journey(tmp_path: Path, jump: timedelta) -> None:
    """Whichever way the clock was moved."""
    file = tmp_path / "clock.json"
    catalog = MemoryTable()
    reader = JourneyControls(catalog, monotonic=elapsed_for(str(file)))
    assert reader.read() == {}
    JourneyControls(catalog).set("cart", "paused", NOW)
    assert reader.read() == {}  # within the second
    file.write_text(json.dumps({"offset_seconds": jump.total_seconds()}))
    assert reader.read() == {"cart": "paused"}
