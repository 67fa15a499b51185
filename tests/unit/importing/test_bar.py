"""Progress as a person sees it: a bar on a terminal, plain lines elsewhere, nothing for programs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cli.importing.bar import Bar
from cli.importing.progress_file import Progress

pytestmark = pytest.mark.unit


def drawn(*, terminal: bool, quiet: bool = False, before: int = 0) -> str:
    """What is written while 1,000 rows a second come in for a minute; a tenth of the file every 6 s."""
    out, seconds = io.StringIO(), [0.0]
    console = Console(file=out, force_terminal=terminal, width=120, quiet=quiet)
    with Bar("f.csv", 1000, Progress(accepted=before), console, lambda: seconds[0]) as bar:
        for step in range(61):
            seconds[0] = float(step)
            bar.show(Progress(accepted=before + step * 1000 - step, rejected=step), step * 1000 // 60)
        assert round(bar.rate) == 1000
    return out.getvalue()


def test_plain_lines_every_few_seconds() -> None:
    """Share, rate and what is left, without any control character."""
    lines = drawn(terminal=False).splitlines()
    assert len(lines) == 12
    assert lines[5].split() == ["30,000", "rows,", "50%,", "1,000", "rows/s,", "30", "s", "left,", "30", "rejected"]
    assert "\x1b" not in "".join(lines)


def test_going_on_counts_from_where_it_was() -> None:
    """The rate is that of this run, the rows are all."""
    line = drawn(terminal=False, before=500_000).splitlines()[0]
    assert "505,000 rows" in line
    assert "1,000 rows/s" in line


def test_a_bar_on_a_terminal() -> None:
    """It moves, says rows and rate, and leaves the line clean."""
    shown = drawn(terminal=True)
    assert "\x1b[" in shown
    assert "f.csv" in shown
    assert "rows" in shown


def test_nothing_for_programs() -> None:
    """With --json the answer is the only output."""
    assert drawn(terminal=False, quiet=True) == ""
