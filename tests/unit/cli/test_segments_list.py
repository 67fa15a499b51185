"""`kervan segments list`: the segments, and in a sentence how far the release has reached everybody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.commands import segments
from cli.main import run

pytestmark = pytest.mark.unit

AT = "2026-11-22T10:00:15.000Z"
WALKING = {"release": 7, "state": "walking", "done": 4810, "failed": 1, "fraction": 0.374, "started_at": AT,
           "finished_at": None}  # fmt: skip
ANSWER = {
    "items": [{"name": "new", "label": {"tr": "Yeni"}, "members": 10_000, "members_at_least": True}],
    "cursor": None,
    "backfill": WALKING,
    "shop": {"purchase_cycle_days": 30.5, "sampled": 412, "at": AT},
    "audit": {"at": AT, "sampled": 200, "left_out": 0, "mismatches": {"new": 2}, "customers": ["u.a", "u.b"]},
}


class Api:
    def get(self, path: str) -> Any:
        assert path == "/v1/segments"
        return ANSWER


@pytest.fixture(autouse=True)
def _answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "admin_api", lambda *_where: Api())


def test_people_are_told_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """Share, customers and failures; how often people buy; what the audit found."""
    assert run(["segments", "list"]) == 0
    said = capsys.readouterr().out
    assert "10000 or more" in said
    assert "Release 7 has reached 37%: 4,810 customers, of whom 1 could not be decided" in said
    assert "buys every 30.5 days (median of 412 customers" in said
    assert "looked at 200 customers and differs for 2 in new" in said


def test_programs_get_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document with the same names as the API's."""
    assert run(["segments", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {name: part for name, part in ANSWER.items() if name != "cursor"}


@pytest.mark.parametrize(
    ("backfill", "sentence"),
    [
        (None, ""),
        ({**WALKING, "state": "waiting"}, "Release 7 reaches every customer soon: it begins within three minutes."),
        (
            {**WALKING, "state": "done", "failed": 0, "finished_at": AT},
            "Release 7 has reached every customer: 4,810 by 2026-11-22 10:00:15 UTC.",
        ),
    ],
)
def test_each_state_has_its_sentence(backfill: dict[str, Any] | None, sentence: str) -> None:
    """Nothing published, waiting, and done."""
    assert segments.backfill_said(backfill) == sentence
