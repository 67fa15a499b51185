"""Cases made readable: which are open, and when the others were closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from shared.domain.facts.cases import BY_ID, BY_ORDER, COMPLAINT, REFUND, RETURN, UNNAMED, CaseFacts
from shared.domain.facts.orders import OrderFacts
from shared.domain.identity.keys import moment
from shared.domain.profile.profile import Case

_KINDS: Mapping[str, Literal["complaint", "return", "refund"]] = {
    COMPLAINT: "complaint",
    RETURN: "return",
    REFUND: "refund",
}


def cases_view(facts: CaseFacts, orders: Mapping[str, OrderFacts]) -> tuple[Case, ...]:
    """Oldest first. A closing at the instant of the opening closes it; opened again later, a case is open again.

    A case so old that the closings of its time are forgotten counts as closed then: marketing does not pause forever.
    """
    found = []
    for name, (opened, _, order) in facts.opened.entries.items():
        closings = [when for when in _closings(name, order, facts, orders) if when >= opened]
        found.append(
            Case(
                id=name[2:],
                kind=_KINDS[name[0]],
                order_id=order or "",
                opened_at=moment(opened),
                closed_at=moment(max(closings)) if closings else None,
            )
        )
    return tuple(sorted(found, key=lambda case: (case.opened_at, case.kind, case.id)))


def _closings(name: str, order: str | None, facts: CaseFacts, orders: Mapping[str, OrderFacts]) -> Iterator[int]:
    kind = name[0]
    wanted = [f"{kind}{BY_ID}{name[2:]}"]
    if order is None:
        wanted = [f"{kind}{UNNAMED}"]
    elif order:
        wanted.append(f"{kind}{BY_ORDER}{order}")
    yield from (facts.closed.entries[one][0] for one in wanted if one in facts.closed.entries)
    if facts.closed.floor is not None:
        yield facts.closed.floor[0]
    if kind != COMPLAINT and order and order in orders:
        yield from (entry[0] for entry in orders[order].refunds.entries.values())
