"""Searches everything that a deployment stores for marked values, inside what is packed as well."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import duckdb

from shared.domain.facts.encoding import decode
from shared.stores.event_items import UnreadableEvent, read_event
from shared.stores.event_text import UnknownText, unpack

PARQUET = b"PAR1"


def text_of(item: Mapping[str, Any]) -> str:
    """All of an item that somebody could read: events, facts and orders unpacked."""
    sk = str(item.get("sk", ""))
    told = [str(item)]
    if sk.startswith("t#"):
        with suppress(UnreadableEvent):
            told.append(str(read_event(dict(item))))
    if sk == "facts":
        told.append(str(decode(item["data"])))
    told += [text for value in _values(item) if isinstance(value, bytes) for text in _unpacked(value)]
    return "\n".join(told)


def text_of_object(content: bytes) -> str:
    """All of a file: of the lake, a copy, a mail, an attachment."""
    return "\n".join(_unpacked(content))


def found(marks: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Those of the marks that stand in one of the texts, in any case."""
    wanted = {mark.casefold() for mark in marks}
    return {mark for text in texts for folded in [text.casefold()] for mark in wanted if mark in folded}


def _unpacked(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    if content.startswith(b"\x1f\x8b"):
        yield from _unpacked(gzip.decompress(content))
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from _unpacked(archive.read(name))
    if content.startswith(PARQUET):
        yield _rows(content)
    for wbits in (15, -15):
        with suppress(zlib.error):
            yield zlib.decompress(content, wbits).decode("utf-8", "replace")
    with suppress(UnknownText, zlib.error, ValueError):
        yield str(unpack(content))


def _rows(content: bytes) -> str:
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile(suffix=".parquet") as file:
        file.write(content)
        file.flush()
        return str(duckdb.connect().execute("SELECT * FROM read_parquet(?)", [file.name]).fetchall())


def _values(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _values(one)
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from _values(one)
