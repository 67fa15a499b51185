"""The models and the reports on CDNOW's purchases, against figures that were published."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from functions.measure.report import Question, answer
from functions.measure.report_files import read_report
from shared.domain.identity.keys import milliseconds
from shared.domain.measure import purchase_model, spend_model
from shared.domain.measure.period import Period
from shared.domain.measure.purchase_model import History, PurchaseModel, log_likelihood
from shared.domain.measure.spend_model import Spent
from tests.support.cdnow import CALIBRATED_TO, purchases
from tests.support.lake_tables import lake_of

pytestmark = pytest.mark.unit


def histories(weeks: bool) -> list[History]:
    found = []
    for bought in purchases().values():
        days = sorted(day for day in bought if day <= CALIBRATED_TO)
        unit = 7 if weeks else 1
        ages = ((days[-1] - days[0]).days / unit, (CALIBRATED_TO - days[0]).days / unit)
        found.append(History(len(days) - 1, *ages))
    return found


@pytest.fixture(scope="module")
def model() -> PurchaseModel:
    found = purchase_model.fit(histories(weeks=True))
    assert found is not None
    return found


def test_the_purchase_model_is_that_of_the_paper(model: PurchaseModel) -> None:
    """Fader, Hardie and Lee (2005), table 2: r 0.243, alpha 4.414, a 0.793, b 2.426, LL -9,582.4."""
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)
    assert log_likelihood(model, Counter(histories(weeks=True)).items()) == pytest.approx(-9582.4, abs=0.05)


def test_expectations_are_those_of_the_note(model: PurchaseModel) -> None:
    """Fader, Hardie and Lee's note on the model in Excel: customer 0001 with x 2, t_x 30.43, T 38.86 makes 1.226
    purchases in the next 39 weeks."""
    one = History(2, 30.43, 38.86)
    assert model.expected_orders(one, 39) == pytest.approx(1.226, abs=5e-4)


def test_the_model_is_the_same_in_days(model: PurchaseModel) -> None:
    """Only alpha has a unit."""
    found = purchase_model.fit(histories(weeks=False))
    assert found is not None
    assert (found.r, found.alpha / 7, found.a, found.b) == pytest.approx(
        (model.r, model.alpha, model.a, model.b), rel=0.01
    )


def test_the_spend_model_is_that_of_the_note() -> None:
    """Fader and Hardie (2013): of 946 customers p 6.25, q 3.74, gamma 15.44, and a mean of 35.2 dollars."""
    spent = []
    for bought in purchases().values():
        days = sorted(day for day in bought if day <= CALIBRATED_TO)[1:]
        if days and (whole := sum(bought[day] for day in days)):
            spent.append(Spent(len(days), float(whole) / len(days)))
    assert len(spent) == 946
    found = spend_model.fit(spent)
    assert found is not None
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    assert found.next_order(None) == pytest.approx(35.2, abs=0.05)


def test_reports_count_what_was_published() -> None:
    """2,357 customers in the first quarter of 1997, of whom 946 bought again by the end of September; cohorts and the
    cycle equal a count by hand."""
    rows = []
    for customer, bought in purchases().items():
        for n, (day, amount) in enumerate(sorted(bought.items())):
            at = milliseconds(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
            rows.append(
                {
                    "home": customer, "order_id": f"{customer}-{n}", "version": 1, "decided_at": at, "ordered_at": at,
                    "state": "completed", "channel": "web", "total": str(amount), "refunded": "0.00",
                }
            )  # fmt: skip
    lake = lake_of({"orders": rows})
    asked = Question(Period(date(1997, 1, 1), CALIBRATED_TO, ZoneInfo("UTC")), "USD", 0)
    months = answer(lake, read_report("cohorts"), asked)["tables"][0]["rows"]
    sizes = {row["cohort"]: row["customers"] for row in months}
    assert set(sizes) == {"1997-01", "1997-02", "1997-03"}
    assert sum(sizes.values()) == 2357
    for row in months:
        month = int(row["cohort"][5:]) + row["month"]
        mine = [days for days in purchases().values() if min(days).strftime("%Y-%m") == row["cohort"]]
        assert row["ordering"] == sum(any((day.year, day.month) == (1997, month) for day in days) for days in mine)
    gaps = answer(lake, read_report("cycle"), asked)["tables"][0]["rows"]
    assert next(row["customers"] for row in gaps if row["order"] == "all") == 946
    apart = sorted(
        (later - day).days
        for days in purchases().values()
        for day, later in zip(sorted(days), sorted(days)[1:], strict=False)
        if later <= CALIBRATED_TO
    )
    middle = (apart[(len(apart) - 1) // 2] + apart[len(apart) // 2]) / 2
    assert next(row["median"] for row in gaps if row["order"] == "all") == middle
