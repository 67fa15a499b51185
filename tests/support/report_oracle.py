"""Every figure of every report, counted one by one in plain Python over the rows of the lake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any, TypeVar

from shared.domain.measure.period import Period
from tests.support.lake_state import BOUNCED, DAY, HOUR, Message, Order, State

T = TypeVar("T")
Found = list[dict[str, Any]]
ZERO = Decimal(0)
WINDOW = 14 * DAY
NOW = 1_777_777_777_777
"""The instant at which reports of these tests are asked."""


class Counted:
    """Counts over one state and one period."""

    def __init__(self, state: State, period: Period) -> None:
        self.state, self.start, self.end, self.period = state, period.starts_ms, period.ends_ms, period

    def here(self, at: int) -> bool:
        return self.start <= at < self.end

    @property
    def orders(self) -> list[Order]:
        return [order for order in self.state.orders if self.here(order.at)]

    @property
    def planned(self) -> list[Message]:
        return [one for one in self.state.messages if self.here(one.row["planned_at"])]

    @property
    def began(self) -> list[tuple[str, Any]]:
        return [(person, row) for person, row in self.state.enrollments if self.here(row["planned_at"])]

    def overview_totals(self) -> Found:
        orders, sent = self.orders, [one for one in self.planned if one.sent]
        people = {one.person for one in orders}
        new = {one.person for one in orders if one == self.state.of(one.person)[0]}
        revenue, ours = paid(orders), [one for one in orders if not one.foreign]
        emails = [one for one in sent if one.row["channel"] == "email"]
        credited = [order for one in self.state.messages for order in one.orders if self.here(order.at)]
        return [
            {
                "orders": len(orders),
                "revenue": revenue,
                "average": share(revenue, len(ours)),
                "other_currency": len(orders) - len(ours),
                "customers": len(people),
                "customers_new": len(new),
                "customers_returning": len(people - new),
                "messages": len(sent),
                "reached": len({one.person for one in sent}),
                "open_rate": share(sum(one.opened for one in emails), len(emails)),
                "click_rate": share(sum(one.clicked for one in sent), len(sent)),
                "conversion_rate": share(sum(bool(one.orders) for one in sent), len(sent)),
                "unsubscribe_rate": share(sum(one.unsubscribed for one in sent), len(sent)),
                "bounce_rate": share(sum(one.did(BOUNCED) for one in sent), len(sent)),
                "cost": costs(sent),
                "credited_orders": len(credited),
                "credited_revenue": paid(credited),
                "credited_share": share(paid(credited), revenue),
            }
        ]

    def overview_days(self) -> Found:
        made = []
        for n in range(self.period.days):
            day = self.period.first + timedelta(days=n)
            orders = [one for one in self.orders if self.state.local(one.at).date() == day]
            sent = [one for one in self.planned if one.sent and self.state.local(one.row["planned_at"]).date() == day]
            made.append({"day": str(day), "orders": len(orders), "revenue": paid(orders), "messages": len(sent)})
        return made

    def overview_origins(self) -> Found:
        whole = paid(self.orders)
        by = {(order.person, order.id): one for one in self.state.messages for order in one.orders}
        return [
            {"kind": kind, "name": name, "orders": len(some), "revenue": paid(some), "share": share(paid(some), whole)}
            for (kind, name), some in grouped(
                self.orders,
                lambda one: named(by[one.person, one.id]) if (one.person, one.id) in by else ("none", ""),
            )
        ]

    def after(self, person: str, at: int) -> list[Order]:
        """Orders of a customer within the fourteen days from an instant on."""
        return [one for one in self.state.of(person) if at <= one.at < at + WINDOW]

    def journeys_journeys(self) -> Found:
        made = []
        for (journey,), some in grouped(self.began, lambda one: (one[1]["journey"],)):
            ended = [row for _, row in some if row["state"] == "ended"]
            done = sum(row["reason"] == "completed" for row in ended)
            ordered = sum(bool(self.after(person, row["planned_at"])) for person, row in some)
            made.append(
                {
                    "journey": journey,
                    "entered": len(some),
                    "customers": len({person for person, _ in some}),
                    "live": len(some) - len(ended),
                    "completed": done,
                    "ended_otherwise": len(ended) - done,
                    "ordered": ordered,
                    "rate": share(ordered, len(some)),
                }
            )
        return made

    def journeys_steps(self) -> Found:
        size: dict[str, int] = defaultdict(int)
        walked = []
        for _, row in self.began:
            size[row["journey"]] += 1
            steps = row.get("steps", [])
            newest = max(steps, key=lambda step: (step["at"], step["step"])) if steps else None
            walked += [
                (
                    row["journey"],
                    step,
                    step["at"] - row["planned_at"],
                    row["state"] == "live" and step is newest,
                    NOW - step["at"],
                )
                for step in steps
            ]
        return [
            {
                "journey": journey,
                "step": step,
                "became": became,
                "which": which,
                "enrollments": len(some),
                "share": share(len(some), size[journey]),
                "hours": median(one[2] / HOUR for one in some),
                "waiting": sum(one[3] for one in some),
                "waiting_hours": median(waits) if (waits := [one[4] / HOUR for one in some if one[3]]) else None,
            }
            for (journey, step, became, which), some in grouped(
                walked, lambda one: (one[0], one[1]["step"], one[1]["became"], one[1]["which"])
            )
        ]

    def journeys_ends(self) -> Found:
        ended = [row for _, row in self.began if row["state"] == "ended"]
        return [
            {
                "journey": journey,
                "reason": reason,
                "enrollments": len(some),
                "hours": median((row["ended_at"] - row["planned_at"]) / HOUR for row in some),
            }
            for (journey, reason), some in grouped(ended, lambda row: (row["journey"], row["reason"]))
        ]

    def cycle_gaps(self) -> Found:
        pairs: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for person in {one.person for one in self.state.orders}:
            mine = self.state.of(person)
            for n in range(1, len(mine)):
                if self.here(mine[n].at):
                    gap = (person, (mine[n].at - mine[n - 1].at) / DAY)
                    pairs[str(n + 1) if n < 3 else "4+"].append(gap)
                    pairs["all"].append(gap)
        return [
            {
                "order": which,
                "pairs": len(some),
                "customers": len({person for person, _ in some}),
                "quarter": quantile([days for _, days in some], 0.25),
                "median": quantile([days for _, days in some], 0.5),
                "three_quarters": quantile([days for _, days in some], 0.75),
            }
            for which, some in pairs.items()
        ]

    def cohorts_months(self) -> Found:
        last = self.state.local(self.end - 1)
        cohorts: dict[int, list[str]] = defaultdict(list)
        for person in {one.person for one in self.state.orders if one.at < self.end}:
            cohort = self.month(self.state.of(person)[0].at)
            if cohort > last.year * 12 + last.month - 1 - 12:
                cohorts[cohort].append(person)
        made = []
        for cohort, people in cohorts.items():
            bought = [one for one in self.state.orders if one.person in people and one.at < self.end]
            for (month,), some in grouped(bought, lambda one: (self.month(one.at),)):
                active = len({one.person for one in some})
                made.append(
                    {
                        "cohort": f"{cohort // 12}-{cohort % 12 + 1:02}",
                        "month": month - cohort,
                        "customers": len(people),
                        "ordering": active,
                        "share": share(active, len(people)),
                        "orders": len(some),
                        "revenue": paid(some),
                    }
                )
        return made

    def month(self, at: int) -> int:
        local = self.state.local(at)
        return local.year * 12 + local.month - 1

    def rfm_classes(self) -> Found:
        classes: dict[tuple[str, str], list[list[Order]]] = defaultdict(list)
        for person in {one.person for one in self.state.orders}:
            mine = [one for one in self.state.of(person) if one.at < self.end]
            if mine:
                days = (self.end - mine[-1].at) / DAY
                recency = next((name for most, name in RECENCY if days <= most), "181+")
                classes[recency, "1" if len(mine) == 1 else "2-3" if len(mine) < 4 else "4+"].append(mine)
        return [
            {
                "recency": recency,
                "frequency": frequency,
                "customers": len(some),
                "orders": sum(len(mine) for mine in some),
                "revenue": sum((paid(mine) for mine in some), ZERO),
                "revenue_each": share(sum((paid(mine) for mine in some), ZERO), len(some)),
            }
            for (recency, frequency), some in classes.items()
        ]

    def rfm_fifths(self) -> Found:
        people = sorted({one.person for one in self.state.orders if one.at < self.end})
        spent = {one: [order for order in self.state.of(one) if order.at < self.end] for one in people}
        ranked = sorted(people, key=lambda one: (-paid(spent[one]), one))
        made, taken = [], 0
        for fifth in range(1, 6):
            some = ranked[taken : taken + len(ranked) // 5 + (fifth <= len(ranked) % 5)]
            taken += len(some)
            revenue = sum((paid(spent[one]) for one in some), ZERO)
            if some:
                made.append(
                    {
                        "fifth": fifth,
                        "customers": len(some),
                        "orders": sum(len(spent[one]) for one in some),
                        "revenue": revenue,
                        "revenue_each": share(revenue, len(some)),
                        "share": share(revenue, sum((paid(mine) for mine in spent.values()), ZERO)),
                    }
                )
        return made


RECENCY = ((30, "0-30"), (90, "31-90"), (180, "91-180"))


PRICES = {"email": Decimal("0.004"), "sms": Decimal("0.35")}
"""What the shop of these tests pays; it does not say what a push message costs."""


def costs(messages: Iterable[Message]) -> Decimal | None:
    """What messages that were sent cost; None if no price is known of any."""
    known = [
        PRICES[one.row["channel"]] * (one.row.get("parts", 1) if one.row["channel"] == "sms" else 1)
        for one in messages
        if one.sent and one.row["channel"] in PRICES
    ]
    return sum(known, ZERO) if known else None


def paid(orders: Iterable[Order]) -> Decimal:
    return sum((one.revenue for one in orders), ZERO)


def share(part: Decimal | float, whole: Decimal | float) -> float | None:
    return float(part) / float(whole) if whole else None


def named(message: Message) -> tuple[str, str]:
    campaign = message.row.get("campaign")
    return ("campaign", campaign) if campaign else ("journey", message.row["journey"])


def grouped(items: Iterable[T], by: Callable[[T], tuple[Any, ...]]) -> list[tuple[tuple[Any, ...], list[T]]]:
    found: dict[tuple[Any, ...], list[T]] = defaultdict(list)
    for item in items:
        found[by(item)].append(item)
    return list(found.items())


def quantile(values: Sequence[float], part: float) -> float:
    """Between the two values that lie around the part, as a ruler would."""
    ordered, place = sorted(values), part * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
