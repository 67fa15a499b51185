"""Journeys: whether they run, and how many enrollments wait where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

from pydantic import ConfigDict

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time
from shared.stores.journey_controls import Switch


class Journey(AnswerModel):
    name: str
    label: dict[str, str]
    state: Literal["running", "paused", "stopped"]
    live: int
    live_at_least: bool
    waiting: dict[str, int]
    next_at: Time | None
    start: dict[str, Any] | None
    steps: list[dict[str, Any]]
    release: int | None


class Journeys(AnswerModel):
    items: list[Journey]
    cursor: Cursor


class StateRequest(RequestModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "running"}]})
    sentences: ClassVar[Mapping[str, str]] = {"": f"state is one of {', '.join(get_args(Switch))}"}

    state: Switch


class JourneyState(AnswerModel):
    name: str
    state: Literal["running", "paused", "stopped"]
