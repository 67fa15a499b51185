"""One import from beginning or middle to end: read, send a few batches at once, answer for them in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import NamedTuple

from cli.failure import Failure
from cli.importing.batches import Batch, Rejected, batches
from cli.importing.delivery import Abandoned, Delivery
from cli.importing.plan import Plan
from cli.importing.pool import Pool, Stop
from cli.importing.progress_file import Progress, ProgressFile
from cli.importing.rejected_file import RejectedFile
from cli.importing.source import Source

IN_FLIGHT = 4
GRACE_SECONDS = 10.0
"""After a stop, for what is on its way: its answer saves sending it again."""
_GLANCE_SECONDS = 0.2


class Stopped(Failure):
    """The user ended it; the progress is kept."""

    status = 130


class Waiting(NamedTuple):
    """A batch on its way."""

    batch: Batch
    refused: Future[dict[int, str]]


@dataclass(slots=True)
class Import:
    """``show`` is told after each batch what is done, and how many bytes of the file that is."""

    plan: Plan
    source: Source
    delivery: Delivery
    progress: ProgressFile
    rejected: RejectedFile
    stop: Stop
    done: Progress
    show: Callable[[Progress, int], None]

    def run(self) -> Progress:
        """Send what is left of the file.

        Raises
        ------
        Stopped
            If it was asked to stop; everything answered for until then is in the progress file.
        Failure
            If it cannot go on; likewise.
        """
        self.rejected.begin(self.done.rejected_bytes)
        self.progress.save(self.done)  # a folder that cannot be written to is found before anything is sent
        pool: Pool[list[bytes], dict[int, str]] = Pool(self.delivery.deliver, IN_FLIGHT)
        waiting: deque[Waiting] = deque()
        try:
            for batch in self._batches():
                waiting.append(Waiting(batch, pool.submit(batch.events)))
                while len(waiting) >= IN_FLIGHT:
                    self._answer_for(waiting)
                if self.stop.asked:
                    raise Abandoned
            while waiting:
                self._answer_for(waiting)
        except Abandoned:
            self._last_answers(waiting)
            raise Stopped(
                f"stopped after {self.done.rows:,} rows; the same command goes on from line {self.done.line}"
            ) from None
        except Failure as failed:
            self.stop.ask()
            if not self.done.rows:
                self.progress.remove()
                raise
            raise Failure(
                f"{failed}; {self.done.rows:,} rows are done, the same command goes on from there"
            ) from failed
        finally:
            pool.close()
        self.progress.remove()
        return self.done

    def _batches(self) -> Iterator[Batch]:
        rows = self.plan.rows(self.source, self._go_on)
        return batches(rows, self.plan.make(), lambda: self.source.position)

    def _go_on(self) -> None:
        if self.done.offset:
            self.source.go_to(self.done.offset, self.done.line)

    def _answer_for(self, waiting: deque[Waiting]) -> None:
        """Wait for the oldest batch and write down what became of it. It leaves ``waiting`` last of all."""
        oldest = waiting[0]
        while True:
            try:
                refused = oldest.refused.result(timeout=_GLANCE_SECONDS)
                break
            except NotYet:
                if self.stop.asked:
                    raise Abandoned from None
        self._write_down(oldest.batch, refused)
        waiting.popleft()

    def _write_down(self, batch: Batch, refused: dict[int, str]) -> None:
        not_taken: dict[int, Rejected] = {}  # a row of several events is rejected once, for the first that was refused
        for place, reason in sorted(refused.items()):
            line = batch.lines[place]
            not_taken.setdefault(line, Rejected(line, reason, batch.texts[place]))
        rejected = sorted([*batch.rejected, *not_taken.values()], key=lambda row: row.line)
        done = self.done.after(
            offset=batch.end,
            line=batch.next_line,
            accepted=batch.rows - len(not_taken),
            rejected=len(rejected),
            rejected_bytes=self.rejected.write(rejected, self.done.rejected_bytes),
        )
        self.progress.save(done)
        self.done = done
        self.show(done, batch.position)

    def _last_answers(self, waiting: deque[Waiting]) -> None:
        """What is on its way is waited for a moment; the first that is not answered ends it."""
        until = self.stop.now() + GRACE_SECONDS
        while waiting:
            oldest = waiting[0]
            try:
                refused = oldest.refused.result(timeout=max(until - self.stop.now(), 0))
            except (NotYet, Abandoned, Failure):
                return
            self._write_down(oldest.batch, refused)
            waiting.popleft()
