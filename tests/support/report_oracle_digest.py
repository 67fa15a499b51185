"""Sums of the digest and of predictions, counted one by one in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.support.lake_state import BOUNCED, CLICKED, DAY
from tests.support.report_oracle import NOW, paid
from tests.support.report_oracle_messages import AllCounted
from tests.support.report_oracle_more import first_of_instant, place_of

SOON = 6 * DAY
TO_BUY = 3 * DAY
Told = tuple[tuple[str, str, str], str, int, bool]
"""The figure, the customer, 1 for the later period, and whether it is a hit."""


class DigestCounted(AllCounted):
    """Figures of two periods."""

    def later(self, at: int) -> int | None:
        """1 in these days, 0 in the period before, None outside."""
        if not 2 * self.start - self.end <= at < self.end:
            return None
        return int(at >= self.start)

    def figures(self) -> dict[tuple[str, str, str], dict[str, int]]:
        sums: dict[tuple[str, str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
        for figure, person, later, hit in self._told():
            mine = sums[figure][person]
            mine[2 - 2 * later] += 1
            mine[3 - 2 * later] += hit
        return {figure: _sums(list(people.values())) for figure, people in sums.items()}

    def _told(self) -> Iterator[Told]:
        yield from self._messages_told()
        for area, figure, told in (
            ("orders", "orders", self._orders_told()),
            ("hours", "answers", self._answers_told()),
        ):
            for name in {subject for subject, _, _ in told}:
                for subject, person, later in told:
                    yield (area, name, figure), person, later, subject == name
        yield from self._members_told()
        yield from self._purchases_told()

    def _messages_told(self) -> Iterator[Told]:
        for one in self.state.messages:
            planned, channel = one.row["planned_at"], one.row["channel"]
            later = self.later(planned)
            if later is None or not one.sent or one.row["purpose"] != "marketing" or planned >= NOW - SOON:
                continue
            soon = [row for row in one.happened if row["at"] < planned + SOON]
            people = {row["name"] for row in soon if not row.get("machine")}
            everything = {row["name"] for row in soon}
            marks = {
                "click_rate": bool(people & CLICKED),
                "unsubscribe_rate": bool(everything & {"Unsubscribed", "Consent Withdrawn"}),
                "bounce_rate": bool(everything & BOUNCED),
                "conversion_rate": any(order.at < planned + SOON for order in one.orders),
            }
            if channel == "email":
                marks["open_rate"] = "Email Opened" in people
            for figure, hit in marks.items():
                yield ("messages", channel, figure), one.person, later, hit

    def _orders_told(self) -> list[tuple[str, str, int]]:
        return [(one.channel, one.person, later) for one in self.state.orders
                if (later := self.later(one.at)) is not None]  # fmt: skip

    def _answers_told(self) -> list[tuple[str, str, int]]:
        made = []
        for one in self.state.messages:
            for row in one.happened:
                later = self.later(row["at"])
                if later is not None and row["name"] in CLICKED | {"Email Opened"} and not row.get("machine"):
                    hour = self.state.local(row["at"]).hour // 4 * 4
                    made.append((f"{hour:02}-{hour + 4:02}", one.person, later))
        return made

    def _members_told(self) -> Iterator[Told]:
        belonged = {0: self.belonged(self.start), 1: self.belonged(self.end)}
        names = {name for people in belonged.values() for mine in people.values() for name in mine}
        for later, people in belonged.items():
            for person, mine in people.items():
                for name in names:
                    yield ("segments", name, "members"), person, later, name in mine

    def _purchases_told(self) -> Iterator[Told]:
        for later in (0, 1):
            start = self.start if later else 2 * self.start - self.end
            ends = (self.end if later else self.start) - TO_BUY
            first: dict[str, Any] = {}
            for person, row in self.state.acts:
                if row["name"] == "Product Viewed" and start <= row["at"] < ends:
                    have = first.get(person, row)
                    first[person] = min(have, row, key=first_of_instant)
            for person, view in first.items():
                until = view["at"] + TO_BUY
                then = {
                    row["name"] for who, row in self.state.acts if who == person and view["at"] <= row["at"] < until
                }
                bought = any(view["at"] <= order.at < until for order in self.state.of(person))
                added, checkout = "Product Added" in then, "Checkout Started" in then
                place = place_of(view)
                yield ("break-points", place, "added"), person, later, added
                if added:
                    yield ("break-points", place, "checkout"), person, later, checkout or bought
                if checkout:
                    yield ("break-points", place, "bought"), person, later, bought

    def told(self) -> dict[str, dict[str, Any]]:
        """By customer what predictions are made of."""
        last = self.period.last
        made = {}
        for person in {one.person for one in self.state.orders if one.at < self.end}:
            spent: dict[Any, float] = defaultdict(float)
            for one in self.state.of(person):
                if one.at < self.end:
                    spent[self.state.local(one.at).date()] += float(paid([one]))
            days = sorted(spent)
            then = [day for day in days if day <= last - timedelta(days=90)]
            after = [day for day in days if day > last - timedelta(days=90)]

            def between(most: int, least: int, days: list[Any] = days) -> list[Any]:
                return [day for day in days if last - timedelta(days=most) < day <= last - timedelta(days=least)]

            made[person] = {
                "repeats": len(days) - 1,
                "recency": (days[-1] - days[0]).days,
                "age": (last - days[0]).days,
                "mean": sum(spent[day] for day in days[1:]) / (len(days) - 1) if days[1:] else None,
                "repeats_then": len(then) - 1,
                "recency_then": (then[-1] - then[0]).days if then else None,
                "age_then": (last - days[0]).days - 90,
                "mean_then": sum(spent[day] for day in then[1:]) / (len(then) - 1) if then[1:] else None,
                "again": (after[0] - last).days + 90 if after else None,
                "value_after": sum(spent[day] for day in after),
                "value_before": sum(spent[day] for day in between(180, 90)),
                "earlier": len([day for day in days if day <= last - timedelta(days=180)]),
                "recent_earlier": bool(between(270, 180)),
                "recent": bool(between(180, 90)),
            }
        return made


def _sums(people: list[list[int]]) -> dict[str, int]:
    names = ("n1", "h1", "n0", "h0")
    made = {name: sum(mine[place] for mine in people) for place, name in enumerate(names)}
    for one, first in enumerate(names):
        for other, second in enumerate(names):
            made[first + second] = sum(mine[one] * mine[other] for mine in people)
    made["customers"] = min(sum(mine[0] > 0 for mine in people), sum(mine[2] > 0 for mine in people))
    return made
