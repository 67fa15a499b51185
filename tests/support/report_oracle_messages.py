"""Figures of the report about messages, counted one by one in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.lake_state import BOUNCED, DELIVERED, Message
from tests.support.report_oracle import ZERO, Found, costs, grouped, named, share
from tests.support.report_oracle_service import ServiceCounted


def counts_of(some: list[Message]) -> dict[str, Any]:
    """Everything that is counted of a group of messages."""
    sent = [one for one in some if one.sent]
    revenue = sum((one.revenue for one in some), ZERO)
    return {
        "planned": len(some),
        "sent": len(sent),
        "not_sent": sum(one.row["state"] in ("skipped", "failed") for one in some),
        "waiting": sum(one.row["state"] == "deferred" for one in some),
        "unknown": sum(one.row["state"] == "unknown" for one in some),
        "delivered": sum(one.did(DELIVERED) for one in some),
        "opened": sum(one.opened for one in some),
        "opened_machine": sum(one.did({"Email Opened"}, machine=True) and not one.opened for one in some),
        "clicked": sum(one.clicked for one in some),
        "bounced": sum(one.did(BOUNCED) for one in some),
        "complained": sum(one.did({"Email Marked as Spam"}) for one in some),
        "unsubscribed": sum(one.unsubscribed for one in some),
        "converted": sum(bool(one.orders) for one in some),
        "revenue": revenue,
        "cost": costs(sent),
        "revenue_each": share(revenue, len(sent)),
        "open_rate": share(sum(one.opened for one in sent), len(sent)),
        "click_rate": share(sum(one.clicked for one in sent), len(sent)),
        "conversion_rate": share(sum(bool(one.orders) for one in sent), len(sent)),
        "unsubscribe_rate": share(sum(one.unsubscribed for one in sent), len(sent)),
    }


class AllCounted(ServiceCounted):
    """Every report."""

    def _by(self, names: tuple[str, ...], by: Callable[[Message], list[tuple[Any, ...]]]) -> Found:
        placed = [(key, one) for one in self.planned for key in by(one)]
        return [
            dict(zip(names, key, strict=True)) | counts_of([one for _, one in some])
            for (*key,), some in grouped(placed, lambda one: one[0])
        ]

    def messages_steps(self) -> Found:
        return self._by(
            ("kind", "name", "step", "channel"), lambda one: [(*named(one), one.row["step"], one.row["channel"])]
        )

    def messages_origins(self) -> Found:
        return self._by(("kind", "name"), lambda one: [named(one)])

    def messages_templates(self) -> Found:
        return self._by(("template",), lambda one: [(one.row["template"],)])

    def messages_channels(self) -> Found:
        return self._by(("channel",), lambda one: [(one.row["channel"],)])

    def messages_days(self) -> Found:
        return self._by(("day",), lambda one: [(str(self.state.local(one.row["planned_at"]).date()),)])

    def messages_segments(self) -> Found:
        segments = {row["root"]: row.get("segments", {}) for row in self.state.live}
        return self._by(("segment",), lambda one: [(name,) for name in segments.get(one.person, {})])

    def messages_variants(self) -> Found:
        def variant(one: Message) -> list[tuple[Any, ...]]:
            for _, row in self.state.enrollments:
                if all(row.get(name) == one.row.get(name) for name in ("home", "journey", "enrollment")):
                    arms = sorted((step["at"], step["step"], step["which"]) for step in row.get("steps", [])
                                  if step.get("by") == "split" and step["at"] <= one.row["planned_at"])  # fmt: skip
                    if arms:
                        name = one.row.get("campaign") or one.row["journey"]
                        return [(name, one.row["step"], " + ".join(arm for _, _, arm in arms))]
            return []

        return self._by(("name", "step", "variant"), variant)

    def messages_reasons(self) -> Found:
        left = [one for one in self.planned if not one.sent]
        return [
            {"state": state, "reason": reason, "channel": channel, "messages": len(some)}
            for (state, reason, channel), some in grouped(
                left, lambda one: (one.row["state"], one.row["reason"], one.row["channel"])
            )
        ]
