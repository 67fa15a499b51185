"""NDJSON: what becomes an event, what becomes a rejected row, and that nothing stops the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.failure import Failure, WrongUse
from cli.importing import source as sources
from cli.importing.plan import format_of
from cli.importing.source import Source
from tests.unit.importing.files import AT, plan_of, put, read, refused, taken

pytestmark = pytest.mark.unit
GOOD = '{"type":"track","event":"Ürün Görüldü","userId":"ş1","timestamp":"2026-01-02T03:04:05Z"}'


def test_hostile_rows_are_rejected_with_their_lines(tmp_path: Path) -> None:
    """Broken JSON, deep nesting, NUL bytes, numbers beyond all bounds: a reason each, and the good rows go on."""
    rows = [
        GOOD.encode(),
        b"{not json",
        b"",
        b"[" * 10_000 + b"]" * 10_000,
        b'{"type":"track","properties":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
        b'{"type":"track"\x00}',
        b'{"userId":"\xff\xfe"}',
        b'{"type":"track","event":"x","userId":"1","properties":{"n":NaN}}',
        b'{"type":"track","event":"x","userId":"1","properties":{"n":' + b"9" * 5000 + b"}}",
        b'"text"',
        json.dumps({"type": "track", "event": "x", "userId": "1", "properties": {"t": "y" * 33_000}}).encode(),
        b'{"type":"track","event":"x","userId":"1"}',
        GOOD.encode(),
    ]
    plan = plan_of(put(tmp_path / "f.ndjson", b"\n".join(rows)))
    reasons = refused(plan)
    assert sorted(reasons) == [2, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert "not valid JSON" in reasons[2]
    assert "nested deeper" in reasons[5]
    assert "UTF-8" in reasons[7]
    assert "larger than 32 KB" in reasons[11] or "no time" in reasons[11]
    assert "no time" in reasons[12]
    assert [event["userId"] for event in taken(plan)] == ["ş1", "ş1"]


def test_a_row_too_large_says_so(tmp_path: Path) -> None:
    """Beyond 32 KB the API takes no event; that is said here already, with the line."""
    body = json.loads(GOOD) | {"properties": {"t": "ş" * 17_000}}
    plan = plan_of(put(tmp_path / "f.ndjson", GOOD + "\n" + json.dumps(body) + "\n"))
    assert refused(plan) == {2: "the event is larger than 32 KB"}


def test_a_line_without_end_costs_itself_only(tmp_path: Path) -> None:
    """A line of megabytes is passed over in pieces; the next line is read."""
    plan = plan_of(put(tmp_path / "f.ndjson", b'{"a":"' + b"x" * 3_000_000 + b'"}\n' + GOOD.encode()))
    assert refused(plan) == {1: "the line is longer than 256 KB"}
    assert len(taken(plan)) == 1


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_line_as_long_as_the_limit(tmp_path: Path, extra: int) -> None:
    """Around the limit no line is lost, doubled or joined with the next."""
    line = b"x" * (sources.LINE_BYTES + extra - 1) + b"\n"
    with Source(put(tmp_path / "f", line + b"next\n")) as source:
        first, second = source.next_line(), source.next_line()
        assert first is not None
        assert second is not None
        assert (first.data is None) == (extra == 1)
        assert (first.end, second.number, second.data) == (len(line), 2, b"next")
        assert source.next_line() is None


@pytest.mark.parametrize("packed", [False, True])
def test_mark_line_ends_and_gzip(tmp_path: Path, packed: bool) -> None:
    """A byte order mark, Windows' line ends, a missing last one, and gzip change nothing."""
    content = b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n\r\n" + GOOD.encode()
    plan = plan_of(put(tmp_path / "f.ndjson", content, packed=packed))
    batch = read(plan)[0]
    assert [batch.lines, batch.end, refused(plan)] == [[1, 3], len(content), {}]


def test_gzip_cut_short_ends_with_a_sentence(tmp_path: Path) -> None:
    """What could be decompressed is no reason to believe that this was all."""
    path = put(tmp_path / "f.ndjson.gz", "\n".join([GOOD] * 5000), packed=True)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Failure, match="cut short"):
        read(plan_of(path))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_read(tmp_path: Path, encoding: str) -> None:
    """Excel's "Unicode text": tabs, Turkish letters, and rows over the edges of the pieces that are read."""
    note = "ş" * 13_000 + "\n😀"
    rows = [f'{number}\tömer{number}@x.example\t"{note}"' for number in range(9)]
    text = "\r\n".join(["user\temail\tnote", *rows])
    path = put(tmp_path / "f.csv", ("\ufeff" + text if encoding == "utf-16-be" else text).encode(encoding))
    found = taken(plan_of(path, fmt="csv", kind="customers", at=AT))
    assert [event["userId"] for event in found] == [str(number) for number in range(9)]
    assert {event["traits"]["note"] for event in found} == {note}
    assert found[8]["traits"]["email"] == "ömer8@x.example"


def test_utf_16_goes_on_where_it_was(tmp_path: Path) -> None:
    """The place after a line is one in the text as UTF-8, and is found again."""
    path = put(tmp_path / "f.csv", "user;city\n1;Şırnak\n2;Iğdır\n3;Muş\n".encode("utf-16"))
    with Source(path) as source:
        lines = [source.next_line() for _ in range(3)]
    assert lines[2] is not None
    with Source(path) as source:
        source.go_to(lines[2].end, lines[2].number + 1)
        last = source.next_line()
    assert last is not None
    assert (last.number, last.data) == (4, "3;Muş".encode())


def test_what_only_begins_as_utf_16_is_told(tmp_path: Path) -> None:
    """The line is named up to which it could be read; another encoding is not mixed in."""
    text = "user;city\n1;Muş\n".encode("utf-16") + b"\x00\xd8\x00"
    with pytest.raises(Failure, match="begins as UTF-16"):
        read(plan_of(put(tmp_path / "f.csv", text), fmt="csv", kind="customers"))
    path = put(tmp_path / "g.csv", "user;city\n1;Muş\n".encode("utf-16"))
    with pytest.raises(Failure, match="leave --encoding cp1254 out"):
        read(plan_of(path, fmt="csv", kind="customers", encoding="cp1254"))


def test_old_exports_keep_their_times(tmp_path: Path) -> None:
    """``sentAt`` of an old row would move its time to today, so it does not go out; it counts if nothing else does."""
    old = (
        '{"type":"page","userId":"1","sentAt":"2024-01-01T00:00:00Z","writeKey":"w","timestamp":"2023-12-31T00:00:00Z"}'
    )
    only = '{"type":"page","userId":"1","sentAt":"2024-01-01T00:00:00Z"}'
    first, second = taken(plan_of(put(tmp_path / "f.ndjson", old + "\n" + only)))
    assert first["timestamp"] == "2023-12-31T00:00:00.000Z"
    assert second["timestamp"] == "2024-01-01T00:00:00.000Z"
    assert not {"sentAt", "writeKey"} & (first.keys() | second.keys())


def test_the_format_is_that_of_the_ending(tmp_path: Path) -> None:
    """.gz is looked through; what says nothing must be said."""
    assert [format_of(tmp_path / name, None) for name in ("a.CSV", "a.csv.gz", "a.jsonl", "a.b.ndjson.gz")] == [
        "csv", "csv", "ndjson", "ndjson",
    ]  # fmt: skip
    assert format_of(tmp_path / "a", "csv") == "csv"
    with pytest.raises(WrongUse, match="--format"):
        format_of(tmp_path / "a.gz", None)
