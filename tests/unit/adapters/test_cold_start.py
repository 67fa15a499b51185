"""Imports of a cold start run without the collector, and it works again afterwards."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared.adapters.cold_start import UncollectedImports

pytestmark = pytest.mark.unit

COUNTED = """
import gc, sys
collected = []
gc.callbacks.append(lambda phase, about: collected.append("msgspec" in sys.modules) if phase == "start" else None)
import {handler}
gc.callbacks.clear()
print(sum(collected), gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize(
    "handler",
    [
        "functions.segment.on_events", "functions.segment.on_due", "functions.segment.on_queue",
        "functions.schedule.on_customer", "functions.schedule.on_due", "functions.schedule.on_queue",
        "functions.notify.on_queue",
    ],
)  # fmt: skip
def test_a_handler_is_imported_without_collections(handler: str) -> None:
    """None begins after msgspec is there, which is imported before almost everything that is ours."""
    told = subprocess.run(
        [sys.executable, "-c", COUNTED.format(handler=handler)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["0", "True", "True"]


def test_what_was_imported_is_frozen_and_the_collector_goes_on() -> None:
    frozen = gc.get_freeze_count()
    with UncollectedImports():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen


def test_an_inner_block_leaves_the_pause_to_the_outer_one() -> None:
    with UncollectedImports():
        with UncollectedImports():
            pass
        assert not gc.isenabled()
        assert gc.get_freeze_count() == 0
    assert gc.isenabled()


def test_an_import_that_fails_ends_the_pause_too() -> None:
    with pytest.raises(ImportError), UncollectedImports():
        raise ImportError("no such module")
    assert gc.isenabled()


def test_where_nobody_collects_nobody_begins() -> None:
    gc.disable()
    with UncollectedImports():
        pass
    assert not gc.isenabled()
