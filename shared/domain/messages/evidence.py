"""What made a decision not to send true: the order, case, event, message or switch, with its id and its time.

An item is a mapping of short texts: always ``kind``, and ``id`` and ``at`` (ISO 8601, UTC) where they exist. It holds
no address and no value of a trait, because it is stored with the message and shown to operators.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from shared.domain.consent.consent import Consent
from shared.domain.consent.preferences import Preference
from shared.domain.identity.keys import time_text
from shared.domain.iys.standing import IysStanding
from shared.domain.privacy.held_rights import Mark
from shared.domain.profile.profile import Case, Order, Profile

Item = Mapping[str, str]
Evidence = tuple[Item, ...]

MOST = 3
"""Items that are kept of one decision: the item of a message stays within one write unit."""
LENGTH = 120
"""Characters that are kept of one text; ids come from outside."""


def item(kind: str, id: str = "", at: datetime | str | None = None, **more: str) -> Item:  # noqa: A002 - as in JSON
    """One item; what is empty is left out."""
    when = time_text(at) if isinstance(at, datetime) else at
    said = {"kind": kind, "id": id, "at": when or "", **more}
    return {name: text[:LENGTH] for name, text in said.items() if text}


def absent(what: str, id: str = "", since: datetime | None = None, **more: str) -> Item:  # noqa: A002 - as in JSON
    """There is no such thing: ``what`` is its kind, ``since`` the time from which it was looked for."""
    return item("absent", id, since=time_text(since) if since is not None else "", what=what, **more)


def of_order(order: Order) -> Item:
    """``at`` is the time of the order, whatever its state is now."""
    changed = {"cancelled_at": order.cancelled_at, "refunded_at": order.refunded_at}
    times = {name: time_text(at) for name, at in changed.items() if at is not None}
    return item("order", order.id, order.at, channel=order.channel, state=order.state, **times)


def of_cart(profile: Profile) -> Evidence:
    """The orders that emptied the cart, newest first; else the cart, with the time of its last change."""
    cart = profile.cart
    if not cart.count and cart.updated_at is not None:
        since = [order for order in reversed(profile.orders) if order.at >= cart.updated_at]
        if since:
            return tuple(map(of_order, since[:MOST]))
    return (item("cart", at=cart.updated_at, products=str(cart.count)),)


def of_case(case: Case) -> Item:
    """``case`` is its kind: complaint, return or refund."""
    return item("case", case.id, case.opened_at, case=case.kind, order=case.order_id)


def of_consent(said: Consent) -> Item:
    """Who withdrew or refused, and when; ``because``: the origin, such as a bounce; ``message``: by whose link."""
    return item(
        "consent",
        said.message_id,
        said.time,
        said="granted" if said.granted else "withdrawn",
        purpose=said.purpose,
        source=said.source,
        because=said.origin,
        message=said.link,
    )


def of_iys(held: IysStanding) -> Item:
    """What the register of consent holds of the address: ``unknown``, ``RET``, or what is on its way there; since
    when."""
    return item("iys", held.status, held.at, recipient_type=held.recipient_type, code=held.code)


def of_preference(said: Preference) -> Item:
    """What the customer chose on the page of preferences, when, and by the link of which message."""
    until = "" if said.paused_until is None else time_text(said.paused_until)
    often = str(said.one_in_days) if said.one_in_days else ""
    return item(
        "preference", said.message_id, said.time, paused_until=until, one_in_days=often, source=said.source,
        because=said.origin, message=said.link,
    )  # fmt: skip


def of_right(mark: Mark) -> Item:
    """By which case the person restricted or objected, and since when."""
    return item("right", mark.case, mark.since, right=mark.right.value)


def of_deadline(due: datetime, fresh_until: datetime) -> Item:
    """When the message was due, and until when it would have been fresh."""
    return item("deadline", at=due, fresh_until=time_text(fresh_until))


def detail_of(evidence: Iterable[Item]) -> str:
    """The one text that says most in a short line: the id of the first item, else its time."""
    first = next(iter(evidence), None)
    return "" if first is None else first.get("id") or first.get("at", "")
