"""Figures about conversations with customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.support.lake_state import Row
from tests.support.report_oracle import Found, grouped, quantile, share
from tests.support.report_oracle_groups import GroupsCounted

HOURS = 3_600


class ServiceCounted(GroupsCounted):
    """The report about service."""

    @property
    def of_support(self) -> list[Row]:
        return [row for _, row in self.state.acts if row.get("source") == "support"]

    @property
    def support_here(self) -> list[Row]:
        return [row for row in self.of_support if self.here(row["at"])]

    def service_totals(self) -> Found:
        rows = self.support_here
        answers, ends = hours(rows, "Conversation Answered"), hours(rows, "Conversation Closed")
        ratings = rated(rows)
        return [
            {
                "opened": number(rows, "Conversation Opened"),
                "answered": number(rows, "Conversation Answered"),
                "answer_median": part(answers, 0.5),
                "answer_most": part(answers, 0.9),
                "overdue": number(rows, "Answer Overdue"),
                "closed": number(rows, "Conversation Closed"),
                "resolution_median": part(ends, 0.5),
                "resolution_most": part(ends, 0.9),
                "reopened": number(rows, "Conversation Reopened"),
                "asked": number(rows, "Satisfaction Asked"),
                "rated": len(ratings),
                "satisfaction": share(sum(ratings), len(ratings)),
                "satisfied": share(sum(one >= 4 for one in ratings), len(ratings)),
            }
        ]

    def service_channels(self) -> Found:
        return [
            {
                "channel": channel,
                "messages": len(wrote(some)),
                "opened": number(some, "Conversation Opened"),
                "answer_median": part(hours(some, "Conversation Answered"), 0.5),
                "rated": len(rated(some)),
                "satisfaction": share(sum(rated(some)), len(rated(some))),
            }
            for (channel,), some in grouped(self.support_here, lambda row: (row.get("channel", ""),))
        ]

    def service_hours(self) -> Found:
        by = grouped(wrote(self.support_here), lambda row: (row.get("channel", ""), self.state.local(row["at"]).hour))
        return [{"channel": channel, "hour": hour, "messages": len(some)} for (channel, hour), some in by]

    def service_backlog(self) -> Found:
        began = {"Conversation Opened", "Conversation Reopened"}
        moved = [
            row for row in self.of_support if row["name"] in began | {"Conversation Closed"} and row["at"] < self.end
        ]
        made = []
        days: set[date] = {self.state.local(row["at"]).date() for row in moved if self.here(row["at"])}
        for day in sorted(days):
            until = [row for row in moved if self.state.local(row["at"]).date() <= day]
            own = [row for row in until if self.state.local(row["at"]).date() == day]
            made.append(
                {
                    "day": str(day),
                    "opened": sum(row["name"] in began for row in own),
                    "closed": number(own, "Conversation Closed"),
                    "backlog": sum(1 if row["name"] in began else -1 for row in until),
                }
            )
        return made

    def service_agents(self) -> Found:
        asked = {"Conversation Answered", "Conversation Closed", "Satisfaction Rated"}
        rows = [row for row in self.support_here if row["name"] in asked]
        return [
            {
                "agent": agent,
                "answered": number(some, "Conversation Answered"),
                "answer_median": part(hours(some, "Conversation Answered"), 0.5),
                "closed": number(some, "Conversation Closed"),
                "resolution_median": part(hours(some, "Conversation Closed"), 0.5),
                "rated": len(rated(some)),
                "satisfaction": share(sum(rated(some)), len(rated(some))),
            }
            for (agent,), some in grouped(rows, lambda row: (row.get("agent", ""),))
        ]


def number(rows: Sequence[Row], name: str) -> int:
    return sum(row["name"] == name for row in rows)


def wrote(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["name"] == "Message Received" and not row.get("machine")]


def hours(rows: Sequence[Row], name: str) -> list[float]:
    return [row["seconds"] / HOURS for row in rows if row["name"] == name and "seconds" in row]


def rated(rows: Sequence[Row]) -> list[Any]:
    return [row["rating"] for row in rows if row["name"] == "Satisfaction Rated"]


def part(values: Sequence[float], share_: float) -> float | None:
    return quantile(values, share_) if values else None
