"""The progress of an import: a bar on a terminal, a plain line every few seconds elsewhere, or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from cli.importing.progress_file import Progress

LINE_SECONDS = 5.0


class Bar:
    """``size`` is the length of the file in bytes; ``before`` what earlier runs did."""

    def __init__(
        self, name: str, size: int, before: Progress, console: Console, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._now = console, now
        self._size = max(size, 1)
        self._before = before.rows
        self._began = self._spoke = now()
        self._start: int | None = None
        self._bars: Bars | None = None
        if console.is_terminal:
            self._bars = Bars(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[rows]:,} rows"),
                TextColumn("{task.fields[rate]:,.0f}/s"),
                TimeRemainingColumn(compact=True),
                TextColumn("{task.fields[rejected]}"),
                console=console,
                transient=True,
            )
            self._task = self._bars.add_task(name, total=self._size, rows=before.rows, rate=0.0, rejected="")

    def __enter__(self) -> Bar:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        if self._bars:
            self._bars.stop()

    @property
    def rate(self) -> float:
        return self._rate(self._now())

    def show(self, done: Progress, position: int) -> None:
        """``position`` bytes of the file are answered for."""
        now = self._now()
        if self._start is None:
            self._start = 0 if self._before == 0 else position
        self._rows = done.rows
        rate = self._rate(now)
        rejected = f"{done.rejected:,} rejected" if done.rejected else ""
        if self._bars:
            self._bars.update(self._task, completed=position, rows=done.rows, rate=rate, rejected=rejected)
        elif now - self._spoke >= LINE_SECONDS:
            self._spoke = now
            speed = (position - self._start) / max(now - self._began, 1e-9)
            left = f", {(self._size - position) / speed:,.0f} s left" if speed > 0 else ""
            share = position / self._size
            said = f"     {done.rows:,} rows, {share:.0%}, {rate:,.0f} rows/s{left}" + (rejected and f", {rejected}")
            self._console.print(said, soft_wrap=True)

    _rows = 0

    def _rate(self, now: float) -> float:
        return max(self._rows - self._before, 0) / max(now - self._began, 1e-9)
