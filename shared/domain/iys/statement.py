"""A statement as IYS takes it: yes or no of one recipient for one kind of message, with its time and its way."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

Status = Literal["ONAY", "RET"]
MessageType = Literal["EPOSTA", "MESAJ"]
RecipientType = Literal["BIREYSEL", "TACIR"]
RECIPIENT_TYPES: tuple[RecipientType, ...] = ("BIREYSEL", "TACIR")
State = Literal["due", "pending", "accepted", "refused"]

TYPE_OF_CHANNEL: dict[str, MessageType] = {"email": "EPOSTA", "sms": "MESAJ"}
CHANNEL_OF_TYPE: dict[str, str] = {kind: channel for channel, kind in TYPE_OF_CHANNEL.items()}

TOO_OLD = "too_old"
"""Kervan's own code for a grant that was not sent: its time is more than three business days ago (IYS: H155)."""
BUSINESS_DAYS = 3


class Known(Struct, frozen=True):
    """What IYS holds: the status, and the time that it gives for it (whole seconds), which the next one must pass.

    ``since``: from when on it counts here, if that is another time: IYS gave one that lay ahead, or takes no other.
    """

    status: Status
    at: datetime
    since: datetime | None = None

    @property
    def counts_from(self) -> datetime:
        return self.since or self.at


class Statement(Struct, frozen=True):
    """One change that IYS is told.

    Attributes
    ----------
    at
        What is sent as ``consentDate``, in whole seconds.
    due_by
        Until when IYS must know it.
    code
        Of a refusal: IYS's, or TOO_OLD.
    said
        The id of the statement of consent behind it.
    batch
        The upload that it went with, of one that is pending.
    late
        A withdrawal that could not be told in time: ``at`` is the earliest time that IYS still takes.
    since
        From when on it counts here, if ``at`` had to be later.
    """

    status: Status
    at: datetime
    source: str
    due_by: datetime
    said: str = ""
    state: State = "due"
    code: str = ""
    batch: str = ""
    late: bool = False
    since: datetime | None = None

    @property
    def counts_from(self) -> datetime:
        return self.since or self.at


class Upload(Struct, frozen=True):
    """A statement on its way to IYS."""

    recipient: str
    recipient_type: RecipientType
    type: MessageType
    status: Status
    at: datetime
    source: str


class Change(Struct, frozen=True):
    """A change as IYS tells it: in its list of changes, by its file, or pushed."""

    recipient: str
    recipient_type: RecipientType
    type: MessageType
    status: Status
    at: datetime
    source: str
    id: str = ""


class Outcome(Struct, frozen=True):
    """What became of one statement of an upload. ``code`` is empty where it was taken."""

    index: int
    state: Literal["accepted", "refused", "pending"]
    code: str = ""
