"""`kervan customer messages` says why something was not sent, in one line."""

from __future__ import annotations

import pytest

from cli.output.evidence import why

pytestmark = pytest.mark.unit


def test_the_rule_and_what_made_it_true_are_one_line() -> None:
    """The kind, the id, what is told about it, and the time to the second."""
    found = {"kind": "case", "id": "R-7", "at": "2026-11-05T07:00:00.000Z", "case": "return", "order": "S-1"}
    evidence = {"rule": {"en": "A return is open.", "tr": "Açık bir iade var."}, "found": [found]}
    assert why("unless", evidence) == (
        "unless: A return is open. (case R-7, case return, order S-1, 2026-11-05 07:00:00)"
    )


def test_what_is_not_there_is_one_line() -> None:
    """Of which kind, and since when it was looked for."""
    found = {"kind": "absent", "since": "2026-11-04T07:00:00.000Z", "what": "second_look"}
    evidence = {"rule": {"en": "It is so.", "tr": "Öyle."}, "found": [found]}
    assert why("stopped", evidence) == "stopped: It is so. (no second look, since 2026-11-04 07:00:00)"


@pytest.mark.parametrize(
    ("reason", "evidence", "shown"),
    [
        (None, None, ""),
        ("stale", {"rule": {"en": "It came too late.", "tr": ""}, "found": []}, "stale: It came too late."),
        ("completed", {}, "completed"),
    ],
)
def test_what_has_no_evidence_is_said_without(reason: str | None, evidence: dict[str, object], shown: str) -> None:
    """A message that was sent, a reason that needs none, an enrollment that came to its end."""
    assert why(reason, evidence) == shown
