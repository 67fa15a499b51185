"""A value and until when it holds: alone, negated, and combined from several parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple


class Evaluation(NamedTuple):
    """``valid_until``: up to there (excluded) ``value`` stays as it is without new events; None: for good."""

    value: bool
    valid_until: datetime | None = None


YES = Evaluation(True)
NO = Evaluation(False)


def negated(truth: Evaluation) -> Evaluation:
    return Evaluation(not truth.value, truth.valid_until)


def all_of(parts: Sequence[Evaluation]) -> Evaluation:
    """All parts. True until the first part may become false. False until the last of the false parts may become
    true."""
    false = [part for part in parts if not part.value]
    if not false:
        return Evaluation(True, min((part.valid_until for part in parts if part.valid_until), default=None))
    if any(part.valid_until is None for part in false):
        return Evaluation(False, None)
    return Evaluation(False, max(part.valid_until for part in false if part.valid_until))


def any_of(parts: Sequence[Evaluation]) -> Evaluation:
    """Any part. True until the last of the true parts may become false. False until the first part may become true."""
    true = [part for part in parts if part.value]
    if not true:
        return Evaluation(False, min((part.valid_until for part in parts if part.valid_until), default=None))
    if any(part.valid_until is None for part in true):
        return Evaluation(True, None)
    return Evaluation(True, max(part.valid_until for part in true if part.valid_until))


def refined(truth_at: Callable[[datetime], Evaluation], now: datetime) -> Evaluation:
    """The same value with the exact end: it evaluates again at each instant at which it could change, until it does."""
    first = truth_at(now)
    until = first.valid_until
    while until is not None:
        then = truth_at(until)
        if then.value != first.value:
            break
        until = then.valid_until
    return Evaluation(first.value, until)


def first_change(value_at: Callable[[datetime], bool], changes: Iterable[datetime], now: datetime) -> Evaluation:
    """The value now, until the first of these instants at which it is different."""
    value = value_at(now)
    for instant in sorted({instant for instant in changes if instant > now}):
        if value_at(instant) != value:
            return Evaluation(value, instant)
    return Evaluation(value)
