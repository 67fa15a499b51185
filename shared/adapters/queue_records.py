"""The records that a queue gives to a Lambda function: each is worked on alone, and what failed is offered again.

The queue counts how often it offered a record, and moves one that always fails to its dead letters.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.adapters.error_kinds import kind_of

Record = Mapping[str, Any]
Failures = dict[str, list[dict[str, str]]]
"""What Lambda is answered: the queue deletes all records of the batch but these (``ReportBatchItemFailures``)."""


def work_on_each(
    event: Mapping[str, Any],
    work: Callable[[Record], bool],
    log: logging.Logger,
    unreadable: type[Exception] | tuple[type[Exception], ...] = (),
) -> Failures:
    """Give each record to ``work``, whatever became of the others.

    Parameters
    ----------
    work
        False if the queue is to offer the record again; then it has said why. What it raises does the same.
    unreadable
        What it raises for a body that is none of ours: an error in the log. All else may be over soon: a warning.

    Nothing that a record or an exception holds is written to the log, only the kind of the exception.
    """
    return offered_again(
        str(record["messageId"]) for record in event.get("Records", ()) if not _is_done(record, work, log, unreadable)
    )


def body_of(record: Record) -> str:
    """The text of a record; empty if it has none."""
    return str(record.get("body") or "")


def offered_again(names: Iterable[str]) -> Failures:
    """The answer that keeps these records: their message ids, or of a stream the first sequence number."""
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def keys_of(failures: Failures) -> set[str]:
    """The keys of the records that are offered again."""
    return {one["itemIdentifier"] for one in failures["batchItemFailures"]}


def _is_done(
    record: Record,
    work: Callable[[Record], bool],
    log: logging.Logger,
    unreadable: type[Exception] | tuple[type[Exception], ...],
) -> bool:
    try:
        return work(record)
    except unreadable as broken:
        log.error("unreadable: %s", kind_of(broken))
    except Exception as error:  # noqa: BLE001 - whatever it was, the queue offers it again and the others go on
        log.warning("will try again: %s", kind_of(error))
    return False
