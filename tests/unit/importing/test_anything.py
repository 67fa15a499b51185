"""Whatever the bytes of a file are: rows, rejected rows or one sentence; never anything else."""

from __future__ import annotations

import contextlib
import gzip
import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cli.failure import Failure
from cli.importing.plan import Format, Kind
from shared.domain.events.size_limits import EVENT_BYTES
from tests.support.cases import UNIT, cases
from tests.unit.importing.files import AT, plan_of, read

pytestmark = UNIT

_WORDS = st.sampled_from(
    [b"user", b"event", b"type", b"userId", b"time", b"timestamp", b"channel", b"status", b"granted", b"email",
     b"total", b"properties.a.b", b"products", b"identifier", b"2026-01-01", b"track", b"user:1", b"1.299",
     b"1e400", b"NaN", b",", b";", b'"', b'""', b"\n", b"\r\n", b"\r", b"\t", b"{", b"}", b"[", b"]", b":", b"\\ud800",
     b"\\", b"\0", b"null", b"\xef\xbb\xbf", b"\xff", "ş".encode(),
     b'{"type":"track","event":"x","userId":"1","timestamp":1}']
)  # fmt: skip
_PIECES = st.lists(_WORDS | st.binary(max_size=6), max_size=60).map(b"".join)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_WORDS.map(lambda w: w.decode("latin-1")), inner, max_size=5)
    ),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode())
_BYTES = st.binary(max_size=300) | _PIECES | st.lists(_JSON, max_size=4).map(b"\n".join)


@cases(50)
@given(
    content=_BYTES,
    packed=st.booleans(),
    kind=st.sampled_from(["events", "customers", "consents"]),
    fmt=st.sampled_from(["ndjson", "csv"]),
)
def test_any_bytes(content: bytes, packed: bool, kind: Kind, fmt: Format) -> None:
    """Each line ends up in one place, what goes out keeps the API's limits, reading twice gives the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "f")
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
        plan = plan_of(path, kind, fmt, at=AT)
        try:
            batches = read(plan)
        except Failure:
            return
        again = read(plan)
    assert [batch.events for batch in batches] == [batch.events for batch in again]
    lines = [line for batch in batches for line in (*batch.lines, *(row.line for row in batch.rejected))]
    assert len(lines) == len(set(lines))
    for batch in batches:
        assert len(batch.lines) == len(batch.events) == len(batch.texts)
        assert batch.rejected == sorted(batch.rejected, key=lambda row: row.line)
        assert all(row.reason for row in batch.rejected)
        for event in batch.events:
            assert len(event) <= EVENT_BYTES
            assert json.loads(event)["messageId"]


@cases(60)
@given(content=st.binary(max_size=200), cut=st.integers(0, 200))
def test_any_gzip(content: bytes, cut: int) -> None:
    """A compressed file that is cut or spoiled anywhere is rows and then one sentence."""
    data = bytearray(gzip.compress(content, mtime=0))
    place = cut % len(data)
    for broken in (bytes(data[:place]), bytes(data[:place]) + bytes([data[place] ^ 0x55]) + bytes(data[place + 1 :])):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "f")
            path.write_bytes(broken)
            with contextlib.suppress(Failure):
                read(plan_of(path, "events", "ndjson"))
