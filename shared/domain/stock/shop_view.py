"""Where a connected shop's number leaves a level (docs/connectors.md#stock).

The shop's number is a count of what can be sold there, at its time. What was moved here since then is applied to it;
what was moved before is in it. The pieces of a **pick-up of an order** are taken off by both: the shop took them off
when it was ordered. So they are added to a number of after the order, and are not subtracted twice.

More may be reserved here than the shop's number and these corrections allow; then the level stays at what is reserved,
and ``short`` is the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.stock.level import MOST, Level, StockRules
from shared.domain.stock.level_log import Entry
from shared.domain.stock.movement import LevelStep

SHOP_STEP = "shop"
"""The step of a log's entry that brings a level to where the shop's number leaves it."""
UNDATED = 1
"""``at_ms`` after a count of our own: it is newer than the shop's number, so no order is in it."""
MOST_HANDED_OUT = 20
"""Pick-ups that were handed out before the shop told of their order. It tells so within seconds."""
HoldState = Literal["waiting", "counted", "handed_out"]


class OrderHold(NamedTuple):
    """Pieces of an order of the shop that are reserved here. ``ordered_ms``: since when the shop has taken them off.

    ``waiting``: the shop's number is of before the order. ``counted``: it is of after it, so they are added to it.
    ``handed_out``: they left before a number of after the order came.
    """

    id: str
    quantity: int
    ordered_ms: int
    state: HoldState


class ShopView(Struct, frozen=True):
    """``at_ms``: of when the shop's number is; 0 if no shop counts the level. ``untracked``: the shop counted these
    pieces and counts them no more, so nobody knows how many there are."""

    at_ms: int = 0
    short: int = 0
    holds: tuple[OrderHold, ...] = ()
    untracked: bool = False


NO_SHOP = ShopView()


class OrderStep(Struct, frozen=True):
    """What a step of a pick-up is about: its id, and for a reservation since when the shop has taken the pieces off."""

    id: str
    ordered_ms: int | None = None


class Moved(Struct, frozen=True):
    """What a step does beside its own change: the view after it, and how far it moves where the level stands."""

    view: ShopView
    shift: int = 0
    ours: bool = True
    """False for pieces that the shop has taken off itself: to collect them is no further sale."""


def moved(view: ShopView, step: LevelStep, order: OrderStep | None) -> Moved:
    """What a step means for the shop's view of a level."""
    if view.at_ms == 0:
        return Moved(view)
    if step.step == "count":
        waiting = tuple(one._replace(state="waiting") for one in view.holds if one.state != "handed_out")
        return Moved(ShopView(UNDATED, 0, waiting))
    if step.step in {"receipt", "transfer_in"}:  # a piece that comes back is no sign that somebody counts them here
        view = replace(view, untracked=False)
    if order is None:
        return Moved(view)
    if step.step == "reserve":
        return _held(view, step.quantity, order)
    found = next((one for one in view.holds if _is(one, order, step)), None)
    if found is None or step.step not in {"collect", "release"}:
        return Moved(view)
    at = view.holds.index(found)
    rest = view.holds[:at] + view.holds[at + 1 :]
    counted = found.state == "counted"
    if step.step == "release":
        return Moved(replace(view, holds=rest), -step.quantity if counted else 0)
    gone = () if counted else (found._replace(state="handed_out"),)
    return Moved(replace(view, holds=_bounded((*rest, *gone))), -step.quantity, ours=False)


def _held(view: ShopView, quantity: int, order: OrderStep) -> Moved:
    if order.ordered_ms is None:
        return Moved(view)
    counted = order.ordered_ms <= view.at_ms
    hold = OrderHold(order.id, quantity, order.ordered_ms, "counted" if counted else "waiting")
    return Moved(replace(view, holds=(*view.holds, hold)), quantity if counted else 0)


def _is(hold: OrderHold, order: OrderStep, step: LevelStep) -> bool:
    return hold.state != "handed_out" and (hold.id, hold.quantity) == (order.id, step.quantity)


def _bounded(holds: tuple[OrderHold, ...]) -> tuple[OrderHold, ...]:
    """Without the oldest that were handed out, if there are too many: a shop that tells nothing more fills no item."""
    gone = [one for one in holds if one.state == "handed_out"]
    dropped = set(gone[: max(0, len(gone) - MOST_HANDED_OUT)])
    return tuple(one for one in holds if one not in dropped)


def settled(level: Level, view: ShopView, shift: int, rules: StockRules) -> tuple[Level, ShopView]:
    """What has to be added to a level after a step so that it stands where the shop's number leaves it.

    ``level`` is that after the step's own change. Nothing is added where no shop counts.
    """
    if view.at_ms == 0:
        return Level(), view
    stands = level.on_hand - view.short + shift
    return _to(level, view, stands, rules)


def told(
    level: Level, view: ShopView, number: int | None, at_ms: int, entries: Sequence[Entry], rules: StockRules
) -> tuple[Level, ShopView] | None:
    """What has to be added to a level after the shop said a number; None if a count of our own is newer.

    Parameters
    ----------
    number
        What can be sold there at ``at_ms``; None if the shop does not count these pieces any more.
    entries
        Of the level's log, all those of ``at_ms`` or later.
    """
    since = [one for one in entries if one.at_ms >= at_ms and one.step != SHOP_STEP]
    if any(one.step == "count" for one in since):
        return None
    holds = tuple(hold for one in view.holds if (hold := _at(one, at_ms)) is not None)
    ordered = sum(_part(one) for one in holds)
    stands = (number or 0) + ordered + sum(one.change.on_hand for one in since)
    change, after = _to(level, ShopView(at_ms, holds=holds), stands, rules)
    return change, replace(after, untracked=number is None)


def _at(hold: OrderHold, at_ms: int) -> OrderHold | None:
    """The hold beside a number of this time; None if it is over and in the number."""
    if hold.state == "handed_out":
        return None if hold.ordered_ms <= at_ms else hold
    return hold._replace(state="counted" if hold.ordered_ms <= at_ms else "waiting")


def _part(hold: OrderHold) -> int:
    """What a hold adds to the shop's number."""
    return {"waiting": 0, "counted": hold.quantity, "handed_out": -hold.quantity}[hold.state]


def _to(level: Level, view: ShopView, stands: int, rules: StockRules) -> tuple[Level, ShopView]:
    wanted = min(stands if rules.backorder else max(stands, level.reserved), MOST)
    return Level(on_hand=wanted - level.on_hand), replace(view, short=max(0, wanted - stands))
