"""Figures about channels, places, segments and comparisons, counted one by one in plain Python."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from typing import Any

from tests.support.lake_state import CLICKED, DAY, HOUR, Row
from tests.support.report_oracle import ZERO, Counted, Found, grouped, paid, share

VISITED = {"web", "mobile", "store", "marketplace", "social"}


def place_of(row: Row) -> str:
    return f"{row.get('channel', '')} {row.get('device', '')}".strip()


def first_of_instant(row: Row) -> tuple[int, str, str]:
    """Of what happened at one instant the first by its place counts."""
    return row["at"], row.get("channel", ""), row.get("device", "")


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

    def starts(self) -> list[tuple[str, str, bool, Any, tuple[str, str]]]:
        """Start, finish, whether there was a visit, the order, and the devices of start and finish."""
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
                (row["at"], row.get("channel", ""), row.get("device", ""), place_of(row))
                for person, row in self.state.acts
                if person == order.person
                and row.get("channel") in VISITED
                and row["name"] != "Order Completed"
                and row.get("source") != "kervan"
                and max(order.at - 7 * DAY, before + 1) <= row["at"] <= order.at
            ]
            devices = (min(visits)[2] if visits else "", max(told, default=""))
            made.append((min(visits)[3] if visits else finish, finish, bool(visits), order, devices))
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
        devices = sum(bool(one[4][0] and one[4][1]) and one[4][0] != one[4][1] for one in starts)
        return [
            {
                "orders": len(starts),
                "seen": sum(one[2] for one in starts),
                "changed": changed,
                "share": share(changed, len(starts)),
                "changed_device": devices,
                "device_share": share(devices, len(starts)),
            }
        ]

    def break_points_places(self) -> Found:
        first: dict[str, Row] = {}
        here = [(person, row) for person, row in self.state.acts if self.here(row["at"])]
        for person, row in here:
            if row["name"] == "Product Viewed":
                have = first.get(person, row)
                first[person] = min(have, row, key=first_of_instant)
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
                    "lost_before_checkout": share(
                        sum("Checkout Started" not in one[1] and not one[2] for one in added), len(added)
                    ),
                    "lost_in_checkout": share(
                        sum("Checkout Started" in one[1] and not one[2] for one in some),
                        sum("Checkout Started" in one[1] for one in some),
                    ),
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

    def send_time_answers(self) -> Found:
        given = [
            (self.state.local(row["at"]), row["name"] in CLICKED)
            for one in self.state.messages
            for row in one.happened
            if not row.get("machine") and row["name"] in CLICKED | {"Email Opened"} and self.here(row["at"])
        ]
        return [
            {
                "weekday": weekday,
                "hour": hour,
                "answers": len(some),
                "clicks": sum(clicked for _, clicked in some),
                "share": share(len(some), len(given)),
            }
            for (weekday, hour), some in grouped(given, lambda one: (one[0].isoweekday(), one[0].hour))
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
                    "newest": str(self.state.local(max(row["at"] for _, row in some)).date()),
                    "without_device": share(sum("device" not in row for _, row in some), len(some)),
                }
            )
        return made
