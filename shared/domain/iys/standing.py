"""What IYS says of one address in the moment of sending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from shared.domain.iys.record import Record
from shared.domain.iys.statement import RecipientType


class IysStanding(Struct, frozen=True):
    """``status``: ``ONAY``, ``RET`` or ``unknown``; while IYS has not answered, ``due``, ``pending`` or ``refused``,
    with its ``code``."""

    approved: bool
    status: str = "unknown"
    at: datetime | None = None
    recipient_type: RecipientType = "BIREYSEL"
    code: str = ""


def standing(records: Iterable[Record], recipient_type: RecipientType) -> IysStanding:
    """Of the kind of recipient who agreed. Who is approved as another kind did not agree to this."""
    record = next((one for one in records if one.recipient_type == recipient_type), None)
    if record is None:
        return IysStanding(approved=False, recipient_type=recipient_type)
    if record.known is not None and record.approved:
        return IysStanding(True, "ONAY", record.known.at, recipient_type)
    open_, refused = record.open, record.unsettled
    if open_ is not None:
        return IysStanding(False, open_.state, open_.at, recipient_type)
    if refused is not None:
        return IysStanding(False, "refused", refused.at, recipient_type, refused.code)
    known = record.known
    return IysStanding(False, known.status if known else "unknown", known.at if known else None, recipient_type)
