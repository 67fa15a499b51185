"""Figures about channels, places, segments and comparisons, counted one by one in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from typing import Any

from tests.support.lake_state import DAY, HOUR, Row
from tests.support.report_oracle import WINDOW, ZERO, Counted, Found, grouped, paid, share

VISITED = {"web", "mobile", "store", "marketplace", "social"}
BRANCHES = {"in", "out", "then", "else", "came", "over", "until", "do", "done"}


def place_of(row: Row) -> str:
    return f"{row.get('channel', '')} {row.get('device', '')}".strip()


class MoreCounted(Counted):
    """The other reports."""

    def reached(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.planned:
            if one.sent:
                found[one.person].add(one.row["channel"])
        return found

    def bought(self, person: str) -> list[Any]:
        return [one for one in self.state.of(person) if self.here(one.at)]

    def channels_combinations(self) -> Found:
        reached = self.reached()
        live = {row["root"] for row in self.state.live if self.state.counts(row["root"])}
        made = []
        for (channels,), people in grouped(
            sorted(live | set(reached)), lambda person: (" + ".join(sorted(reached.get(person, ()))) or "none",)
        ):
            orders = [one for person in people for one in self.bought(person)]
            ordering = sum(bool(self.bought(person)) for person in people)
            made.append(
                {
                    "channels": channels,
                    "customers": len(people),
                    "ordering": ordering,
                    "rate": share(ordering, len(people)),
                    "orders": len(orders),
                    "revenue": paid(orders),
                    "revenue_each": share(paid(orders), len(people)),
                }
            )
        return made

    def lift_strata(self) -> dict[tuple[str, str, str, bool], tuple[int, int, Decimal]]:
        """Customers, those who ordered and revenue by pair, stratum and whether the second channel was there."""
        reached = self.reached()
        used = {channel for channels in reached.values() for channel in channels}
        made: dict[tuple[str, str, str, bool], tuple[int, int, Decimal]] = {}
        for first, second in permutations(sorted(used), 2):
            for person, channels in reached.items():
                if first in channels:
                    mine = self.bought(person)
                    name = (first, second, self.stratum(person), second in channels)
                    size, hits, revenue = made.get(name, (0, 0, ZERO))
                    made[name] = (size + 1, hits + bool(mine), revenue + paid(mine))
        return made

    def stratum(self, person: str) -> str:
        past = [one for one in self.state.of(person) if one.at < self.start]
        if not past:
            return "0"
        size = "1" if len(past) == 1 else "2-3" if len(past) < 4 else "4+"
        return size + (" within 90 days" if past[-1].at >= self.start - 90 * DAY else " longer ago")

    def starts(self) -> list[tuple[str, str, bool, Any]]:
        """Start, finish, whether there was a visit, and the order."""
        made = []
        for order in self.orders:
            mine = self.state.of(order.person)
            before = max((one.at for one in mine[: mine.index(order)]), default=-1)
            told = [
                row.get("device", "")
                for person, row in self.state.acts
                if person == order.person
                and row["name"] == "Order Completed"
                and row.get("order_id") == order.id
                and row.get("channel", "") == order.channel
            ]
            finish = f"{order.channel} {max(told, default='')}".strip()
            visits = [
                (row["at"], row["event"], place_of(row))
                for person, row in self.state.acts
                if person == order.person
                and row.get("channel") in VISITED
                and row["name"] != "Order Completed"
                and row.get("source") != "kervan"
                and max(order.at - 7 * DAY, before + 1) <= row["at"] <= order.at
            ]
            made.append((min(visits)[2] if visits else finish, finish, bool(visits), order))
        return made

    def start_finish_matrix(self) -> Found:
        starts = self.starts()
        return [
            {
                "start": start,
                "finish": finish,
                "orders": len(some),
                "revenue": paid(one[3] for one in some),
                "share": share(len(some), len(starts)),
            }
            for (start, finish), some in grouped(starts, lambda one: one[:2])
        ]

    def start_finish_changes(self) -> Found:
        starts = self.starts()
        changed = sum(one[0] != one[1] for one in starts)
        return [
            {
                "orders": len(starts),
                "seen": sum(one[2] for one in starts),
                "changed": changed,
                "share": share(changed, len(starts)),
            }
        ]

    def break_points_places(self) -> Found:
        first: dict[str, Row] = {}
        here = [(person, row) for person, row in self.state.acts if self.here(row["at"])]
        for person, row in here:
            if row["name"] == "Product Viewed":
                have = first.get(person, row)
                first[person] = min(have, row, key=lambda one: (one["at"], one["event"]))
        seen = []
        for person, view in first.items():
            then = {row["name"] for who, row in here if who == person and row["at"] >= view["at"]}
            orders = [one for one in self.bought(person) if one.at >= view["at"]]
            seen.append((place_of(view), then, orders, view.get("channel", "")))
        made = []
        for (place,), some in [*grouped(seen, lambda one: (one[0],)), *([(("all",), seen)] if seen else [])]:
            added = [one for one in some if "Product Added" in one[1]]
            bought = sum(bool(one[2]) for one in some)
            made.append(
                {
                    "place": place,
                    "viewed": len(some),
                    "added": len(added),
                    "checkout": sum("Checkout Started" in one[1] for one in some),
                    "bought": bought,
                    "elsewhere": sum(bool(one[2]) and one[2][0].channel != one[3] for one in some),
                    "lost_before_cart": share(len(some) - len(added), len(some)),
                    "lost_before_order": share(sum(not one[2] for one in added), len(added)),
                    "rate": share(bought, len(some)),
                }
            )
        return made

    def segments_sizes(self) -> Found:
        live = [row for row in self.state.live if self.state.counts(row["root"])]
        made = []
        for name in {name for row in live for name in row.get("segments", {})}:
            members = [row for row in live if name in row.get("segments", {})]
            orders = [one for row in members for one in self.bought(row["root"])]
            made.append(
                {
                    "segment": name,
                    "members": len(members),
                    "share": share(len(members), len(live)),
                    "entered": sum(self.here(row["segments"][name]) for row in members),
                    **{
                        channel: sum(channel in row.get("reachable", []) for row in members)
                        for channel in ("email", "sms", "push")
                    },
                    "orders": len(orders),
                    "revenue": paid(orders),
                }
            )
        return made

    def segments_overlaps(self) -> Found:
        live = [set(row.get("segments", {})) for row in self.state.live if self.state.counts(row["root"])]
        made = []
        for one, other in permutations(sorted(set().union(*live)), 2):
            both, whole = sum({one, other} <= have for have in live), sum(one in have for have in live)
            if both:
                made.append({"one": one, "other": other, "members": both, "share": share(both, whole)})
        return made

    def preferred_channel_channels(self) -> Found:
        totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        sent = [one for one in self.planned if one.sent]
        for _, mine in grouped(sent, lambda one: (one.person,)):
            by = {name: some for (name,), some in grouped(mine, lambda one: (one.row["channel"],)) if len(some) >= 3}
            if len(by) < 2:
                continue
            reacted = {name: sum(one.opened or one.clicked for one in some) for name, some in by.items()}
            rates = {name: reacted[name] / len(some) for name, some in by.items()}
            best = [name for name in by if rates[name] == max(rates.values()) and reacted[name]]
            for name, some in by.items():
                for place, count in enumerate((1, int(best == [name]), len(some), reacted[name])):
                    totals[name][place] += count
        return [
            {
                "channel": name,
                "customers": people,
                "prefer": prefer,
                "share": share(prefer, people),
                "messages": messages,
                "reacted": reacted,
                "reaction_rate": share(reacted, messages),
            }
            for name, (people, prefer, messages, reacted) in totals.items()
        ]

    def send_time_hours(self) -> Found:
        sent = [one for one in self.state.messages if one.sent and self.here(one.row["ended_at"])]

        def hour(one: Any) -> tuple[int, int]:
            local = self.state.local(one.row["ended_at"])
            return local.isoweekday(), local.hour

        return [
            {
                "weekday": weekday,
                "hour": at,
                "sent": len(some),
                "opened": sum(one.opened for one in some),
                "clicked": sum(one.clicked for one in some),
                "open_rate": share(sum(one.opened for one in some), len(some)),
                "click_rate": share(sum(one.clicked for one in some), len(some)),
                "revenue": sum((one.revenue for one in some), ZERO),
            }
            for (weekday, at), some in grouped(sent, hour)
        ]

    def sources_sources(self) -> Found:
        here = [(person, row) for person, row in self.state.acts if self.here(row["at"])]
        made = []
        for (source, channel), some in grouped(here, lambda one: (one[1].get("source", ""), one[1].get("channel", ""))):
            orders = [row for _, row in some if row["name"] == "Order Completed"]
            made.append(
                {
                    "source": source,
                    "channel": channel,
                    "events": len(some),
                    "customers": len({person for person, _ in some}),
                    "late": sum(row["received_at"] > row["at"] + HOUR and not row.get("history") for _, row in some),
                    "history": sum(row.get("history", False) for _, row in some),
                    "provisional": sum(row.get("provisional", False) for _, row in some),
                    "orders": len(orders),
                    "incomplete_orders": sum("order_id" not in row or "total" not in row for row in orders),
                    "without_device": share(sum("device" not in row for _, row in some), len(some)),
                }
            )
        return made

    def arms(self, counts: Callable[[str], bool]) -> dict[tuple[str, str, str], tuple[int, int, Decimal]]:
        """Customers, those who ordered within fourteen days and revenue, by journey, step and arm.

        A customer counts once, by his first enrollment, and not at all if he was in two arms.
        """
        taken: dict[tuple[str, str, str], list[tuple[int, str, str]]] = defaultdict(list)
        for person, row in self.began:
            for step in row.get("steps", []):
                if step["became"] == "decided" and counts(step["which"]):
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
        arms = self.arms(lambda arm: arm not in BRANCHES)
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
                        "revenue_each": share(revenue, size),
                    }
                )
        return made

    def holdout_journeys(self) -> Found:
        holding = {
            (row["journey"], step["step"])
            for _, row in self.began
            for step in row.get("steps", [])
            if row.get("reason") == "holdout" and step["became"] == "decided" and step["which"] == "out"
        }
        arms = self.arms(lambda arm: arm in ("in", "out"))
        made = []
        for journey, step in holding:
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
                        "revenue_each": share(revenue, size),
                        "held_out_revenue": share(rest, held),
                    }
                )
        return made
