"""What each source sent in the last 24 hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, field_validator

from functions.admin.models.base import AnswerModel, Cursor, RequestModel, Time
from shared.domain.consent.forged_withdrawals import LeftOut
from shared.stores.withdrawal_pointers import SHARDS


class Refused(AnswerModel):
    reason: str
    count: int


class UnusedField(AnswerModel):
    field: str
    reason: str
    count: int


class SourceQuota(AnswerModel):
    """What a source may send; null is no limit."""

    events_per_minute: int | None
    events_per_day: int | None
    identifiers_per_minute: int | None


class SourceActivity(AnswerModel):
    """Requests with an unknown key have no name."""

    name: str | None
    trust: Literal["public", "server", "unknown"]
    events: int
    provisional: int
    withdrawn: int
    failed: int
    refused: list[Refused]
    warnings: list[UnusedField]
    last_seen: Time | None
    busiest_minute: int
    quota: SourceQuota | None


class Sources(AnswerModel):
    items: list[SourceActivity]
    cursor: Cursor
    since: Time


class TakeBackRequest(RequestModel):
    """Withdrawals of a public source that reached us from ``from`` to ``to``. ``dry_run`` counts, and changes nothing;
    ``cursor`` is that of its page before. ``operation`` goes on with one that was begun. ``part``: only that one of
    its eight parts, so that all can be asked for at the same time; without it they come one after the other."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"from": "2026-11-30T08:00:00Z", "to": "2026-11-30T09:30:00Z", "because": "a script"}]
        },
    )
    sentences: ClassVar[Mapping[str, str]] = {
        "": "the body has from, to and because; and may have dry_run, cursor, operation and part",
        "because": "because says why, in 1 to 200 characters on one line: it stays with each consent",
        "from": "from and to are times with a zone, such as 2026-11-30T08:00:00Z",
        "to": "from and to are times with a zone, such as 2026-11-30T08:00:00Z",
    }

    begin: Annotated[str, Field(alias="from", min_length=1, max_length=40)]
    end: Annotated[str, Field(alias="to", min_length=1, max_length=40)]
    because: str = Field(min_length=1, max_length=200)
    dry_run: bool = False
    operation: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    cursor: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    part: Annotated[int, Field(ge=0, lt=SHARDS)] | None = None

    @field_validator("because")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip() or not text.isprintable():
            raise ValueError("blank, or of several lines")
        return text


class TakenBackCounts(AnswerModel):
    """``granted_again``: by so many of those that are taken back messages may go out again. ``already``: another
    operation took them back. ``left_out``: by reason."""

    withdrawals: int
    taken_back: int
    granted_again: int
    already: int
    left_out: dict[LeftOut, int]


class TakeBackAnswer(AnswerModel):
    """``counts`` are of the operation so far, those of a dry run of this page. Ask again until ``done``, or with a
    ``part`` until it is not among ``parts_left`` any more; a dry run of a part until there is no ``cursor``."""

    source: str
    operation: str | None
    done: bool
    parts_left: list[int]
    cursor: Cursor
    by: str
    counts: TakenBackCounts
