"""Reports for operators: the list, and one with its rows (docs/reports.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.domain.definitions.shop import Prices
from shared.http.answers import Problem, malformed, not_found
from shared.ports import Clock, Table
from shared.ports.reports import Reports
from shared.stores.releases import Releases

NO_LAKE = "this deployment keeps no lake, so it has no reports; deploy it with -c lake=true"
ASKED = ("from", "to", "segment", "compare")
LONGEST = 200
"""Characters of a name or parameter; what is longer is no day and no segment."""


def reports(answers: Reports | None) -> Mapping[str, Any]:
    """Every report with its title, parameters and tables, without rows."""
    return _answered(answers, {"list": True})


def report_sql(answers: Reports | None, name: str) -> Mapping[str, Any]:
    """What a report is computed with: ``base``, ``shared`` and the statement of each of its tables.

    Raises
    ------
    Problem
        404 for an unknown report or where there is no lake.
    """
    if len(name) > LONGEST:
        raise not_found("there is no such report")
    return _answered(answers, {"sql": name})


def report(catalog: Table, clock: Clock, answers: Reports | None, name: str, given: Mapping[str, str]) -> Any:
    """One report about days of the shop's time zone, in its currency.

    Raises
    ------
    Problem
        404 for an unknown report or where there is no lake, 400 for days or values that cannot be used.
    """
    if any(len(text) > LONGEST for text in (name, *given.values())):
        raise malformed("the name of a report, a day or a segment is not that long")
    shop = Releases(catalog).current().shop
    question = {
        "report": name,
        **{one: given.get(one, "") for one in ASKED},
        "time_zone": shop.time_zone,
        "currency": shop.currency,
        "prices": prices_of(shop.prices),
        "now": clock.now().isoformat(),
    }
    return _answered(answers, question)


def prices_of(prices: Prices) -> dict[str, str]:
    """What a message costs the shop, by channel, as far as it said so."""
    told = {"email": prices.email, "sms": prices.sms_part, "push": prices.push}
    return {channel: str(price) for channel, price in told.items() if price is not None}


def _answered(answers: Reports | None, question: Mapping[str, Any]) -> Mapping[str, Any]:
    if answers is None:
        raise not_found(NO_LAKE)
    found = answers.ask(question)
    match found["status"]:
        case 200:
            answer: Mapping[str, Any] = found["answer"]
            return answer
        case 404:
            raise not_found(found["message"])
        case 413:
            raise Problem(413, "too_large", found["message"])
        case _:
            raise malformed(found["message"])
