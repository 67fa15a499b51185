"""Turkey's register of consent (docs/iys.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time


class IysAccount(AnswerModel):
    code: int
    brand: int


class IysCounts(AnswerModel):
    """Recipients: with a statement that is due, on its way, or refused so that the register holds something else."""

    due: int
    pending: int
    refused: int


class IysAnswer(AnswerModel):
    """How the exchange stands. ``next_deadline``: until when the register must know the most urgent statement.
    ``unreadable``: changes of thirty days that could not be read. ``missing_since``: changes of before may be missing;
    the register is being asked of every recipient."""

    account: IysAccount | None
    required: bool
    counts: IysCounts
    next_deadline: Time | None
    read_at: Time | None
    uploads: int
    unreadable: int
    missing_since: Time | None


class IysStatement(AnswerModel):
    """One statement. ``code``: of a refusal, the register's or ``too_old``."""

    status: Literal["ONAY", "RET"]
    at: Time
    source: str
    state: Literal["due", "pending", "accepted", "refused"]
    code: str | None
    due_by: Time
    late: bool
    messageId: str | None  # noqa: N815 - as SDKs write it


class IysRecord(AnswerModel):
    """One recipient: what the register holds, and what it was told or has to be."""

    channel: str
    address: str | None
    recipient_type: Literal["BIREYSEL", "TACIR"]
    type: Literal["EPOSTA", "MESAJ"]
    status: Literal["ONAY", "RET"] | None
    status_at: Time | None
    statements: list[IysStatement]


class IysWaiting(IysRecord):
    """``customer``: the key of the address, for the paths of customers."""

    customer: str


class IysList(AnswerModel):
    items: list[IysWaiting]
    cursor: Cursor


class IysUnreadable(AnswerModel):
    """A change that could not be read. ``customer``: the key of its address, if that could be. ``row``: what is kept
    of it: no address and no name."""

    at: Time
    customer: str | None
    row: dict[str, str]


class IysUnreadableList(AnswerModel):
    items: list[IysUnreadable]


class IysRows(RequestModel):
    """Rows of the register's file, by the names of its columns."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {
                            "recipient": "ayse@example.com",
                            "recipientType": "BIREYSEL",
                            "type": "EPOSTA",
                            "status": "ONAY",
                            "consentDate": "2026-11-02 10:00:00",
                            "source": "HS_WEB",
                        }
                    ]
                }
            ]
        },
    )
    most_bytes: ClassVar[int | None] = 500_000
    sentences: ClassVar[Mapping[str, str]] = {
        "": 'the body is {"rows": [...]}, with 1 to 500 rows of the file of IYS',
        "rows": "rows holds 1 to 500 objects with recipient, recipientType, type, status and consentDate",
    }
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=500)


class IysRowsAnswer(AnswerModel):
    """``unreadable``: places of rows that cannot be read; calls (ARAMA) are among them."""

    accepted: int
    unreadable: list[int]


class IysAgain(AnswerModel):
    asked: int
