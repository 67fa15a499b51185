"""What is known of a customer beside identifiers, cart and orders (docs/customer.md)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from functions.admin.models.base import AnswerModel, Time


class PreferredOn(AnswerModel):
    received: int
    answered: int
    rate: float | None
    last_reaction_at: Time | None
    at_least: bool


class Preference(AnswerModel):
    """Why a channel is preferred, or why none is; ``trait`` and ``at`` where the customer said so."""

    by: Literal["said", "learned", "too_little", "no_reaction"]
    trait: str = ""
    at: Time | None = None
    window_days: int = 0
    channels: dict[str, PreferredOn] = Field(default_factory=dict)


class Demographic(AnswerModel):
    birthday: str | None
    age: int | None
    gender: str | None
    city: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    job_title: str | None
    company: str | None
    industry: str | None
    time_zone: str


class BoughtCategory(AnswerModel):
    category: str
    orders: int
    amount: float
    first_at: Time
    last_at: Time


class BoughtChannel(AnswerModel):
    channel: str
    orders: int
    amount: float
    first_at: Time
    last_at: Time


class ViewedProduct(AnswerModel):
    product_id: str
    name: str
    category: str
    at: Time


class ViewedCategory(AnswerModel):
    category: str
    at: Time


class Behavioural(AnswerModel):
    days_since_last_order: int | None
    cycle_days: float | None
    currency: str
    categories: list[BoughtCategory]
    channels: list[BoughtChannel]
    viewed_products: list[ViewedProduct]
    viewed_categories: list[ViewedCategory]


class ChannelEngagement(AnswerModel):
    received: int
    answered: int
    rate: float | None
    opened: int
    clicked: int
    tapped: int
    visited: int
    machine_opened: int
    machine_clicked: int
    last_reaction_at: Time | None
    at_least: bool


class ActiveHour(AnswerModel):
    hour: int
    days: int


class ChannelVisits(AnswerModel):
    hours: int
    days: int
    last_at: Time


class Visits(AnswerModel):
    channels: dict[str, ChannelVisits]
    at_least: bool


class Engagement(AnswerModel):
    window_days: int
    channels: dict[str, ChannelEngagement]
    active_hours: list[ActiveHour]
    visits: Visits


class Profile(AnswerModel):
    """The three kinds of data about a customer."""

    demographic: Demographic
    behavioural: Behavioural
    engagement: Engagement
