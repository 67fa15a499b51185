"""A customer that is made anew from the log."""

from __future__ import annotations

from typing import Literal

from functions.admin.models.base import AnswerModel


class RebuildAnswer(AnswerModel):
    """The customer's id, and how many identifiers are made anew within seconds."""

    accepted: Literal[True]
    customer: str
    identifiers: int
