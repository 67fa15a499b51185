"""What a cold start of segment and of notify does not import: few invocations need it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.unit
LATER = {
    "functions.segment.on_events": {
        "functions.segment.backfill", "shared.domain.audiences.tasks", "shared.domain.definitions.difference",
        "shared.domain.iys.tasks", "shared.domain.segments.rule_changes", "shared.stores.source_counters",
    },
    "functions.notify.on_queue": {
        "functions.notify.answering", "functions.notify.rights_mails", "shared.stores.conversations",
    },
}  # fmt: skip


@pytest.mark.parametrize("handler", LATER)
def test_what_few_invocations_need_is_imported_with_its_first_use(handler: str) -> None:
    """Each module would cost milliseconds of every cold start."""
    found = subprocess.run(
        [sys.executable, "-c", f"import {handler}, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert LATER[handler] & set(found.stdout.split()) == set()
