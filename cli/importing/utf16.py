"""A file in UTF-16, as Excel saves "Unicode text", read as UTF-8."""

from __future__ import annotations

import codecs
from io import BufferedIOBase, RawIOBase

MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PIECE_BYTES = 64 * 1024


class AsUtf8(RawIOBase):
    """The bytes of the same text in UTF-8, without the mark at its beginning; in constant memory.

    ``read`` raises UnicodeDecodeError where the file is no UTF-16.
    """

    def __init__(self, stream: BufferedIOBase) -> None:
        super().__init__()
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data: bytes | None = None
        while not self._ready and data != b"":
            data = self._stream.read(PIECE_BYTES)
            self._ready = self._decoder.decode(data, final=not data).encode()
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()
