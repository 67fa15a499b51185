"""Complaints, returns and refunds as facts: when each was last opened, and what was closed when."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from shared.domain.events.event import Event
from shared.domain.facts import values
from shared.domain.facts.newest import Newest, Stamp

MAX_CASES = 20
MAX_CLOSINGS = 60
"""More than cases, since one closing may be remembered under two names."""

COMPLAINT, RETURN, REFUND = "c", "t", "f"
BY_ID, BY_ORDER, UNNAMED = "#", "/", "*"
"""After the letter of the kind: this very case; all of an order; all that bear no name."""

_OPENS: Mapping[str, str] = {
    "Case Opened": COMPLAINT,
    "Complaint Opened": COMPLAINT,
    "Return Opened": RETURN,
    "Return Requested": RETURN,
    "Refund Requested": REFUND,
}
_CLOSES: Mapping[str, str] = {
    "Case Closed": COMPLAINT,
    "Case Resolved": COMPLAINT,
    "Complaint Closed": COMPLAINT,
    "Complaint Resolved": COMPLAINT,
    "Return Closed": RETURN,
    "Return Completed": RETURN,
    "Return Cancelled": RETURN,
    "Refund Completed": REFUND,
}
CASE_EVENTS = frozenset({*_OPENS, *_CLOSES})
_OF_KIND: Mapping[str, str] = {"complaint": COMPLAINT, "return": RETURN, "refund": REFUND}
"""What the property ``kind`` of ``Case Opened`` and ``Case Closed`` says: a conversation may be about any of these."""
_SAYS_KIND = frozenset({"Case Opened", "Case Closed"})

_IDS: Mapping[str, tuple[str, ...]] = {
    COMPLAINT: ("complaint_id", "case_id", "ticket_id"),
    RETURN: ("return_id", "case_id", "ticket_id"),
    REFUND: ("refund_id", "case_id", "ticket_id"),
}


def _opened() -> Newest:
    return Newest(MAX_CASES)


def _closed() -> Newest:
    return Newest(MAX_CLOSINGS)


class CaseFacts(Struct):
    """``opened``: per case its newest opening; the value is the order's id, empty if it named none, None if it named
    neither itself nor an order. ``closed``: the newest closing of a case, of all cases of an order, of all without a
    name.

    A case is named by its own id, else by its order, else by the event that opened it. A closing that names only the
    order closes all of the order's cases of that kind; one that names nothing, those that bear no name. ``Order
    Refunded`` is no closing here: the refunds of the order say it already.
    """

    opened: Newest = field(default_factory=_opened)
    closed: Newest = field(default_factory=_closed)

    def absorb(self, other: CaseFacts) -> None:
        self.opened.absorb(other.opened)
        self.closed.absorb(other.closed)

    def copy(self) -> CaseFacts:
        return CaseFacts(self.opened.copy(), self.closed.copy())


def both_cases(mine: CaseFacts | None, theirs: CaseFacts | None) -> CaseFacts | None:
    """The join, in ``mine`` if there is one; None is nothing, as most people have."""
    if theirs is None:
        return mine
    if mine is None:
        return theirs.copy()
    mine.absorb(theirs)
    return mine


def case_of(event: Event, stamp: Stamp) -> CaseFacts:
    """What one of ``CASE_EVENTS`` says."""
    facts = CaseFacts()
    kind = _kind_of(event)
    own = next(filter(None, (values.id_of(event.properties.get(name)) for name in _IDS[kind])), "")
    order = values.id_of(event.properties.get("order_id"))
    if event.name in _OPENS:
        facts.opened.put(f"{kind}{BY_ID}{own or order or stamp[1]}", (*stamp, order if own or order else None))
        return facts
    if own:
        facts.closed.put(f"{kind}{BY_ID}{own}", (*stamp, None))
    if own and order:  # the opening may have said less, and be named by its order
        facts.closed.put(f"{kind}{BY_ID}{order}", (*stamp, None))
    elif not own:
        facts.closed.put(f"{kind}{BY_ORDER}{order}" if order else f"{kind}{UNNAMED}", (*stamp, None))
    facts.closed.trim()
    return facts


def _kind_of(event: Event) -> str:
    said = event.properties.get("kind")
    if event.name in _SAYS_KIND and isinstance(said, str) and said in _OF_KIND:
        return _OF_KIND[said]
    return _OPENS.get(event.name) or _CLOSES[event.name]
