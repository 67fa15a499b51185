"""Purchases of 2,357 customers of the music shop CDNOW, who first bought in the first quarter of 1997.

A tenth of the data set that Peter Fader and Bruce Hardie made public; many papers of the field print their figures of
it. The file holds customer, day and amount of each purchase until June 1998.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "cdnow-sample.csv.gz"
CALIBRATED_TO = date(1997, 9, 30)
"""The end of the 39 weeks from which the papers learn."""


def purchases() -> dict[str, dict[date, Decimal]]:
    """By customer what he spent on each day on which he bought."""
    found: dict[str, dict[date, Decimal]] = defaultdict(dict)
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            days, day = found[row["customer"]], date.fromisoformat(row["day"])
            days[day] = days.get(day, Decimal(0)) + Decimal(row["amount"])
    return found
