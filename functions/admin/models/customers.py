"""A customer (docs/customer.md)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, Evidence, Time
from functions.admin.models.profile import Preference, Profile


class ConsentState(AnswerModel):
    """Whether a channel may be used for a purpose now, and the statement that decides it."""

    granted: bool
    at: Time
    source: str
    origin: str = ""
    text_version: str = ""


class CustomerLine(AnswerModel):
    """A product in the cart or on the wishlist, with everything that channels told of it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    product_id: str
    quantity: int
    price: float = 0.0


class CustomerCart(AnswerModel):
    items: list[CustomerLine]
    updated_at: Time | None


class ProvisionalOrder(AnswerModel):
    """An order that only a public source reported."""

    id: str
    at: Time
    channel: str


class Orders(AnswerModel):
    """Orders that count, refunds taken off."""

    count: int
    total: float
    average: float | None
    currency: str
    first_at: Time | None
    last_at: Time | None
    cycle_days: float | None
    provisional: list[ProvisionalOrder] = Field(default_factory=list)


class EnrollmentStep(AnswerModel):
    """One step of an enrollment: handed over, skipped with its reason, or decided (which way it went)."""

    step: str
    at: Time
    state: Literal["handed_over", "skipped", "decided"]
    choice: str = ""
    reason: str = ""
    evidence: Evidence | None = None


class EnrollmentAnswer(AnswerModel):
    """An enrollment in a journey; one that ended says why."""

    journey: str
    id: str
    state: Literal["live", "ended"]
    release: int
    started_at: Time
    clock: Time | None
    steps: list[EnrollmentStep]
    reason: str = ""
    ended_at: Time = Field(default_factory=str)
    evidence: dict[str, Any] = Field(default_factory=dict)


class FoundCustomer(AnswerModel):
    """``found_by`` is ``name``, ``order``, ``card``, or a type of identifiers. ``orders`` are those that count."""

    id: str
    name: str | None
    identifiers: list[str]
    found_by: str
    orders: int
    last_at: Time | None
    segments: list[str]


class FoundCustomers(AnswerModel):
    items: list[FoundCustomer]
    cursor: Cursor


class Customer(AnswerModel):
    """One person, with everything that is known under all of the identifiers."""

    id: str
    identifiers: list[str]
    traits: dict[str, Any]
    consent: dict[str, dict[str, ConsentState]]
    segments: dict[str, Time]
    cart: CustomerCart
    wishlist: list[CustomerLine]
    orders: Orders
    preferred_channel: str | None
    preferred_channel_because: Preference
    active_hours: list[int]
    journeys: list[EnrollmentAnswer]
    profile: Profile
