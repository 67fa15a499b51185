"""The file that is imported: its lines one by one with their place, plain or gzip, in constant memory."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from types import TracebackType

from cli.failure import Failure, WrongUse
from cli.importing.utf16 import MARKS, AsUtf8
from shared.domain.events.size_limits import is_gzip

LINE_BYTES = 256 * 1024
"""An event of 32 KB written with every letter escaped fits; what is longer is passed over and rejected."""
HEAD_BYTES = 64 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"
BROKEN = (OSError, EOFError, zlib.error, UnicodeDecodeError)
"""What reading raises if the disk, the compression or the encoding gives out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; ``end`` is the place after it in the (decompressed) file. ``data`` None: too long."""

    number: int
    end: int
    data: bytes | None


class Source:
    """An open file. ``identity`` tells it from every other one, and from itself after a change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if not path.is_file():
                raise WrongUse(f"{path} is no file")
            found = path.stat()
            self._raw: BufferedReader = path.open("rb")
        except OSError as problem:
            raise WrongUse(f"{path} cannot be read: {problem.strerror}") from problem
        self.size = found.st_size
        self.modified = found.st_mtime
        head = self._raw.read(HEAD_BYTES)
        self._raw.seek(0)
        digest = hashlib.blake2b(head, digest_size=16).hexdigest()
        self.identity = {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "head": digest}
        self._stream: BufferedIOBase = gzip.GzipFile(fileobj=self._raw) if is_gzip(head) else self._raw
        self._again: deque[Line] = deque()
        self._number = 1
        self._end = 0
        self.is_utf16 = self._stream is self._raw and head.startswith(MARKS)
        """Whether its lines are read as UTF-8 although the file is UTF-16."""
        if self.is_utf16:
            self._stream = BufferedReader(AsUtf8(self._raw))
        self._skip_mark()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._stream.close()
        self._raw.close()

    @property
    def position(self) -> int:
        """Bytes of the file on the disk that were read, of ``size``."""
        return self._raw.tell()

    def next_line(self) -> Line | None:
        """The next line; None at the end.

        Raises
        ------
        Failure
            If the disk or the compression gives out.
        """
        if self._again:
            return self._again.popleft()
        data = self._read(LINE_BYTES)
        if not data:
            return None
        size, whole = len(data), data.endswith(b"\n") or len(data) < LINE_BYTES
        ended = whole
        while not ended:
            more = self._read(LINE_BYTES)
            size += len(more)
            ended = not more or more.endswith(b"\n")
        self._end += size
        line = Line(self._number, self._end, data.rstrip(b"\r\n") if whole else None)
        self._number += 1
        return line

    def put_back(self, lines: Iterable[Line]) -> None:
        """Lines to be read again, before what follows them."""
        self._again.extendleft(reversed(list(lines)))

    def go_to(self, end: int, number: int) -> None:
        """Continue at the place ``end``, where line ``number`` begins. Only forward from a file just opened."""
        try:
            if self.is_utf16:
                self._pass_over(end - self._end)
            else:
                self._stream.seek(end)
        except BROKEN as broken:
            raise self._broken(broken) from broken
        self._again.clear()
        self._end, self._number = end, number

    def _read(self, limit: int) -> bytes:
        try:
            return self._stream.readline(limit)
        except BROKEN as broken:
            raise self._broken(broken) from broken

    def _broken(self, problem: Exception) -> Failure:
        if isinstance(problem, UnicodeDecodeError):
            why = "it begins as UTF-16, and goes on as something else; save it as CSV UTF-8"
        else:
            why = "it is cut short" if isinstance(problem, EOFError) else str(problem)
        return Failure(f"{self.path} cannot be read beyond line {self._number - 1}: {why}")

    def _pass_over(self, size: int) -> None:
        while size > 0 and (passed := len(self._stream.read(min(size, HEAD_BYTES)))):
            size -= passed

    def _skip_mark(self) -> None:
        if self.is_utf16:
            return  # the decoder takes the mark
        try:
            begins = self._stream.read(len(_UTF8_MARK))
        except BROKEN as broken:
            raise self._broken(broken) from broken
        if begins == _UTF8_MARK:
            self._end = len(_UTF8_MARK)
        else:
            self._stream.seek(0)
