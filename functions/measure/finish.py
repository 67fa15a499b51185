"""What is computed of the rows of a statement where SQL does not reach: intervals of differences.

Each function takes the rows of a statement and gives the rows of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from functions.measure.finish_digest import digest_about, digest_changes
from functions.measure.finish_predictions import prediction_bands, prediction_groups, prediction_test
from shared.domain.measure.intervals import (
    Sample,
    Stratum,
    at_every_look,
    matched,
    newcombe,
    rate_of,
    still_needed,
    welch,
)

Rows = list[dict[str, Any]]
REFERENCE = "control"
"""An arm of this name is what the others are compared with; else the first by name."""


def compared_arms(rows: Rows) -> Rows:
    """Arms of one step: each with its difference to the reference. Rows have ``journey``, ``step``, ``arm``,
    ``customers``, ``converted``, ``revenue``, ``squares``, in this order of journeys and steps."""
    made: Rows = []
    for _, group in groupby(rows, key=itemgetter("journey", "step")):
        arms = sorted(group, key=lambda row: (row["arm"] != REFERENCE, row["arm"]))
        if len(arms) > 1:
            made += [_arm(arms[0], None), *(_arm(row, arms[0]) for row in arms[1:])]
    return made


def compared_holdout(rows: Rows) -> Rows:
    """Those who went on against those who were held out, per journey and step; rows as ``compared_arms`` takes them,
    with the arms ``in`` and ``out``."""
    made: Rows = []
    for (journey, step), group in groupby(rows, key=itemgetter("journey", "step")):
        arms = {row["arm"]: row for row in group}
        if set(arms) == {"in", "out"}:
            row = _arm(arms["in"], arms["out"])
            held = _arm(arms["out"], None)
            made.append(
                row
                | {"journey": journey, "step": step, "held_out": held["customers"]}
                | {"held_out_rate": held["rate"], "held_out_revenue": held["revenue_each"]}
            )
    return made


def _arm(row: Mapping[str, Any], reference: Mapping[str, Any] | None) -> dict[str, Any]:
    rate, spent = _samples(row)
    made = {
        **row,
        "rate": rate.mean,
        "revenue_each": spent.mean,
        **dict.fromkeys(("difference", "low", "high", "lift", "needed")),
        **dict.fromkeys(("revenue_difference", "revenue_low", "revenue_high", "revenue_lift")),
        "verdict": "reference",
    }
    if reference is None:
        return made
    other_rate, other_spent = _samples(reference)
    interval, revenue = newcombe(rate, other_rate), welch(spent, other_spent)
    return made | {
        "difference": rate.mean - other_rate.mean,
        "low": interval.low,
        "high": interval.high,
        "lift": rate.mean / other_rate.mean - 1 if other_rate.mean else None,
        "revenue_difference": spent.mean - other_spent.mean,
        "revenue_lift": spent.mean / other_spent.mean - 1 if other_spent.mean > 0 else None,
        "revenue_low": revenue and revenue.low,
        "revenue_high": revenue and revenue.high,
        "needed": still_needed(rate, other_rate),
        "verdict": _verdict(rate, other_rate),
    }


def _verdict(one: Sample, other: Sample) -> str:
    """``better`` or ``worse`` only if the interval that holds at every look excludes zero."""
    interval = at_every_look(one, other)
    if interval is None or interval.low <= 0 <= interval.high:
        return "open"
    return "better" if interval.low > 0 else "worse"


def _samples(row: Mapping[str, Any]) -> tuple[Sample, Sample]:
    return rate_of(row["converted"], row["customers"]), _spent(row)


def _spent(row: Mapping[str, Any]) -> Sample:
    return Sample(row["customers"], float(row["revenue"]), float(row["squares"]))


def channel_lift(rows: Rows) -> Rows:
    """Per ordered pair of channels: those who got both, and no third, against those who got the first only, matched by
    stratum; a stratum counts that has two customers of each.

    Rows have ``first``, ``second``, ``stratum``, ``on_both`` (a flag), ``customers``, ``converted``, ``revenue``,
    ``squares``, in the order of pairs and strata.
    """
    made: Rows = []
    for (first, second), pair in groupby(rows, key=itemgetter("first", "second")):
        strata = [{row["on_both"]: row for row in group} for _, group in groupby(list(pair), key=itemgetter("stratum"))]
        whole = [one for one in strata if set(one) == {True, False} and all(x["customers"] > 1 for x in one.values())]
        matched_both = sum(one[True]["customers"] for one in whole)
        rates = matched([Stratum(_samples(one[True])[0], _samples(one[False])[0]) for one in whole])
        spent = matched([Stratum(_spent(one[True]), _spent(one[False])) for one in whole])
        if rates is None or spent is None:
            continue
        made.append(
            {
                "pair": f"{first} + {second}",
                "first": first,
                "second": second,
                "both": matched_both,
                "left_out": sum(one[True]["customers"] for one in strata if True in one) - matched_both,
                "alone": sum(one[False]["customers"] for one in whole),
                "rate_both": rates[0],
                "rate_alone": rates[1],
                "difference": rates[0] - rates[1],
                "low": rates[2].low,
                "high": rates[2].high,
                "revenue_difference": spent[0] - spent[1],
                "revenue_low": spent[2].low,
                "revenue_high": spent[2].high,
            }
        )
    return made


FINISHES: Mapping[str, Callable[[Rows], Rows]] = {
    "arms": compared_arms,
    "holdout": compared_holdout,
    "lift": channel_lift,
    "prediction_test": prediction_test,
    "prediction_groups": prediction_groups,
    "prediction_bands": prediction_bands,
    "changes": digest_changes,
    "compared": digest_about,
}
