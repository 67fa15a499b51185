"""Figures about groups that are compared: arms, holdouts, channels together, and segments over time."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

from tests.support.lake_state import DAY, HOUR, Row
from tests.support.report_oracle import WINDOW, ZERO, Found, grouped, paid, share
from tests.support.report_oracle_more import MoreCounted

FIELD = 4.94


class GroupsCounted(MoreCounted):
    """The reports that compare groups."""

    def channels_numbers(self) -> Found:
        reached = self.reached()
        live = {row["root"] for row in self.state.live if self.state.counts(row["root"])}
        sizes: dict[int, list[str]] = defaultdict(list)
        for person in live | set(reached):
            sizes[len(reached.get(person, ()))].append(person)
        each = {
            size: share(sum(len(self.bought(one)) for one in people), len(people)) for size, people in sizes.items()
        }
        made = []
        for size, people in sizes.items():
            ordering, orders = (
                sum(bool(self.bought(one)) for one in people),
                sum(len(self.bought(one)) for one in people),
            )
            made.append(
                {
                    "channels": size,
                    "customers": len(people),
                    "ordering": ordering,
                    "rate": share(ordering, len(people)),
                    "orders": orders,
                    "orders_each": each[size],
                    "more_orders": (each[size] or 0) / each[1] - 1 if size > 1 and each.get(1) else None,  # type: ignore[operator]
                    "field": FIELD if size > 2 else None,
                }
            )
        return made

    def lift_strata(self) -> dict[tuple[str, str, str, bool], tuple[int, int, Decimal]]:
        """Customers, those who ordered and revenue by pair, stratum and whether it was both channels or the first."""
        reached = self.reached()
        used = {channel for channels in reached.values() for channel in channels}
        made: dict[tuple[str, str, str, bool], tuple[int, int, Decimal]] = {}
        for first, second in permutations(sorted(used), 2):
            for person, channels in reached.items():
                if channels in ({first}, {first, second}):
                    mine = self.bought(person)
                    name = (first, second, self.stratum(person), len(channels) == 2)
                    size, hits, revenue = made.get(name, (0, 0, ZERO))
                    made[name] = (size + 1, hits + bool(mine), revenue + paid(mine))
        return made

    def stratum(self, person: str) -> str:
        past = [one for one in self.state.of(person) if one.at < self.start]
        names = " ".join(sorted(self.belonged(self.start).get(person, ())))
        if not past:
            return f"0 {names}"
        size = "1" if len(past) == 1 else "2-3" if len(past) < 4 else "4+"
        return size + (" within 90 days " if past[-1].at >= self.start - 90 * DAY else " longer ago ") + names

    def as_of(self, instant: int) -> list[Row]:
        """The newest row of each customer that was written before an instant: what he was then."""
        found: dict[str, Row] = {}
        for row in self.state.days:
            have = found.get(row["root"])
            if row["at"] < instant and (have is None or row["version"] > have["version"]):
                found[row["root"]] = row
        return [row for row in found.values() if self.state.counts(self.owner(row))]

    def owner(self, row: Row) -> str:
        return self.state.owner.get(row["root"], str(row["root"]))

    def belonged(self, instant: int) -> dict[str, set[str]]:
        """Segments of today's customers as they were then."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.as_of(instant):
            if row["state"] == "live":
                found[self.owner(row)] |= set(row.get("segments", {}))
        return found

    def segments_history(self) -> Found:
        apart = 1 if self.period.days <= 31 else 7 if self.period.days <= 217 else 30
        made = []
        for n in range(0, self.period.days, apart):
            day = self.period.last - timedelta(days=n)
            ends = type(self.period)(day, day, self.period.zone).ends_ms
            sizes: dict[str, int] = defaultdict(int)
            for row in self.as_of(ends):
                for name in row.get("segments", {}) if row["state"] == "live" else ():
                    sizes[name] += 1
            made += [{"segment": name, "day": str(day), "members": size} for name, size in sizes.items()]
        return made

    def segments_flows(self) -> Found:
        before, after = self.belonged(self.start), self.belonged(self.end)
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for person in set(before) | set(after):
            gone, come = (
                before.get(person, set()) - after.get(person, set()),
                after.get(person, set()) - before.get(person, set()),
            )
            if gone or come:
                for origin in gone or {"nowhere"}:
                    for target in come or {"nowhere"}:
                        counts[origin, target] += 1
        return [{"origin": one, "target": other, "customers": size} for (one, other), size in counts.items()]

    def journeys_breaks(self) -> Found:
        sizes: dict[str, int] = defaultdict(int)
        broken = []
        for _, row in self.began:
            sizes[row["journey"]] += 1
            if row["state"] == "ended" and row["reason"] != "completed":
                steps = row.get("steps", [])
                newest = max(steps, key=lambda step: (step["at"], step["step"])) if steps else None
                since = newest["at"] if newest else row["planned_at"]
                name = (row["journey"], newest["step"] if newest else "", row["reason"])
                broken.append((name, (row["ended_at"] - since) / HOUR))
        return [
            {
                "journey": journey,
                "step": step,
                "reason": reason,
                "enrollments": len(some),
                "share": share(len(some), sizes[journey]),
                "hours": middle([hours for _, hours in some]),
            }
            for (journey, step, reason), some in grouped(broken, lambda one: one[0])
        ]

    def arms(self, chance: str) -> dict[tuple[str, str, str], tuple[int, int, Decimal]]:
        """Customers, those who ordered within fourteen days and revenue, by journey, step and arm.

        A customer counts once, by his first enrollment, and not at all if he was in two arms.
        """
        taken: dict[tuple[str, str, str], list[tuple[int, str, str]]] = defaultdict(list)
        for person, row in self.began:
            for step in row.get("steps", []):
                if step.get("by") == chance:
                    taken[person, row["journey"], step["step"]].append((step["at"], row["id"], step["which"]))
        made: dict[tuple[str, str, str], tuple[int, int, Decimal]] = {}
        for (person, journey, step), times in taken.items():
            if len({arm for _, _, arm in times}) == 1:
                at, _, arm = min(times)
                mine = [one for one in self.state.of(person) if at <= one.at < at + WINDOW]
                size, hits, revenue = made.get((journey, step, arm), (0, 0, ZERO))
                made[journey, step, arm] = (size + 1, hits + bool(mine), revenue + paid(mine))
        return made

    def ab_arms(self) -> Found:
        arms = self.arms("split")
        made = []
        for (journey, step), some in grouped(arms, lambda name: name[:2]):
            if len(some) < 2:
                continue
            names = sorted(arm for _, _, arm in some)
            first = "control" if "control" in names else names[0]
            base = arms[journey, step, first]
            for arm in names:
                size, hits, revenue = arms[journey, step, arm]
                rate, other = hits / size, base[1] / base[0]
                made.append(
                    {
                        "journey": journey,
                        "step": step,
                        "arm": arm,
                        "customers": size,
                        "converted": hits,
                        "rate": rate,
                        "difference": None if arm == first else rate - other,
                        "lift": None if arm == first or not other else rate / other - 1,
                        "revenue_each": share(revenue, size),
                    }
                )
        return made

    def holdout_journeys(self) -> Found:
        arms = self.arms("holdout")
        made = []
        for journey, step in {name[:2] for name in arms}:
            if (journey, step, "in") in arms and (journey, step, "out") in arms:
                (size, hits, revenue), (held, bought, rest) = arms[journey, step, "in"], arms[journey, step, "out"]
                made.append(
                    {
                        "journey": journey,
                        "step": step,
                        "customers": size,
                        "held_out": held,
                        "rate": hits / size,
                        "held_out_rate": bought / held,
                        "difference": hits / size - bought / held,
                        "lift": None if not bought else (hits / size) / (bought / held) - 1,
                        "revenue_each": share(revenue, size),
                        "held_out_revenue": share(rest, held),
                    }
                )
        return made


def middle(values: list[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
