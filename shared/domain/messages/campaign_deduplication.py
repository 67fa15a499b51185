"""A campaign speaks to a person once, though his addresses change and profiles become one: which message it stands by.

Its message ids are made of the address, so the ledger alone cannot tell. What can is the root's ``sends``: in the write
that reserves the place under the caps stands which message goes out for the campaign, and members' notes are joined.
Who finds another message noted asks the ledger what became of it, and goes on only if it can never go out any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from shared.domain.messages.request import SendRequest

KEPT = timedelta(days=9)
"""How long it is remembered after the message has become stale: as long as its coupon."""


class Noted(Struct, frozen=True):
    """``message`` goes out for ``unit``, or went out; nobody asks any more after ``until``."""

    unit: str
    message: str
    until: datetime


Notes = frozenset[Noted]


def once(request: SendRequest) -> bool:
    """A step of a journey has one message per channel by its id; a test may be repeated as often as somebody likes."""
    return request.campaign is not None and not request.test


def others(notes: Iterable[Noted], request: SendRequest) -> list[str]:
    """The other messages that were noted for the request's unit: of members that became one there may be several."""
    if not once(request):
        return []
    return sorted({one.message for one in notes if one.unit == request.unit} - {request.message_id})


def is_noted(notes: Iterable[Noted], request: SendRequest) -> bool:
    """True if places that the unit reserved are this message's: always where nothing is noted."""
    return not once(request) or any((one.unit, one.message) == (request.unit, request.message_id) for one in notes)


def note(notes: Notes, request: SendRequest, now: datetime) -> Notes:
    """This message instead of others of its unit, and without what nobody asks for any more."""
    if not once(request):
        return notes
    kept = {one for one in notes if one.unit != request.unit and one.until > now}
    return frozenset({*kept, Noted(request.unit, request.message_id, request.fresh_until + KEPT)})


def forget(notes: Notes, request: SendRequest) -> Notes:
    """The message definitely did not go out."""
    return frozenset(one for one in notes if (one.unit, one.message) != (request.unit, request.message_id))
