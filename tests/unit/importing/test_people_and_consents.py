"""Rows about customers and consents into what the API takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.failure import WrongUse
from cli.importing.consents import consent
from cli.importing.moments import read_moment, read_zone
from cli.importing.plan import time_of_rows
from cli.importing.source import Source
from shared.domain.consent.consent_events import consent_record
from shared.domain.events.event import Source as Channel
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused
from tests.unit.importing.files import AT, plan_of, put, refused, taken

pytestmark = pytest.mark.unit
STORE = Channel("store", "store", trusted=True)


def test_customers_of_both_formats_say_the_same(tmp_path: Path) -> None:
    """Columns, a flat object, and Segment's own identify become the same body, id included."""
    table = put(tmp_path / "f.csv", "user,email,loyalty,time,city\n42,a@b.co,L7,2026-01-01,Iğdır\n")
    flat = {"user": "42", "email": "a@b.co", "loyalty": "L7", "time": "2026-01-01", "city": "Iğdır"}
    body = {
        "type": "identify", "userId": "42", "timestamp": "2026-01-01T00:00:00Z",
        "traits": {"city": "Iğdır", "email": "a@b.co"}, "context": {"externalIds": [{"type": "loyalty", "id": "L7"}]},
    }  # fmt: skip
    lines = put(tmp_path / "f.ndjson", json.dumps(flat) + "\n" + json.dumps(body))
    found = taken(plan_of(table, "customers", "csv")) + taken(plan_of(lines, "customers"))
    assert found[0] == found[1] == found[2]
    event = read_message(found[0], STORE, AT)
    assert [str(who) for who in event.identifiers] == ["user:42", "email:a@b.co", "loyalty:L7"]


def test_customers_without_a_time_get_that_of_the_file(tmp_path: Path) -> None:
    """The file's own time stays the same from one import to the next; --at goes before it; events get none."""
    path = put(tmp_path / "f.csv", "user,city\n1,x\n,y\n")
    with Source(path) as source:
        own = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        now = own + timedelta(days=9)
        assert time_of_rows("customers", source, None, now) == own
        assert time_of_rows("customers", source, AT, max(now, AT)) == AT
        assert time_of_rows("events", source, None, now) is None
        with pytest.raises(WrongUse, match="future"):
            time_of_rows("customers", source, None, own - timedelta(days=2))
    plan = plan_of(path, "customers", "csv", at=own)
    assert [event["timestamp"] for event in taken(plan)] == [own.isoformat(timespec="milliseconds")[:-6] + "Z"]
    assert list(refused(plan)) == [3]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"identifier": "user:42", "channel": "email", "purpose": "marketing", "status": "granted",
          "address": "a@b.co", "time": "2026-01-01", "source": "form", "text_version": "v2"},
         ("email", "marketing", True, "v2")),
        ({"identifier": "a@b.co", "channel": "EMAIL", "granted": False, "time": "2026-01-01"},
         ("email", "marketing", False, "")),
        ({"recipient": "+905551112233", "type": "MESAJ", "status": "RET", "source": "HS_WEB",
          "recipientType": "BIREYSEL", "consentDate": "2026-01-01 03:00:00"}, ("sms", "marketing", False, "")),
        ({"email": "a@b.co", "channel": "email", "purpose": "all", "status": "HAYIR", "time": "2026-01-01"},
         ("email", "all", False, "")),
    ],
)  # fmt: skip
def test_consents_are_what_the_api_reads(row: dict[str, Any], expected: tuple[str, str, bool, str]) -> None:
    """Our own columns and those of IYS become statements with channel, purpose, proof and time."""
    body = consent(row, UTC)
    event = read_message(body, STORE, AT)
    said = consent_record(event, STORE, str)
    assert said is not None
    found = said.consent
    assert (found.channel, found.purpose, found.granted, found.text_version) == expected
    assert found.time == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "row",
    [
        {"identifier": "user:1", "channel": "fax", "status": "granted"},
        {"identifier": "user:1", "channel": "ARAMA", "status": "ONAY"},
        {"identifier": "user:1", "channel": "email", "status": "perhaps"},
        {"identifier": "user:1", "channel": "email"},
        {"identifier": "user:1", "channel": "email", "purpose": "all", "status": "granted"},
        {"identifier": "somebody", "channel": "email", "status": "granted"},
        {"identifier": {"a": 1}, "channel": "email", "status": "granted"},
        {"channel": "email", "status": "granted"},
    ],
)
def test_a_consent_that_does_not_say_enough_is_rejected(row: dict[str, Any]) -> None:
    """Nobody is written to because of a row that could not be read."""
    with pytest.raises(Refused):
        consent(row, UTC)


def test_times_as_files_hold_them() -> None:
    """ISO with and without zone, days with dots, seconds and milliseconds; nonsense is refused."""
    zone = read_zone("Europe/Istanbul")
    same = ("2026-11-21T10:30:00+03:00", "2026-11-21 10:30", "21.11.2026 10:30", "1795246200", 1795246200000)
    assert {read_moment(value, zone, "t") for value in same} == {"2026-11-21T07:30:00.000Z"}
    assert read_moment("20261121", UTC, "t") == "2026-11-21T00:00:00.000Z"
    wrong: tuple[Any, ...] = ("31.02.2026", "11/21/2026", "yesterday", "", None, [], "9" * 15, "0001-01-01T00:00+23:00")
    for value in wrong:
        with pytest.raises(Refused):
            read_moment(value, zone, "t")
    for name in ("Mars", "", "../etc", "Europe"):
        with pytest.raises(WrongUse):
            read_zone(name)
