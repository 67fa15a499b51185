"""How long people are kept (docs/privacy.md)."""

from __future__ import annotations

from functions.admin.models.base import AnswerModel, Time


class RetentionRules(AnswerModel):
    customers_days: int
    prospects_days: int
    carry_out: bool
    per_day: int


class RetentionWalk(AnswerModel):
    """One walk through all customers. ``customer``, ``prospect``: who was due; ``kept``: who would have been, but has
    to stay; ``begun``: erasures. Without ``carried_out`` it only counted."""

    begun_at: Time
    ended_at: Time | None
    carried_out: bool
    looked_at: int
    customer: int
    prospect: int
    kept: int
    begun: int


class RetentionAnswer(AnswerModel):
    rules: RetentionRules
    walk: RetentionWalk | None
    log: list[RetentionWalk]
