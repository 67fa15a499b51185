"""A value and until when it holds: alone, negated, and combined from several parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct


class Evaluation(Struct, frozen=True):
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
    return _combined(parts, False)


def any_of(parts: Sequence[Evaluation]) -> Evaluation:
    """Any part. True until the last of the true parts may become false. False until the first part may become true."""
    return _combined(parts, True)


def _combined(parts: Sequence[Evaluation], decides: bool) -> Evaluation:
    """``decides``: the value that one part alone gives to the whole. With it, the last of those parts to turn ends it;
    without it, the first of all parts."""
    first: datetime | None = None
    last: datetime | None = None
    decided = for_good = False
    for part in parts:
        until = part.valid_until
        if part.value is decides:
            decided = True
            if until is None:
                for_good = True
            elif last is None or until > last:
                last = until
        elif until is not None and (first is None or until < first):
            first = until
    if decided:
        return Evaluation(decides, None if for_good else last)
    return Evaluation(not decides, first)


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
