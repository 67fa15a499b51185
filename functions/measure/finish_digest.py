"""Tables of the digest: which of many figures changed beyond chance, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from shared.domain.measure.advice import advice_key
from shared.domain.measure.changes import Figure, changed

Rows = list[dict[str, Any]]
_SUMS = tuple(field.name for field in fields(Figure))


def figure_of(row: Mapping[str, Any]) -> Figure:
    """A row of the statement ``figures`` of ``digest.sql``."""
    return Figure(**{name: int(row[name]) for name in _SUMS})


def digest_changes(rows: Rows) -> Rows:
    figures = [figure_of(row) for row in rows]
    return [
        {
            **{name: rows[one.place][name] for name in ("area", "subject", "figure")},
            "was": figures[one.place].before,
            "now": figures[one.place].now,
            "difference": one.difference,
            "low": one.low,
            "high": one.high,
            "next": advice_key(rows[one.place]["figure"], one.difference),
        }
        for one in changed(figures)[1]
    ]


def digest_about(rows: Rows) -> Rows:
    compared, told = changed([figure_of(row) for row in rows])
    return [{"compared": compared, "left_out": len(rows) - compared, "changed": len(told)}]
