"""Sizes that the API takes, before and after decompression (facts: 32 KB per event, 500 KB per batch)."""

from __future__ import annotations

import json
import zlib
from typing import Any

from shared.domain.events.refusals import Malformed, TooLarge

EVENT_BYTES = 32 * 1024
BODY_BYTES = 500 * 1024 + 4 * 1024
"""500 KB of events and a little for what is around them: SDKs fill a batch up to 500 KB and add their envelope."""
BATCH_EVENTS = 1_000
MESSAGE_ID_LENGTH = 100
NAME_LENGTH = 200
DEPTH = 32
"""Levels of nesting inside one event."""
EXTERNAL_IDS = 20

_GZIP_MAGIC = b"\x1f\x8b"


def check_body_size(size: int, limit: int = BODY_BYTES) -> None:
    """Raises TooLarge for a body (compressed or not) of more bytes than a batch may have."""
    if size > limit:
        raise TooLarge(f"the request is larger than {limit // 1024} KB; send smaller batches")


def is_gzip(data: bytes) -> bool:
    """True if the bytes begin like a gzip file: some proxies drop the header that says so."""
    return data.startswith(_GZIP_MAGIC)


def inflate(data: bytes, limit: int = BODY_BYTES) -> bytes:
    """Decompress gzip, holding never more than ``limit`` bytes: a bomb costs no more than an honest batch.

    Raises
    ------
    TooLarge
        If there is more than ``limit`` behind it.
    Malformed
        If it is no gzip, or cut short.
    """
    parts: list[bytes] = []
    room = limit
    left = data
    while left:
        reader = zlib.decompressobj(wbits=31)
        try:
            part = reader.decompress(left, room + 1)
        except zlib.error as broken:
            raise Malformed("the body is not valid gzip, though it says so") from broken
        if len(part) > room:
            raise TooLarge(f"the decompressed request is larger than {limit // 1024} KB; send smaller batches")
        if not reader.eof:
            raise Malformed("the gzip body is cut short")
        parts.append(part)
        room -= len(part)
        left = reader.unused_data if is_gzip(reader.unused_data) else b""
    return b"".join(parts)


def event_bytes(event: Any) -> int:
    """Bytes of one event as compact JSON in UTF-8; one that is nested too deeply to be written counts as too large."""
    try:
        return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    except RecursionError:
        return EVENT_BYTES + 1
