"""Ids that a row gives itself: the same on every day, different for different rows."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.importing.message import message
from shared.domain.events.event import Source as Channel
from shared.domain.events.read_message import read_message
from tests.unit.importing.files import AT, plan_of, put, taken

pytestmark = pytest.mark.unit
STORE = Channel("store", "store", trusted=True)
ROW = {"type": "track", "event": "x", "userId": "1"}


def test_an_id_is_made_of_what_the_row_says(tmp_path: Path) -> None:
    """Order of names, place in the file, spelling of the time and the file's kind play no part."""
    lines = [
        {"event": "x", "type": "track", "userId": "1", "timestamp": "2026-01-01T00:00:00Z"},
        {"userId": "2", "type": "track", "event": "x", "timestamp": "2026-01-01T00:00:00Z"},
        {"userId": "1", "timestamp": "2026-01-01T03:00:00.000+03:00", "event": "x", "type": "track"},
    ]
    ndjson = taken(plan_of(put(tmp_path / "f.ndjson", "\n".join(map(json.dumps, lines)))))
    (cells,) = taken(plan_of(put(tmp_path / "f.csv", "time,userId,event\n2026-01-01,1,x\n"), fmt="csv"))
    ids = [event["messageId"] for event in (*ndjson, cells)]
    assert ids[0] == ids[2] == ids[3] != ids[1]


def test_the_time_given_by_hand_is_no_part_of_the_id() -> None:
    """The same row dated otherwise is the same statement: facts that remember ids count it once."""
    first, second = (json.loads(message(dict(ROW), AT + timedelta(hours=hours))) for hours in (0, 1))
    assert first["messageId"] == second["messageId"]
    assert first["timestamp"] != second["timestamp"]


def test_an_own_id_is_kept() -> None:
    """A row that has an id is that event, wherever else it came from."""
    assert json.loads(message(ROW | {"messageId": "m1"}, AT))["messageId"] == "m1"


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-9, 9) | st.none(), max_size=4),
    st.integers(0, 10**9),
)
def test_the_key_in_the_log_is_the_same_whenever_it_arrives(properties: dict[str, object], seconds: int) -> None:
    """Imported a second and thirty years later: one sort key, so the second import makes no new event."""
    body = json.loads(message(ROW | {"properties": properties}, AT))
    keys = {read_message(body, STORE, AT + timedelta(seconds=late)).sort_key for late in (0, seconds)}
    assert len(keys) == 1
