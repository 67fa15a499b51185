"""Whether a condition holds for a customer now, and what makes it hold: one small answer for each node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.journeys.conditions import (
    LOOKED,
    LOOKS,
    AllOf,
    AnyOf,
    Bought,
    Condition,
    InCart,
    LookedAgain,
    Not,
    OpenCase,
    Ordered,
    OrderedRule,
    SameOrder,
)
from shared.domain.profile import Order, Profile
from shared.domain.segments.evaluation import evaluate_node
from shared.domain.segments.language import CartIs, InSegment, Leaf
from shared.domain.segments.subject import Subject
from shared.domain.shop import Shop


class Definitions(Protocol):
    """What conditions ask of a release."""

    @property
    def shop(self) -> Shop: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What conditions are asked by."""

    shop: Shop

    @classmethod
    def of(cls, release: Definitions) -> Rules:
        return cls(release.shop)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of whom, by which rules and when it is asked. ``clock`` is that of the run, ``values`` what the event that began
    it named (``Trigger.values``)."""

    profile: Profile
    rules: Rules
    now: datetime
    clock: datetime
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a condition holds: the word of the node, and the order if it was one."""

    word: str
    order: Order | None = None


def evidence(condition: Condition, at: Circumstances) -> Evidence | None:
    """None if the condition does not hold, else what made it hold.

    An order at the same instant as the clock is since the clock.
    """
    match condition:
        case Ordered():
            order = _ordered(condition.ordered, at)
            return None if order is None else Evidence("ordered", order)
        case SameOrder():
            wanted = at.values.get(condition.order.same)
            order = next((one for one in at.profile.orders if one.id == wanted), None)
            return Evidence("order", order) if order and order.state in condition.order.status else None
        case OpenCase():
            return Evidence("open_case") if _open_case(condition.open_case.same, at) else None
        case Bought():
            order = _bought(at.values.get(condition.bought.same), at)
            return None if order is None else Evidence("bought", order)
        case InCart():
            wanted = at.values.get(condition.in_cart.same)
            held = wanted is not None and any(line.product_id == wanted for line in at.profile.cart.items)
            return Evidence("in_cart") if held else None
        case LookedAgain():
            return Evidence("looked_again") if _looked_again(condition.looked_again.within, at) else None
        case AnyOf():
            return next((found for part in condition.any if (found := evidence(part, at))), None)
        case AllOf():
            parts = [evidence(part, at) for part in condition.all]
            return next((part for part in parts if part and part.order), parts[0]) if all(parts) else None
        case Not():
            return None if evidence(condition.not_, at) else Evidence("not")
        case _:
            return _of_segments(condition, at)


def _ordered(rule: OrderedRule, at: Circumstances) -> Order | None:
    if rule.within is None:
        return next((order for order in at.profile.orders if order.at >= at.clock), None)
    return next((order for order in at.profile.orders if order.at > at.now - rule.within), None)


def _open_case(same: str | None, at: Circumstances) -> bool:
    if same is None:
        return any(case.open for case in at.profile.cases)
    wanted = at.values.get(same)
    return wanted is not None and any(case.open and case.order_id == wanted for case in at.profile.cases)


def _bought(product: str | None, at: Circumstances) -> Order | None:
    if product is None:
        return None
    since = (order for order in at.profile.orders if order.at >= at.clock)
    return next((order for order in since if any(one == product for one, _, _ in order.products)), None)


def _looked_again(within: timedelta, at: Circumstances) -> bool:
    """More looks than different products: each of the products has its newest look among them."""
    occurred = at.profile.seen.get(LOOKED, ())
    looks = [when for when, _ in occurred if at.now - within < when <= at.now][:LOOKS]
    return bool(looks) and len(looks) > sum(1 for product in at.profile.viewed if product.at >= looks[-1])


def _of_segments(node: Leaf, at: Circumstances) -> Evidence | None:
    """A node of the segment language, as segments mean it; memberships as segmentation decided them, which is before
    schedule hears of a change, and within a minute of the instant at which they flip."""
    if isinstance(node, CartIs):
        rule = node.cart
        if rule.value is None and rule.age is None and rule.items is not None:
            held = rule.items.allows(at.profile.cart.count)
            return Evidence("cart" if at.profile.cart.count else "cart_empty") if held else None
    if isinstance(node, InSegment):
        return Evidence("segment") if node.in_segment in at.profile.segments else None
    held = evaluate_node(node, Subject(at.profile, at.rules.shop), at.now).value
    return Evidence("cart" if isinstance(node, CartIs) else "segment") if held else None
