"""What the paths of stock take and answer (docs/stock.md). ``functions/stock`` reads requests without these models."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, Time

Kind = Literal["sale", "return", "receipt", "transfer", "count", "reserve"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_KEY = Field(min_length=1, max_length=100, description="names the request: sent again, it changes nothing")
_HOLD = Field(None, description="how long the pieces are held, such as 30m or 3d", examples=["30m"])


class StockLine(BaseModel):
    """What a line does not say, the request says for all."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    sku: str = Field(min_length=1, max_length=100)
    location: str | None = Field(None, max_length=64)
    quantity: int = Field(ge=0, le=1_000_000_000, description="0 only where it was counted")
    to: str | None = Field(None, max_length=64, description="where a transfer goes")
    arrival: Literal["expected", "arrived"] | None = None


class MovementRequest(BaseModel):
    """One line written into the request, or several under ``lines``; or the end of a reservation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"key": "till-7-1042", "kind": "sale", "location": "kadikoy", "sku": "jacket-m", "quantity": 1}
            ]
        },
    )

    key: str = _KEY
    kind: Kind | Literal["release"] | None = None
    sku: str | None = None
    location: str | None = None
    quantity: int | None = None
    to: str | None = None
    arrival: Literal["expected", "arrived"] | None = None
    lines: list[StockLine] | None = Field(None, min_length=1, max_length=100)
    order_id: str | None = None
    all_or_nothing: bool = True
    reservation: str | None = Field(None, description="ends this reservation by a sale or a release")
    expires_in: str | None = _HOLD


class ReservationRequest(BaseModel):
    """Reserves all lines or none."""

    model_config = ConfigDict(extra="forbid")

    key: str = _KEY
    sku: str | None = None
    location: str | None = None
    quantity: int | None = None
    lines: list[StockLine] | None = Field(None, min_length=1, max_length=100)
    order_id: str | None = None
    expires_in: str | None = _HOLD


class ReleaseRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: str = _KEY


class LocationRequest(BaseModel):
    """``safety``: pieces that no reservation takes. ``backorder``: more may be sold than is there.

    ``ready_within``: how long
    an order takes to prepare while the store is open."""

    model_config = ConfigDict(extra="forbid")

    label: str | None = Field(None, max_length=100)
    safety: int = Field(0, ge=0)
    backorder: bool = False
    pickup: bool = False
    city: str | None = Field(None, max_length=60)
    address: str | None = Field(None, max_length=200)
    opening: dict[Day, str] | None = Field(None, examples=[{"mon": "10:00-22:00", "sun": "12:00-20:00"}])
    closed: list[str] | None = Field(None, max_length=60, examples=[["2026-12-31"]])
    ready_within: str | None = Field(None, examples=["2h"])


class StockNumbers(AnswerModel):
    """``available`` is ``on_hand - reserved``."""

    on_hand: int
    reserved: int
    incoming: int
    available: int


class MovedLine(AnswerModel):
    """``level``: that of the line's location after the request; null if the line was refused."""

    kind: Kind
    sku: str
    location: str
    quantity: int
    state: Literal["applied", "repeated", "refused"]
    reason: Literal["out_of_stock", "below_reserved", "not_reserved", "too_many", "key_reused", "unavailable"] | None
    level: StockNumbers | None


class MovementsAnswer(AnswerModel):
    key: str
    applied: int
    refused: int
    items: list[MovedLine]


class ReservedLine(AnswerModel):
    sku: str
    location: str
    quantity: int


class StockReservation(AnswerModel):
    """``id`` is the key of the request that made it."""

    id: str
    state: Literal["open", "released", "expired", "collected"]
    until: Time
    order_id: str | None
    lines: list[ReservedLine]


class ReservationAnswer(AnswerModel):
    reservation: StockReservation


class EndedAnswer(AnswerModel):
    """To a movement that made or ended a reservation."""

    key: str
    reservation: StockReservation


class LevelAtLocation(StockNumbers):
    """``promisable``: what a reservation may still take. ``ready_by``: when the store promises to have an order of now
    ready for pick-up; null if it promises nothing."""

    location: str
    promisable: int
    backorder: bool
    pickup: bool
    ready_by: Time | None


class SkuLevels(AnswerModel):
    sku: str
    total: StockNumbers
    locations: list[LevelAtLocation]


class StockLocation(AnswerModel):
    location: str
    label: str
    safety: int
    backorder: bool
    pickup: bool
    city: str | None
    address: str | None
    opening: dict[Day, str]
    closed: list[str]
    ready_within: str | None


class StockLocations(AnswerModel):
    items: list[StockLocation]
    cursor: Cursor


class StockError(AnswerModel):
    """An error with what it is about: the line, its sku and location, or the state of the reservation."""

    error: str = Field(examples=["out_of_stock"])
    message: str = Field(description="a sentence that says what to do")
    index: int | None = None
    sku: str | None = None
    location: str | None = None
    state: str | None = None


class PickupRequest(BaseModel):
    """Holds the pieces of an order at a location that serves pick-up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "key": "P-1042",
                    "customer": "user:42",
                    "order_id": "A-1042",
                    "location": "kadikoy",
                    "lines": [{"sku": "jacket-m", "quantity": 1}],
                }
            ]
        },
    )

    key: str = _KEY
    customer: str = Field(description="`user:42`, `email:ayse@example.com`, ...")
    order_id: str | None = None
    ordered_at: str | None = Field(
        None,
        description="When the order was placed in a connected shop; if absent, five minutes before this request.",
    )
    location: str
    sku: str | None = None
    quantity: int | None = None
    lines: list[StockLine] | None = Field(None, min_length=1, max_length=50)
    expires_in: str | None = _HOLD


class ReadyRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expires_in: str | None = _HOLD


class CollectRequest(BaseModel):
    """``without_code``: the customer was recognised otherwise; takes the admin key."""

    model_config = ConfigDict(extra="forbid")

    code: str | None = None
    without_code: bool = False


class NothingMore(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReturnRequest(BaseModel):
    """What was ordered anywhere comes back to a store."""

    model_config = ConfigDict(extra="forbid")

    key: str = _KEY
    customer: str
    order_id: str
    location: str
    sku: str | None = None
    quantity: int | None = None
    lines: list[StockLine] | None = Field(None, min_length=1, max_length=50)
    refund: str | float = Field(description="what the customer gets back", examples=["249.90"])
    refund_id: str | None = Field(None, description="what the shop's platform calls the refund, if it reports it too")
    currency: str = Field(pattern="^[A-Z]{3}$")


class PickupLineAnswer(AnswerModel):
    sku: str
    quantity: int


class StorePickup(AnswerModel):
    """``locked``: too many wrong codes. The code itself is told to the customer only."""

    id: str
    state: Literal["requested", "ready", "picked_up", "expired", "cancelled"]
    since: Time
    until: Time
    location: str
    order_id: str | None
    locked: bool
    lines: list[PickupLineAnswer]


class PickupAnswer(AnswerModel):
    pickup: StorePickup


class ReturnedLine(AnswerModel):
    sku: str
    location: str
    quantity: int
    level: StockNumbers


class ReturnAnswer(AnswerModel):
    key: str
    order_id: str
    repeated: bool
    items: list[ReturnedLine]
