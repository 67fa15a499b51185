"""Tables of the report about predictions, and what is written to customers, from what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from shared.domain.measure.predictions import Known, Past, back_test, calibration, learn
from shared.domain.measure.purchase_model import History

Rows = list[dict[str, Any]]
BANDS = ((0.2, "0-20%"), (0.4, "20-40%"), (0.6, "40-60%"), (0.8, "60-80%"), (1.01, "80-100%"))


def known_of(row: Mapping[str, Any]) -> Known:
    return Known(History(row["repeats"], float(row["recency"]), float(row["age"])), row["mean"] or 0.0)


def past_of(row: Mapping[str, Any]) -> Past:
    """A row of the statement ``told`` of ``predictions.sql``."""
    then = None
    if row["repeats_then"] >= 0:
        history = History(row["repeats_then"], float(row["recency_then"]), float(row["age_then"]))
        then = Known(history, row["mean_then"] or 0.0)
    again = None if row["again"] is None or then is None else float(row["again"])
    earlier = (row["recent_earlier"], row["recent"]) if row["earlier"] > 1 else None
    return Past(known_of(row), then, again, row["value_after"], row["value_before"], row["recent"], earlier)


def prediction_test(rows: Rows) -> Rows:
    return [
        {
            "what": one.what,
            "customers": one.customers,
            "error": one.error,
            "naive_error": one.naive_error,
            "low": one.low,
            "high": one.high,
            "told": "untested" if one.error is None else "written" if one.beats else "not_written",
        }
        for one in back_test([past_of(row) for row in rows])
    ]


def prediction_groups(rows: Rows) -> Rows:
    found = calibration([past_of(row) for row in rows])
    return [
        {"group": n, "customers": size, "predicted": predicted, "happened": happened}
        for n, (predicted, happened, size) in enumerate(found, start=1)
    ]


def prediction_bands(rows: Rows) -> Rows:
    known = [known_of(row) for row in rows]
    predictor = learn(known)
    if predictor is None:
        return []
    banded: dict[str, list[tuple[float, float, float]]] = {name: [] for _, name in BANDS}
    for one in known:
        if one.history.repeats:
            likely = predictor.order_probability(one)
            name = next(name for most, name in BANDS if likely < most)
            banded[name].append((likely, predictor.days_to_next_order(one), predictor.value(one)))
    return [
        {
            "likely": name,
            "customers": len(some),
            "orders_again": sum(likely for likely, _, _ in some),
            "days": median(days for _, days, _ in some),
            "value": sum(value for _, _, value in some) / len(some),
        }
        for name, some in banded.items()
        if some
    ]
